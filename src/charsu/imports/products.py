"""The import of products with their prices and counts: our own columns, Shopify's, Spree's."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from charsu.catalog import put_sheets, sku_of
from charsu.imports.counts import left_out, put_counts
from charsu.imports.prices import AskedPrice, Changes, put_asked_prices
from charsu.imports.target import Options, Target
from charsu.kernel import Tx
from charsu.kernel.intake import (
    Field,
    Item,
    Outcome,
    RowProblem,
    Rows,
    RowShape,
    Shape,
    SheetImage,
    SheetPrices,
    SheetProduct,
    SheetVariant,
    code,
    decimal,
    one_of,
    product_sheet,
    shopify_products,
    text,
    whole,
)
from charsu.kernel.intake.product_sheets import listed, path

STATUSES = {"active": "active", "draft": "draft", "archived": "archived"}


class ProductRow(Struct, frozen=True, kw_only=True):
    """A product with a single variant, in our own columns."""

    sku: str
    title: str
    description: str | None = None
    brand: str | None = None
    kind: str | None = None
    category: str | None = None
    tags: str | None = None
    status: str | None = None
    price: Decimal | None = None
    currency: str | None = None
    barcode: str | None = None
    grams: Decimal | None = None
    image: str | None = None
    on_hand: int | None = None


_FIELDS = (
    Field("sku", code(max=100), required=True, aliases=("code", "product id", "stockcode")),
    Field("title", text(max=500), required=True, aliases=("name", "description short")),
    Field("description", text(max=50_000)),
    Field("brand", text(max=200), aliases=("vendor", "manufacturer")),
    Field("kind", text(max=200), aliases=("type", "product type")),
    Field("category", text(max=1_000)),
    Field("tags", text(max=10_000)),
    Field("status", one_of(STATUSES)),
    Field("price", decimal(places=4, least=0), aliases=("unit price",)),
    Field("currency", code(max=3)),
    Field("barcode", code(max=64), aliases=("gtin", "ean", "upc")),
    Field("grams", decimal(least=0), aliases=("weight grams",)),
    Field("image", text(max=2_000), aliases=("image url", "picture")),
    Field("on_hand", whole(), aliases=("stock", "inventory quantity")),
)


def _shape(rows: Rows, _options: Options) -> Shape[Any]:
    known = product_sheet(rows.columns)
    if known is not None:
        return known
    if "handle" in {column.casefold() for column in rows.columns}:
        return shopify_products()  # its fields have our own names too
    return RowShape(_sheet, _FIELDS, key=lambda sheet: sheet.variants[0].sku.casefold())


def _sheet(**cells: Any) -> SheetProduct:
    row = ProductRow(**cells)
    variant = SheetVariant(
        sku=row.sku,
        price=row.price,
        currency=row.currency,
        barcode=row.barcode,
        on_hand=row.on_hand,
        grams=None if row.grams is None else int(row.grams.to_integral_value()),
    )
    return SheetProduct(
        handle=row.sku,
        title=row.title,
        description=row.description,
        vendor=row.brand,
        kind=row.kind,
        category=path(row.category, ">"),
        tags=listed(row.tags),
        status=row.status or "active",
        variants=(variant,),
        images=(SheetImage(row.image),) if row.image else (),
    )


def _store(
    tx: Tx, items: Sequence[Item[SheetProduct | SheetPrices]], options: Options
) -> list[Outcome]:
    stored = iter(put_sheets(tx, list(_products(items)), language=options.language))
    outcomes = [
        next(stored) if isinstance(item.value, SheetProduct) else _prices_alone(item)
        for item in items
    ]
    asked = [
        _asked(item.value) if outcome.change != "refused" else []
        for item, outcome in zip(items, outcomes, strict=True)
    ]
    counts = [
        _counts(item.value) if outcome.change != "refused" else []
        for item, outcome in zip(items, outcomes, strict=True)
    ]
    prices = put_asked_prices(tx, asked, options)
    counted = put_counts(tx, counts, options)
    warnings = left_out(items, counts, options)
    return [_with(*of_one) for of_one in zip(outcomes, prices, counted, warnings, strict=True)]


def _products(
    items: Sequence[Item[SheetProduct | SheetPrices]],
) -> Iterator[Item[SheetProduct]]:
    for item in items:
        if isinstance(item.value, SheetProduct):
            yield Item(item.line, item.rows, item.value, (), item.warnings, item.key)


def _prices_alone(item: Item[SheetProduct | SheetPrices]) -> Outcome:
    assert isinstance(item.value, SheetPrices)
    return Outcome("unchanged", item.value.handle)


def _asked(sheet: SheetProduct | SheetPrices | None) -> list[AskedPrice]:
    if isinstance(sheet, SheetPrices):
        return [AskedPrice(one.sku, one.currency, one.price) for one in sheet.prices]
    assert sheet is not None
    own = [
        AskedPrice(sku_of(sheet, number), variant.currency, variant.price)
        for number, variant in enumerate(sheet.variants)
        if variant.price is not None
    ]
    return own + [AskedPrice(one.sku, one.currency, one.price) for one in sheet.other_prices]


def _counts(sheet: SheetProduct | SheetPrices | None) -> list[tuple[str, int]]:
    """What the sheet says lies there; a variant that nobody counts says nothing."""
    if not isinstance(sheet, SheetProduct):
        return []
    return [
        (sku_of(sheet, number), variant.on_hand)
        for number, variant in enumerate(sheet.variants)
        if variant.on_hand is not None
    ]


def _with(
    outcome: Outcome, prices: Changes, counts: Changes, warnings: tuple[RowProblem, ...]
) -> Outcome:
    """The outcome of a product with what became of its prices and counts."""
    moved = bool(prices or counts)
    return replace(
        outcome,
        change="changed" if moved and outcome.change == "unchanged" else outcome.change,
        fields={**outcome.fields, **prices, **counts},
        problems=outcome.problems + warnings,
    )


PRODUCTS = Target(
    "products",
    "sku and title, and description, brand, category, price, …; or Shopify's or Spree's own sheet",
    _shape,
    _store,
)
