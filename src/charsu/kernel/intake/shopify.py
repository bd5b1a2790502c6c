"""Shopify's product CSV, in the column names of its older and its newer exports.

Source: Shopify Help Center, "Using CSV files to import and export products".
"""

from collections.abc import Sequence
from typing import Any

from .grouping import GroupShape
from .problems import BadCell
from .product_sheets import (
    NO_TITLE,
    SheetProduct,
    SheetRow,
    images_of,
    listed,
    path,
    variants_of,
)
from .readers import code, decimal, one_of, text, whole, yes_or_no
from .shape import Field, RowShape

# A product without options has one that nobody is meant to see.
HIDDEN_OPTION = ("Title", "Default Title")
STATUSES = {"active": "active", "draft": "draft", "archived": "archived", "unlisted": "active"}
POLICIES = {"deny": "no", "continue": "yes", "false": "no", "true": "yes"}

FIELDS = (
    Field("handle", code(max=255), required=True, aliases=("URL handle",)),
    Field("title", text(max=255)),
    Field("description", text(max=100_000), aliases=("Body (HTML)", "Body HTML")),
    Field("vendor", text(max=255)),
    Field("kind", text(max=255), aliases=("Type", "Custom Product Type")),
    Field("category", text(max=1_000), aliases=("Product Category", "Standard Product Type")),
    Field("tags", text(max=10_000)),
    Field("is_published", yes_or_no(), aliases=("Published", "Published on online store")),
    Field("status", one_of(STATUSES)),
    *(
        Field(f"option{n}_{part}", text(max=255), aliases=(f"Option{n} {part.title()}",))
        for n in (1, 2, 3)
        for part in ("name", "value")
    ),
    Field("sku", code(max=255), aliases=("Variant SKU",)),
    Field("price", decimal(places=4, least=0), aliases=("Variant Price",)),
    Field(
        "compare_at",
        decimal(places=4, least=0),
        aliases=("Variant Compare At Price", "Compare-at price"),
    ),
    Field("barcode", code(max=64), aliases=("Variant Barcode",)),
    Field("grams", decimal(least=0), aliases=("Variant Grams", "Weight value (grams)")),
    Field("tracker", text(max=64), aliases=("Variant Inventory Tracker", "Inventory tracker")),
    Field("on_hand", whole(), aliases=("Variant Inventory Qty", "Inventory quantity")),
    Field(
        "policy",
        one_of(POLICIES),
        aliases=("Variant Inventory Policy", "Continue selling when out of stock"),
    ),
    Field("is_shipped", yes_or_no(), aliases=("Variant Requires Shipping", "Requires shipping")),
    Field("is_taxable", yes_or_no(), aliases=("Variant Taxable", "Charge tax")),
    Field("image", text(max=2_000), aliases=("Image Src", "Product image URL")),
    Field("image_alt", text(max=1_000), aliases=("Image Alt Text",)),
    Field("image_position", whole(least=0), aliases=("Image Position",)),
    Field("variant_image", text(max=2_000), aliases=("Variant Image", "Variant image URL")),
)


def shopify_products() -> GroupShape[SheetRow, SheetProduct]:
    """The shape of a Shopify product CSV: give it to ``run_import``."""
    return GroupShape(RowShape(_row, FIELDS), by="handle", build=_product)


def _row(**cells: Any) -> SheetRow:
    policy, tracker = cells.pop("policy", None), cells.pop("tracker", "unsaid")
    if tracker is None:
        cells["on_hand"] = None  # a quantity that nobody keeps is written as 0
    if cells.get("option1_value") == HIDDEN_OPTION[1]:
        cells["option1_value"] = None
    if cells.get("option1_name") == HIDDEN_OPTION[0]:
        cells["option1_name"] = None
    return SheetRow(may_be_backordered=policy == "yes", **cells)


def _product(rows: Sequence[SheetRow]) -> SheetProduct:
    first = rows[0]
    if not first.title:
        raise BadCell(NO_TITLE, handle=first.handle)
    names = tuple(name for name in first.option_names if name)
    return SheetProduct(
        handle=first.handle,
        title=first.title,
        description=first.description,
        vendor=first.vendor,
        kind=first.kind,
        category=path(first.category, ">"),
        tags=listed(first.tags),
        status=first.status or "active",
        is_published=first.is_published is not False,
        option_names=names,
        variants=variants_of(first.handle, names, rows),
        images=images_of(rows),
    )
