"""By which names platforms know our goods, and which goods a name means."""

from collections.abc import Collection, Mapping
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.catalog import normal_gtin, sku_key
from charsu.kernel import Tx, read_id, show_id
from charsu.kernel.ids import InvalidId

VARIANT = "var"
PRODUCT = "prd"
STORE = "loc"
LINE = "li"
SESSION = "ses"
ORDER = "ord"


class Named(Struct, frozen=True):
    """What a name means; no variant where it names a whole product."""

    product_id: UUID
    variant_id: UUID | None


def variant_name(variant_id: UUID) -> str:
    """What platforms call a variant."""
    return show_id(VARIANT, variant_id)


def product_name(product_id: UUID) -> str:
    """What platforms call a product."""
    return show_id(PRODUCT, product_id)


def line_name(variant_id: UUID) -> str:
    """What platforms call a line: the same in the cart, the checkout and the order."""
    return show_id(LINE, variant_id)


def read_name(prefix: str, text: str) -> UUID | None:
    """The id behind a name of ours; None where it is none."""
    try:
        return read_id(prefix, text)
    except InvalidId:
        return None


_NAMED: LiteralString = """
    SELECT v.id, v.product_id, v.sku_key, v.gtin, p.handle
    FROM catalog.variants v JOIN catalog.products p ON p.id = v.product_id
    WHERE NOT v.is_archived
      AND (v.id = ANY(%(variants)s) OR v.product_id = ANY(%(products)s)
           OR v.sku_key = ANY(%(skus)s) OR v.gtin = ANY(%(gtins)s) OR p.handle = ANY(%(names)s))
    ORDER BY v.product_id, v.position
"""


def named(tx: Tx, names: Collection[str]) -> dict[str, Named]:
    """What these names mean: ids of ours, SKUs, GTINs, handles. Unknown names are left out."""
    return tx.lasting_each("ucp.named", names, lambda missing: _named(tx, missing))


def _named(tx: Tx, names: Collection[str]) -> dict[str, Named]:
    variants = {name: one for name in names if (one := read_name(VARIANT, name))}
    products = {name: one for name in names if (one := read_name(PRODUCT, name))}
    gtins = {name: gtin for name in names if (gtin := normal_gtin(name))}
    rows = tx.all(
        _NAMED,
        variants=list(variants.values()),
        products=list(products.values()),
        skus=[sku_key(name) for name in names],
        gtins=list(gtins.values()),
        names=list(names),
    )
    by_variant = {row.id: Named(row.product_id, row.id) for row in rows}
    by_product = {row.product_id: Named(row.product_id, None) for row in rows}
    by_sku = {row.sku_key: by_variant[row.id] for row in rows}
    by_gtin = {row.gtin: by_variant[row.id] for row in rows if row.gtin}
    by_handle = {row.handle: by_product[row.product_id] for row in rows}
    meanings: dict[str, Named] = {}
    for name in names:
        meaning = (
            _at(by_variant, variants.get(name))
            or _at(by_product, products.get(name))
            or by_sku.get(sku_key(name))
            or _at(by_gtin, gtins.get(name))
            or by_handle.get(name)
        )
        if meaning is not None:
            meanings[name] = meaning
    return meanings


def _at(found: Mapping[Any, Named], key: Any) -> Named | None:
    return None if key is None else found.get(key)


_ONLY: LiteralString = """
    SELECT product_id, min(id::text)::uuid AS id FROM catalog.variants
    WHERE product_id = ANY(%(products)s) AND NOT is_archived
    GROUP BY product_id HAVING count(*) = 1
"""


def buyable(tx: Tx, names: Collection[str]) -> dict[str, UUID]:
    """The one variant that each name means; a product with several means none."""
    meanings = named(tx, names)
    open_ones = {one.product_id for one in meanings.values() if one.variant_id is None}
    only = tx.lasting_each("ucp.only_variant", open_ones, lambda products: _only(tx, products))
    found = {name: one.variant_id or only.get(one.product_id) for name, one in meanings.items()}
    return {name: variant for name, variant in found.items() if variant is not None}


def _only(tx: Tx, products: list[UUID]) -> dict[UUID, UUID]:
    return {row.product_id: row.id for row in tx.all(_ONLY, products=products)}
