"""Products as they are stored, read back in the shape in which they were asked for.

Comparing a draft with what is stored is then a comparison of two drafts, and the difference that
a dry run shows is the one that a real run would make.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from msgspec import Struct

from charsu.catalog.model import Media, Option, ProductDraft, ProductText, VariantDraft, sku_key
from charsu.kernel import Tx

_PRODUCTS: LiteralString = """
    SELECT p.id, p.handle, p.status, p.brand, c.code AS category, p.product_type, p.tax_class,
           p.unit, p.quantity_scale, p.options, p.attributes, p.version
    FROM catalog.products AS p LEFT JOIN catalog.categories AS c ON c.id = p.category_id
    WHERE p.id = ANY(%(ids)s)
"""

_TEXTS: LiteralString = """
    SELECT product_id, language, title, subtitle, description
    FROM catalog.product_texts WHERE product_id = ANY(%(ids)s)
"""

_VARIANTS: LiteralString = """
    SELECT product_id, id, sku, sku_key, gtin, mpn, options, weight_grams, is_archived
    FROM catalog.variants WHERE product_id = ANY(%(ids)s) ORDER BY product_id, position
"""

_MEDIA: LiteralString = """
    SELECT m.product_id, m.url, m.kind, m.alt, v.sku
    FROM catalog.media AS m LEFT JOIN catalog.variants AS v ON v.id = m.variant_id
    WHERE m.product_id = ANY(%(ids)s) ORDER BY m.product_id, m.position
"""


class StoredVariant(Struct, frozen=True):
    """A variant's id, and whether its product still has it."""

    id: UUID
    is_archived: bool


class StoredProduct(Struct, frozen=True):
    """A product with the draft that would store it again."""

    id: UUID
    version: int
    draft: ProductDraft  # with the variants that it still has, if any
    variants: dict[str, StoredVariant]  # by SKU key


def stored_products(tx: Tx, ids: Collection[UUID]) -> list[StoredProduct]:
    """These products; ids that do not exist are left out."""
    if not ids:
        return []
    known = list(ids)
    texts = _by_product(tx.all(_TEXTS, ids=known))
    variants = _by_product(tx.all(_VARIANTS, ids=known))
    media = _by_product(tx.all(_MEDIA, ids=known))
    return [
        _stored(row, texts[row.id], variants[row.id], media[row.id])
        for row in tx.all(_PRODUCTS, ids=known)
    ]


def _by_product(rows: Iterable[Any]) -> defaultdict[UUID, list[Any]]:
    found: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.product_id].append(row)
    return found


def _stored(row: Any, texts: list[Any], variants: list[Any], media: list[Any]) -> StoredProduct:
    sold = tuple(_variant(variant) for variant in variants if not variant.is_archived)
    draft = ProductDraft(
        handle=row.handle,
        status=row.status,
        texts={text.language: _text(text) for text in texts},
        brand=row.brand,
        category=row.category,
        product_type=row.product_type,
        tax_class=row.tax_class,
        unit=row.unit,
        quantity_scale=row.quantity_scale,
        options=msgspec.convert(row.options, tuple[Option, ...]) if row.options else (),
        attributes=row.attributes,
        variants=sold,
        media=tuple(Media(url=m.url, kind=m.kind, alt=m.alt, sku=m.sku) for m in media),
    )
    kept = {v.sku_key: StoredVariant(v.id, v.is_archived) for v in variants}
    return StoredProduct(row.id, row.version, draft, kept)


def _text(row: Any) -> ProductText:
    return ProductText(title=row.title, subtitle=row.subtitle, description=row.description)


def _variant(row: Any) -> VariantDraft:
    return VariantDraft(
        sku=row.sku,
        gtin=row.gtin,
        mpn=row.mpn,
        options=row.options,
        weight_grams=row.weight_grams,
    )


def keys_of(draft: ProductDraft) -> list[str]:
    """The SKU keys of a draft, in its order."""
    return [sku_key(variant.sku) for variant in draft.variants]
