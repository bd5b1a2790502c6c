"""Whether a product makes sense by itself: rules that need no database."""

from collections.abc import Iterator

import msgspec

from charsu.catalog import problems as reasons
from charsu.catalog.model import ProductDraft, normal_gtin, sku_key
from charsu.catalog.problems import Problem, problem


def problems_of(draft: ProductDraft) -> list[Problem]:
    """Everything that is wrong with a normal draft by itself; empty when it may be stored."""
    return [
        *_text_problems(draft),
        *_sku_problems(draft),
        *_gtin_problems(draft),
        *_option_problems(draft),
    ]


def _text_problems(draft: ProductDraft) -> Iterator[Problem]:
    if b"\\u0000" in msgspec.json.encode(draft):
        yield problem(reasons.UNPRINTABLE, "texts")


def _sku_problems(draft: ProductDraft) -> Iterator[Problem]:
    seen: set[str] = set()
    for variant in draft.variants:
        key = sku_key(variant.sku)
        if not key:
            yield problem(reasons.SKU_EMPTY, "sku")
        elif key in seen:
            yield problem(reasons.SKU_REPEATED, "sku", sku=variant.sku)
        seen.add(key)
    for media in draft.media:
        if media.sku is not None and sku_key(media.sku) not in seen:
            yield problem(reasons.MEDIA_SKU_UNKNOWN, "media", sku=media.sku)


def _gtin_problems(draft: ProductDraft) -> Iterator[Problem]:
    seen: set[str] = set()
    for variant in draft.variants:
        if variant.gtin is None:
            continue
        if normal_gtin(variant.gtin) is None:
            yield problem(reasons.GTIN_INVALID, "gtin", gtin=variant.gtin)
        elif variant.gtin in seen:
            yield problem(reasons.GTIN_REPEATED, "gtin", gtin=variant.gtin)
        seen.add(variant.gtin)


def _option_problems(draft: ProductDraft) -> Iterator[Problem]:
    offered = {option.name: {value.value for value in option.values} for option in draft.options}
    named = sum(len(values) for values in offered.values())
    if len(offered) < len(draft.options) or named < sum(len(o.values) for o in draft.options):
        yield problem(reasons.OPTION_REPEATED, "options")
    seen: set[frozenset[tuple[str, str]]] = set()
    for variant in draft.variants:
        if variant.options.keys() != offered.keys():
            yield problem(reasons.OPTIONS_INCOMPLETE, "options", sku=variant.sku)
        elif any(value not in offered[name] for name, value in variant.options.items()):
            yield problem(reasons.OPTION_VALUE_UNKNOWN, "options", sku=variant.sku)
        choice = frozenset(variant.options.items())
        if choice in seen:
            yield problem(reasons.SAME_CHOICE, "options", sku=variant.sku)
        seen.add(choice)
