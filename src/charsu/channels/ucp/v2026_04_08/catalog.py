"""The catalog as this version writes it."""

from collections.abc import Sequence
from typing import Any

from charsu.channels.ucp.capabilities import LOOKUP, SEARCH, Active
from charsu.channels.ucp.naming import product_name, variant_name
from charsu.channels.ucp.queries.find_goods import (
    GoodsAnswer,
    GoodsFound,
    OptionFound,
    VariantFound,
)
from charsu.channels.ucp.v2026_04_08.profile import envelope
from charsu.channels.ucp.versions import ProductAsk


def found(answer: GoodsAnswer, active: Active) -> dict[str, Any]:
    """What a search found."""
    pagination: dict[str, Any] = {
        "has_next_page": answer.next is not None,
        "total_count": answer.total,
    }
    if answer.next is not None:
        pagination["cursor"] = answer.next
    return {
        "ucp": envelope(SEARCH, active),
        "products": [product(one, answer.currency) for one in answer.goods],
        "pagination": pagination,
    }


def looked_up(answer: GoodsAnswer, active: Active) -> dict[str, Any]:
    """Each product once, with the variants that were named and what named them."""
    products = []
    for goods in answer.goods:
        written = product(goods, answer.currency)
        inputs = _inputs(goods, answer)
        written["variants"] = [
            {**variant, "inputs": inputs[variant["id"]]}
            for variant in written["variants"]
            if variant["id"] in inputs
        ]
        if written["variants"]:
            products.append(written)
    return {"ucp": envelope(LOOKUP, active), "products": products}


def _inputs(goods: GoodsFound, answer: GoodsAnswer) -> dict[str, list[dict[str, str]]]:
    """By variant: the names that mean it; a product's own name means its first variant."""
    first = _featured(goods.variants)
    known = {variant.id for variant in goods.variants}
    inputs: dict[str, list[dict[str, str]]] = {}
    for name, (product_id, variant_id) in answer.meant.items():
        if product_id != goods.id or (variant_id is not None and variant_id not in known):
            continue
        match = "exact" if variant_id else "featured"
        entry = {"id": name, "match": match}
        inputs.setdefault(variant_name(variant_id or first.id), []).append(entry)
    return inputs


def _featured(variants: Sequence[VariantFound]) -> VariantFound:
    return next((one for one in variants if one.is_there), variants[0])


def detailed(answer: GoodsAnswer, ask: ProductAsk, active: Active) -> dict[str, Any] | None:
    """One product in full, its best fitting variant first; None where there is none."""
    meant = answer.meant.get(ask.goods.names[0])
    if not answer.goods or meant is None:
        return None
    goods, asked = answer.goods[0], meant[1]
    anchor = next((one for one in goods.variants if one.id == asked), None)
    if asked is not None and anchor is None:
        return None
    anchor = anchor or _fitting(goods, ask)
    written = product(goods, answer.currency)
    others = [one for one in goods.variants if one.id != anchor.id]
    written["variants"] = [_variant(goods, one, answer.currency) for one in (anchor, *others)]
    if goods.options:
        written["selected"] = _selected(goods, anchor)
        written["options"] = [_detailed_option(goods, one, anchor) for one in goods.options]
    return {"ucp": envelope(LOOKUP, active), "product": written}


def _fitting(goods: GoodsFound, ask: ProductAsk) -> VariantFound:
    """The variant with the chosen options; the least wanted choices are given up one by one."""
    chosen = {name.casefold(): label.casefold() for name, label in ask.chosen.items()}
    wanted = [name.casefold() for name in ask.preferences if name.casefold() in chosen]
    order = [*wanted, *(name for name in chosen if name not in wanted)]
    for count in range(len(order), 0, -1):
        kept = {name: chosen[name] for name in order[:count]}
        fitting = [one for one in goods.variants if _has(goods, one, kept)]
        if fitting:
            return _featured(fitting)
    return _featured(goods.variants)


def _has(goods: GoodsFound, variant: VariantFound, chosen: dict[str, str]) -> bool:
    labels: dict[str, set[str]] = {}
    for option in goods.options:
        value = variant.options.get(option.name, "")
        names = {value.casefold(), option.values.get(value, value).casefold()}
        labels[option.name.casefold()] = labels[option.label.casefold()] = names
    return all(label in labels.get(name, set()) for name, label in chosen.items())


def _selected(goods: GoodsFound, variant: VariantFound) -> list[dict[str, str]]:
    return [
        {
            "name": option.label,
            "id": variant.options[option.name],
            "label": option.values.get(variant.options[option.name], variant.options[option.name]),
        }
        for option in goods.options
        if option.name in variant.options
    ]


def _detailed_option(
    goods: GoodsFound, option: OptionFound, anchor: VariantFound
) -> dict[str, Any]:
    others = {name: value for name, value in anchor.options.items() if name != option.name}
    values = []
    for value, label in option.values.items():
        wanted = others | {option.name: value}
        same = [one for one in goods.variants if one.options == wanted]
        values.append(
            {
                "id": value,
                "label": label,
                "exists": bool(same),
                "available": any(one.is_there for one in same),
            }
        )
    return {"name": option.label, "values": values}


def product(goods: GoodsFound, currency: str) -> dict[str, Any]:
    """A product with all its variants, one that can be had first."""
    featured = _featured(goods.variants)
    variants = [featured, *(one for one in goods.variants if one.id != featured.id)]
    prices = [one.price_minor for one in goods.variants]
    written: dict[str, Any] = {
        "id": product_name(goods.id),
        "handle": goods.handle,
        "title": goods.title,
        "description": {"plain": goods.description},
        "price_range": {
            "min": {"amount": min(prices), "currency": currency},
            "max": {"amount": max(prices), "currency": currency},
        },
        "variants": [_variant(goods, one, currency) for one in variants],
    }
    if goods.category:
        written["categories"] = [{"value": goods.category, "taxonomy": "merchant"}]
    if goods.images:
        written["media"] = [{"type": "image", "url": url} for url in goods.images]
    if goods.options:
        written["options"] = [_option(one) for one in goods.options]
    return written


def _option(option: OptionFound) -> dict[str, Any]:
    values = [{"id": value, "label": label} for value, label in option.values.items()]
    return {"name": option.label, "values": values}


def _variant(goods: GoodsFound, one: VariantFound, currency: str) -> dict[str, Any]:
    labels = _selected(goods, one)
    is_there = one.is_there
    written: dict[str, Any] = {
        "id": variant_name(one.id),
        "sku": one.sku,
        "title": " / ".join(label["label"] for label in labels) or goods.title,
        "description": {"plain": goods.description},
        "price": {"amount": one.price_minor, "currency": currency},
        "availability": {
            "available": is_there,
            "status": "in_stock" if is_there else "out_of_stock",
        },
    }
    if labels:
        written["options"] = labels
    if one.gtin:
        written["barcodes"] = [{"type": "GTIN", "value": one.gtin}]
    if one.list_price_minor is not None and one.list_price_minor > one.price_minor:
        written["list_price"] = {"amount": one.list_price_minor, "currency": currency}
    return written
