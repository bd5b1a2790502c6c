"""Carrying out a plan: sets of rows, written with COPY and arrays."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from msgspec import Struct

from charsu.catalog.facts import ProductIntroduced, ProductRevised
from charsu.catalog.model import ProductDraft, sku_key
from charsu.catalog.planning import Plan, Step
from charsu.catalog.search.document import CategoryPlace, entry_of
from charsu.catalog.search.index import channel_words, forget_entries, store_entries
from charsu.catalog.stored import keys_of
from charsu.kernel import Tx, append

_FIELDS: LiteralString = """
    unnest(%(ids)s::uuid[], %(handles)s::text[], %(statuses)s::text[], %(brands)s::text[],
           %(categories)s::uuid[], %(types)s::text[], %(tax_classes)s::text[], %(units)s::text[],
           %(scales)s::smallint[], %(options)s::jsonb[], %(attributes)s::jsonb[])
    AS n (id, handle, status, brand, category_id, product_type, tax_class, unit, quantity_scale,
          options, attributes)
"""

_INTRODUCE: LiteralString = (
    """
    INSERT INTO catalog.products
        (id, handle, status, brand, category_id, product_type, tax_class, unit, quantity_scale,
         options, attributes, version, created_at, changed_at)
    SELECT n.*, 1, %(now)s, %(now)s FROM
    """
    + _FIELDS
    + "ORDER BY handle ON CONFLICT (handle) DO NOTHING RETURNING handle"
)

# Unit and scale are missing: whoever counts in a product's steps counts in them for good.
_REVISE: LiteralString = (
    """
    UPDATE catalog.products AS p
    SET status = n.status, brand = n.brand, category_id = n.category_id,
        product_type = n.product_type, tax_class = n.tax_class, options = n.options,
        attributes = n.attributes, version = p.version + 1, changed_at = %(now)s
    FROM
    """  # noqa: S608 - of constants only
    + _FIELDS
    + "WHERE p.id = n.id"
)

_CLEAR_TEXTS: LiteralString = "DELETE FROM catalog.product_texts WHERE product_id = ANY(%(ids)s)"
_CLEAR_MEDIA: LiteralString = "DELETE FROM catalog.media WHERE product_id = ANY(%(ids)s)"

# First all variants give up what must be unique, so that two may exchange their GTINs.
_CLEAR_VARIANTS: LiteralString = """
    UPDATE catalog.variants SET is_archived = true, gtin = NULL WHERE product_id = ANY(%(ids)s)
"""

_KEEP_VARIANTS: LiteralString = """
    UPDATE catalog.variants AS v
    SET sku = n.sku, gtin = n.gtin, mpn = n.mpn, options = n.options,
        weight_grams = n.weight_grams, position = n.position, is_archived = false
    FROM unnest(%(ids)s::uuid[], %(skus)s::text[], %(gtins)s::text[], %(mpns)s::text[],
                %(options)s::jsonb[], %(weights)s::integer[], %(positions)s::integer[])
         AS n (id, sku, gtin, mpn, options, weight_grams, position)
    WHERE v.id = n.id
"""

_VARIANT_COLUMNS = (
    "id", "product_id", "sku", "sku_key", "gtin", "mpn", "options", "weight_grams", "position"
)  # fmt: skip


class Written(Struct, frozen=True):
    """What is stored now.

    products  ids by handle
    variants  ids by SKU key
    lost      handles that somebody else created since the plan was made; they want a new plan
    """

    products: dict[str, UUID]
    variants: dict[str, UUID]
    lost: set[str]


def write(tx: Tx, plan: Plan, *, historical: bool) -> Written:
    """Store what the plan creates and changes, and say so in the log."""
    created = {step.draft.handle: tx.new_id() for step in plan.having("created")}
    lost = _introduce(tx, plan, created)
    ids = {handle: id_ for handle, id_ in created.items() if handle not in lost}
    ids |= {s.draft.handle: s.stored.id for s in plan.having("changed") if s.stored}
    _revise(tx, plan, ids)
    steps = [step for step in plan.having("created", "changed") if step.draft.handle in ids]
    variants = _write_variants(tx, steps, ids)
    _write_parts(tx, steps, ids, variants)
    _write_entries(tx, steps, ids, plan.places)
    for step in steps:
        _tell(tx, step, ids[step.draft.handle], variants, historical=historical)
    return Written(ids, variants, lost)


def _introduce(tx: Tx, plan: Plan, ids: Mapping[str, UUID]) -> set[str]:
    if not ids:
        return set()
    drafts = [step.draft for step in plan.having("created")]
    stored = tx.all(_INTRODUCE, now=tx.now, **_fields(drafts, ids, plan.places))
    return ids.keys() - {row.handle for row in stored}


def _revise(tx: Tx, plan: Plan, ids: Mapping[str, UUID]) -> None:
    drafts = [step.draft for step in plan.having("changed")]
    if not drafts:
        return
    tx.run(_REVISE, now=tx.now, **_fields(drafts, ids, plan.places))
    changed = [ids[draft.handle] for draft in drafts]
    tx.run(_CLEAR_TEXTS, ids=changed)
    tx.run(_CLEAR_MEDIA, ids=changed)
    tx.run(_CLEAR_VARIANTS, ids=changed)


def _fields(
    drafts: Sequence[ProductDraft], ids: Mapping[str, UUID], places: Mapping[str, CategoryPlace]
) -> dict[str, list[Any]]:
    return {
        "ids": [ids[draft.handle] for draft in drafts],
        "handles": [draft.handle for draft in drafts],
        "statuses": [draft.status for draft in drafts],
        "brands": [draft.brand for draft in drafts],
        "categories": [draft.category and places[draft.category].id for draft in drafts],
        "types": [draft.product_type for draft in drafts],
        "tax_classes": [draft.tax_class for draft in drafts],
        "units": [draft.unit for draft in drafts],
        "scales": [draft.quantity_scale for draft in drafts],
        "options": [_json(draft.options) for draft in drafts],
        "attributes": [_json(draft.attributes) for draft in drafts],
    }


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _write_variants(tx: Tx, steps: Sequence[Step], ids: Mapping[str, UUID]) -> dict[str, UUID]:
    """Store the variants; their ids by SKU key."""
    found: dict[str, UUID] = {}
    new: list[tuple[Any, ...]] = []
    kept: list[tuple[Any, ...]] = []
    for step in steps:
        known = step.stored.variants if step.stored else {}
        for position, variant in enumerate(step.draft.variants):
            key = sku_key(variant.sku)
            found[key] = known[key].id if key in known else tx.new_id()
            options = _json(variant.options)
            rest = (variant.gtin, variant.mpn, options, variant.weight_grams, position)
            if key in known:
                kept.append((found[key], variant.sku, *rest))
            else:
                new.append((found[key], ids[step.draft.handle], variant.sku, key, *rest))
    if kept:
        names = ("ids", "skus", "gtins", "mpns", "options", "weights", "positions")
        tx.run(_KEEP_VARIANTS, **dict(zip(names, map(list, zip(*kept, strict=True)), strict=True)))
    if new:
        tx.copy_in("catalog.variants", _VARIANT_COLUMNS, new)
    return found


def _write_parts(
    tx: Tx, steps: Sequence[Step], ids: Mapping[str, UUID], variants: Mapping[str, UUID]
) -> None:
    tx.copy_in(
        "catalog.product_texts",
        ("product_id", "language", "title", "subtitle", "description"),
        _texts(steps, ids),
    )
    pictures = list(_media(steps, ids, variants))
    if pictures:
        columns = ("product_id", "position", "variant_id", "kind", "url", "alt")
        tx.copy_in("catalog.media", columns, pictures)


def _texts(steps: Iterable[Step], ids: Mapping[str, UUID]) -> Iterator[tuple[Any, ...]]:
    for step in steps:
        for language, text in step.draft.texts.items():
            yield ids[step.draft.handle], language, text.title, text.subtitle, text.description


def _media(
    steps: Iterable[Step], ids: Mapping[str, UUID], variants: Mapping[str, UUID]
) -> Iterator[tuple[Any, ...]]:
    for step in steps:
        for position, shown in enumerate(step.draft.media):
            variant = variants[sku_key(shown.sku)] if shown.sku else None
            alt = json.dumps(shown.alt)
            yield ids[step.draft.handle], position, variant, shown.kind, shown.url, alt


def _write_entries(
    tx: Tx,
    steps: Sequence[Step],
    ids: Mapping[str, UUID],
    places: Mapping[str, CategoryPlace],
) -> None:
    known = [ids[step.draft.handle] for step in steps if step.stored]
    listed = channel_words(tx, known) if known else {}
    entries = {
        (product := ids[step.draft.handle]): entry_of(
            step.draft, places.get(step.draft.category or ""), listed.get(product, ())
        )
        for step in steps
        if step.draft.status == "active"
    }
    store_entries(tx, entries)
    forget_entries(tx, [product for product in known if product not in entries])


def _tell(
    tx: Tx, step: Step, product: UUID, variants: Mapping[str, UUID], *, historical: bool
) -> None:
    keys = keys_of(step.draft)
    if step.stored is None:
        told = tuple(variants[key] for key in keys)
        introduced = ProductIntroduced(variant_ids=told, status=step.draft.status)
        append(tx, introduced, subject=product, version=1, historical=historical)
        return
    sold = {key: v.id for key, v in step.stored.variants.items() if not v.is_archived}
    revised = ProductRevised(
        fields=tuple(dict.fromkeys(d.field.partition(".")[0] for d in step.differences)),
        added_variant_ids=tuple(variants[key] for key in keys if key not in sold),
        archived_variant_ids=tuple(id_ for key, id_ in sold.items() if key not in set(keys)),
    )
    append(tx, revised, subject=product, version=step.stored.version + 1, historical=historical)
