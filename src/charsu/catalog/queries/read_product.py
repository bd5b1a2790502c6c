"""One product, as staff and shops read it."""

from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.catalog.model import Handle, ListingText, Name, ProductDraft, normal_gtin, sku_key
from charsu.catalog.search.index import channel_words
from charsu.catalog.stored import StoredProduct, stored_products
from charsu.kernel import NotFound, Tx, query

_BY_HANDLE: LiteralString = "SELECT id FROM catalog.products WHERE handle = %(handle)s"

_BY_SKU: LiteralString = """
    SELECT id, product_id FROM catalog.variants WHERE sku_key = %(key)s
"""

_BY_GTIN: LiteralString = """
    SELECT id, product_id FROM catalog.variants WHERE gtin = %(gtin)s AND NOT is_archived
"""

_VARIANTS: LiteralString = """
    SELECT v.id, v.product_id, v.sku, v.is_archived, p.status, p.tax_class, p.unit,
           p.quantity_scale, v.weight_grams
    FROM catalog.variants AS v JOIN catalog.products AS p ON p.id = v.product_id
    WHERE v.id = ANY(%(ids)s)
"""

_IDS_BY_SKU: LiteralString = """
    SELECT sku_key, id FROM catalog.variants WHERE sku_key = ANY(%(keys)s)
"""


class ReadProduct(Struct, frozen=True, kw_only=True):
    """Which product, by its handle."""

    handle: Handle


class FindVariant(Struct, frozen=True, kw_only=True):
    """What was scanned or typed: a GTIN with a right check digit, else an SKU in any case."""

    code: Name


class VariantShown(Struct, frozen=True):
    """A variant's id under its SKU."""

    id: UUID
    sku: str


class ListingShown(Struct, frozen=True):
    """How one channel lists the product."""

    channel: str
    is_published: bool
    texts: dict[str, ListingText]


class ProductShown(Struct, frozen=True):
    """A whole product: the draft that would store it again, its ids and its listings."""

    id: UUID
    version: int
    product: ProductDraft
    variants: tuple[VariantShown, ...]  # in the draft's order
    listings: tuple[ListingShown, ...]


class VariantFound(Struct, frozen=True):
    """The variant that a code names, with its product."""

    variant_id: UUID
    found: ProductShown


class SellableVariant(Struct, frozen=True):
    """What selling needs to know of a variant.

    quantity_scale  digits behind the point of its quantity, in ``unit`` (UN/CEFACT Rec 20)
    is_sellable     its product is active and still has it; whether a channel lists it is asked
                    with ``listed_in``
    """

    id: UUID
    product_id: UUID
    sku: str
    tax_class: str
    unit: str
    quantity_scale: int
    weight_grams: int | None
    is_sellable: bool


@query(
    "catalog.read_product",
    permission="catalog.read",
    http="GET /v1/products/{handle}",
    raises=(NotFound,),
)
def read_product(tx: Tx, ask: ReadProduct) -> ProductShown:
    """One product by its handle, with everything that is stored of it."""
    product = tx.value(_BY_HANDLE, handle=ask.handle)
    if product is None:
        raise NotFound("product", ask.handle)
    return _shown(tx, product)


@query(
    "catalog.find_variant",
    permission="catalog.read",
    http="GET /v1/variants/{code}",
    raises=(NotFound,),
)
def find_variant(tx: Tx, ask: FindVariant) -> VariantFound:
    """The variant with this barcode number or SKU, as a till or a shelf scan asks for it."""
    gtin = normal_gtin(ask.code)
    row = tx.first(_BY_GTIN, gtin=gtin) if gtin else None
    row = row or tx.first(_BY_SKU, key=sku_key(ask.code))
    if row is None:
        raise NotFound("variant", ask.code)
    return VariantFound(row.id, _shown(tx, row.product_id))


def sellable_variants(tx: Tx, variant_ids: list[UUID]) -> dict[UUID, SellableVariant]:
    """What selling needs to know of these variants; unknown ids are left out."""
    return {row.id: _sellable(row) for row in tx.all(_VARIANTS, ids=variant_ids)}


def variant_ids_by_sku(tx: Tx, skus: list[str]) -> dict[str, UUID]:
    """Ids of variants by the SKUs as they were given, in any case; unknown SKUs are left out."""
    keys = {sku: sku_key(sku) for sku in skus}
    found = {row.sku_key: row.id for row in tx.all(_IDS_BY_SKU, keys=list(set(keys.values())))}
    return {sku: found[key] for sku, key in keys.items() if key in found}


def _sellable(row: Any) -> SellableVariant:
    return SellableVariant(
        id=row.id,
        product_id=row.product_id,
        sku=row.sku,
        tax_class=row.tax_class,
        unit=row.unit,
        quantity_scale=row.quantity_scale,
        weight_grams=row.weight_grams,
        is_sellable=row.status == "active" and not row.is_archived,
    )


def _shown(tx: Tx, product_id: UUID) -> ProductShown:
    (stored,) = stored_products(tx, [product_id])
    listings = channel_words(tx, [product_id]).get(product_id, [])
    return ProductShown(
        stored.id,
        stored.version,
        stored.draft,
        tuple(_variants(stored)),
        tuple(ListingShown(one.channel, one.is_published, one.texts) for one in listings),
    )


def _variants(stored: StoredProduct) -> list[VariantShown]:
    return [
        VariantShown(stored.variants[sku_key(variant.sku)].id, variant.sku)
        for variant in stored.draft.variants
    ]
