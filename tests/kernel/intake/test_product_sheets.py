"""Product sheets of shop systems, as their exports look."""

from decimal import Decimal
from pathlib import Path

import pytest

from charsu.kernel.intake import (
    Outcome,
    SheetImage,
    SheetPrice,
    SheetPrices,
    product_sheet,
    run_import,
    shopify_products,
    spree_products,
)

OLD_HEADER = (
    "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,"
    "Option1 Value,Option2 Name,Option2 Value,Option3 Name,Option3 Value,Variant SKU,Variant Grams,"
    "Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,"
    "Variant Compare At Price,Variant Requires Shipping,Variant Taxable,Variant Barcode,Image Src,"
    "Image Position,Image Alt Text,Gift Card,SEO Title,Variant Image,Variant Weight Unit,"
    "Cost per item,Status\n"
)
SCARF = (
    'svila,Silk scarf,"<p>Soft,\nlight</p>",Drina,Apparel > Scarves,Scarf,"silk, gift, silk",'
    "true,Colour,Red,Size,S,,,S-R-S,80.0,shopify,5,deny,49.90,59.90,true,true,'3838942000126,"
    "https://example.com/red.jpg,1,Red scarf,false,,https://example.com/red.jpg,g,,active\n"
    "svila,,,,,,,,,Blue,,S,,,S-B-S,80.0,shopify,0,continue,49.90,,true,true,,"
    "https://example.com/blue.jpg,2,,,,,g,,\n"
    "svila,,,,,,,,,,,,,,,,,,,,,,,,https://example.com/detail.jpg,3,Detail,,,,,,\n"
)
MUG = (
    "solja,Mug,,Drina,,,,false,Title,Default Title,,,,,MUG,300.0,,0,deny,12.00,,true,false,,,,,"
    "false,,,g,,draft\n"
)


@pytest.fixture
def products(write):
    """The products of a sheet, and the report."""

    def run(content, shape=None):
        stored = []

        def apply(chunk):
            stored.extend(chunk.values)
            return [Outcome("created", found.handle) for found in chunk.values]

        path = content if isinstance(content, Path) else write("products.csv", content)
        return stored, run_import(path, shape or shopify_products(), apply)

    return run


def test_rows_of_one_handle_are_one_product_with_variants_and_pictures(products):
    (scarf, _), report = products(OLD_HEADER + SCARF + MUG)

    assert (scarf.title, scarf.vendor, scarf.kind) == ("Silk scarf", "Drina", "Scarf")
    assert scarf.category == ("Apparel", "Scarves")
    assert scarf.tags == ("silk", "gift")
    assert scarf.option_names == ("Colour", "Size")
    assert [v.options for v in scarf.variants] == [("Red", "S"), ("Blue", "S")]
    assert [v.on_hand for v in scarf.variants] == [5, 0]
    assert [v.may_be_backordered for v in scarf.variants] == [False, True]
    assert scarf.variants[0].price == Decimal("49.90")
    assert scarf.variants[0].compare_at == Decimal("59.90")
    assert scarf.variants[0].barcode == "3838942000126"
    assert scarf.variants[0].grams == 80
    assert [image.alt for image in scarf.images] == ["Red scarf", None, "Detail"]
    assert (report.rows_in, report.rows_stored, report.created) == (4, 4, 2)


def test_a_product_without_options_has_one_plain_variant(products):
    (_, mug), _ = products(OLD_HEADER + SCARF + MUG)

    assert mug.option_names == ()
    assert mug.variants[0].options == ()
    assert mug.variants[0].on_hand is None  # nobody tracks it; the 0 says nothing
    assert mug.variants[0].is_taxable is False
    assert (mug.status, mug.is_published) == ("draft", False)


def test_the_newer_column_names_are_known(products):
    header = (
        "Title,URL handle,Description,Vendor,Status,SKU,Barcode,Option1 name,Option1 value,Price,"
        "Compare-at price,Inventory tracker,Inventory quantity,"
        "Continue selling when out of stock,Weight value (grams),Product image URL,"
        "Image position,Image alt text\n"
    )
    row = (
        "Cap,cap,Nice,Drina,Active,CAP-1,,Size,M,19,,shopify,4,DENY,90,https://e.com/c.jpg,1,Cap\n"
    )

    (cap,), report = products(header + row)

    assert (cap.handle, cap.variants[0].sku, cap.variants[0].on_hand) == ("cap", "CAP-1", 4)
    assert cap.images == (SheetImage("https://e.com/c.jpg", "Cap", 1),)
    assert report.columns_ignored == ()


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ("x,,,,,,,,,,,,,,SKU1,,,,,5,,,,,,,,,,,,,\n", "no_title"),
        ("x,Hat,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\n", "no_variant"),
        (
            "x,Hat,,,,,,,Size,M,,,,,H1,,,,,5,,,,,,,,,,,,,\nx,,,,,,,,,M,,,,,H2,,,,,5,,,,,,,,,,,,,\n",
            "same_options",
        ),
        (
            "x,Hat,,,,,,,Size,M,,,,,H1,,,,,5,,,,,,,,,,,,,\nx,,,,,,,,,L,,,,,h1,,,,,5,,,,,,,,,,,,,\n",
            "same_sku",
        ),
        (
            "x,Hat,,,,,,,Size,M,,,,,H1,,,,,5,,,,,,,,,,,,,\nx,,,,,,,,,,,,,,H2,,,,,5,,,,,,,,,,,,,\n",
            "options_incomplete",
        ),
        ("x,Hat,,,,,,,,M,,,,,H1,,,,,5,,,,,,,,,,,,,\n", "option_unnamed"),
    ],
)
def test_a_product_that_contradicts_itself_is_refused_whole(rows, code, products):
    stored, report = products(OLD_HEADER + rows + MUG)

    assert [product.handle for product in stored] == ["solja"]
    assert report.problems[0].code == code
    assert report.problems[0].sentence()
    assert report.rows_reported == rows.count("\n")


def test_a_bad_price_of_one_variant_holds_the_product_back(products):
    stored, report = products(OLD_HEADER + SCARF.replace("continue,49.90", "continue,cheap") + MUG)

    assert [product.handle for product in stored] == ["solja"]
    assert sorted(p.code for p in report.problems) == ["held_back", "held_back", "not_a_number"]


SPREE = (
    "slug,sku,name,price,compare_at_price,currency,status,category1,option1_name,option1_value,"
    "image1_src,weight,weight_unit,inventory_count,track_inventory\n"
    "kettle,KETTLE,Kettle,0,0,USD,active,Kitchen -> Kettles,,,https://e.com/k.webp,,lb,,\n"
    "kettle,KETTLE-B,,39.99,0,USD,,,Color,Black,https://e.com/b.webp,2.2,lb,50,TRUE\n"
    "toaster,TOASTER,Toaster,29.99,0,USD,active,Kitchen,,,,,,7,TRUE\n"
    "kettle,KETTLE-B,,36.99,,EUR,,,,,,,,,\n"
)


def test_a_master_is_sold_only_where_no_variants_follow(products):
    (kettle, toaster, _), _ = products(SPREE, spree_products())

    assert [v.sku for v in kettle.variants] == ["KETTLE-B"]
    assert kettle.variants[0].grams == 998  # 2.2 lb are 997.90 g
    assert kettle.variants[0].compare_at is None
    assert kettle.category == ("Kitchen", "Kettles")
    assert len(kettle.images) == 2
    assert [v.sku for v in toaster.variants] == ["TOASTER"]


def test_prices_in_another_currency_are_not_another_product(products):
    (*_, prices), report = products(SPREE, spree_products())

    assert prices == SheetPrices("kettle", (SheetPrice("KETTLE-B", "EUR", Decimal("36.99")),))
    assert report.rows_reported == 0


@pytest.mark.parametrize(
    ("sheet", "handles"),
    [(OLD_HEADER + MUG, ["solja"]), (SPREE, ["kettle", "toaster", "kettle"])],
    ids=["shopify", "spree"],
)
def test_a_sheet_shows_whose_it_is(sheet, handles, products):
    columns = sheet.partition("\n")[0].split(",")

    stored, _ = products(sheet, product_sheet(columns))

    assert [found.handle for found in stored] == handles


def test_a_sheet_of_nobody_known_has_no_shape():
    assert product_sheet(["sku", "title", "price"]) is None
