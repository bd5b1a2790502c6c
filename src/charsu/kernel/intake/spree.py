"""Spree's product CSV.

A product's first row is its master, sold only where no variants follow. Prices in further
currencies stand in rows of their own, often far below, naming only SKU, price and currency.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from .grouping import GroupShape
from .problems import BadCell
from .product_sheets import (
    NO_TITLE,
    SheetPrice,
    SheetPrices,
    SheetProduct,
    SheetRow,
    images_of,
    listed,
    path,
    variants_of,
)
from .readers import code, decimal, one_of, text, whole, yes_or_no
from .shape import Field, RowShape

GRAMS = {  # NIST Handbook 44, appendix C: avoirdupois, exact
    "g": Decimal(1),
    "kg": Decimal(1000),
    "lb": Decimal("453.59237"),
    "oz": Decimal("28.349523125"),
}
STATUSES = {"active": "active", "draft": "draft", "archived": "archived"}

FIELDS = (
    Field("handle", code(max=255), required=True, aliases=("slug",)),
    Field("title", text(max=255), aliases=("name",)),
    Field("description", text(max=100_000)),
    Field("kind", text(max=255), aliases=("product_type",)),
    Field("category", text(max=1_000), aliases=("category1",)),
    Field("tags", text(max=10_000)),
    Field("status", one_of(STATUSES)),
    *(Field(f"option{n}_{part}", text(max=255)) for n in (1, 2, 3) for part in ("name", "value")),
    Field("sku", code(max=255)),
    Field("price", decimal(places=4, least=0)),
    Field("compare_at", decimal(places=4, least=0), aliases=("compare_at_price",)),
    Field("currency", code(max=3)),
    Field("weight", decimal(least=0)),
    Field("weight_unit", one_of({unit: unit for unit in GRAMS})),
    Field("on_hand", whole(), aliases=("inventory_count",)),
    Field("may_be_backordered", yes_or_no(), aliases=("inventory_backorderable",)),
    Field("tracked", yes_or_no(), aliases=("track_inventory",)),
    Field("image", text(max=2_000), aliases=("image1_src",)),
)


def spree_products() -> GroupShape[SheetRow, SheetProduct | SheetPrices]:
    """The shape of a Spree product CSV: give it to ``run_import``."""
    return GroupShape(RowShape(_row, FIELDS), by="handle", build=_product, key=_key)


def _row(**cells: Any) -> SheetRow:
    weight, unit = cells.pop("weight", None), cells.pop("weight_unit", None)
    if cells.pop("tracked", None) is False:
        cells["on_hand"] = None
    if weight is not None and unit:
        cells["grams"] = weight * GRAMS[unit]
    return SheetRow(**cells)


def _product(rows: Sequence[SheetRow]) -> SheetProduct | SheetPrices:
    master = rows[0]
    prices = tuple(_price(row) for row in rows if _is_price(row))
    if len(prices) == len(rows):
        return SheetPrices(master.handle, prices)
    if not master.title:
        raise BadCell(NO_TITLE, handle=master.handle)
    own = [row for row in rows if not _is_price(row)]
    sold = own[1:] or own
    names = tuple(name for name in sold[0].option_names if name)
    return SheetProduct(
        handle=master.handle,
        title=master.title,
        description=master.description,
        kind=master.kind,
        category=path(master.category, "->"),
        tags=listed(master.tags),
        status=master.status or "active",
        option_names=names,
        variants=variants_of(master.handle, names, sold),
        images=images_of(own),
        other_prices=prices,
    )


def _is_price(row: SheetRow) -> bool:
    told = (row.title, row.image, row.grams, row.on_hand, *row.option_values)
    return bool(row.sku and row.currency) and row.price is not None and not any(told)


def _price(row: SheetRow) -> SheetPrice:
    assert row.sku and row.currency and row.price is not None
    return SheetPrice(row.sku, row.currency, row.price, row.compare_at or None)


def _key(found: SheetProduct | SheetPrices) -> str:
    if isinstance(found, SheetPrices):
        return f"{found.handle} {found.prices[0].currency}"
    return found.handle
