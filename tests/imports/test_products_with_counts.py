"""Counts that stand in a file of products: taken where the importer says where, else told."""

import psycopg
import pytest

from charsu.assembly import checks
from charsu.catalog import ProductDraft, ProductText, PutProduct, VariantDraft, put_product
from charsu.kernel import SYSTEM
from charsu.kernel.check import run_checks
from tests.imports.desk import Desk

SHOPIFY = (
    "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory Tracker,"
    "Variant Inventory Qty\n"
    "dress,Dress,Size,S,DR-S,49.90,shopify,5\n"
    "dress,,,M,DR-M,52.00,shopify,0\n"
    "card,Gift card,,,CARD,10.00,,0\n"
    "scarf,Scarf,,,SCARF,20.00,shopify,-3\n"
)
SPREE = (
    "product_id,slug,name,price,currency,status,sku,option1_name,option1_value,inventory_count\n"
    "1,dress,Dress,49.90,EUR,active,DR-S,,,5\n"
)
OWN = "sku,title,on_hand\nDR-S,Dress,5\nMUG,Mug,\n"


def test_shopifys_counts_go_to_the_location_that_was_named_and_again_change_nothing(
    desk: Desk, database: str
) -> None:
    first = desk.brings("products", SHOPIFY, options={"location": "knez"})
    again = desk.brings("products", SHOPIFY, options={"location": "knez"})

    assert (first.created, again.unchanged) == (3, 3)
    assert desk.on_hand("DR-S") == 5
    assert desk.on_hand("CARD") is None, "nobody counts gift cards"
    fields = {d.name: d.fields for d in first.differences}
    assert fields["dress"]["on_hand of DR-S @ knez"] == ("0", "5")
    with psycopg.connect(database) as connection:
        assert [v for v in run_checks(connection, checks()) if not v.is_clean] == []


def test_a_new_count_of_a_known_product_changes_it(desk: Desk) -> None:
    desk.brings("products", SHOPIFY, options={"location": "knez"})

    less = desk.brings(
        "products", SHOPIFY.replace("shopify,5", "shopify,4"), options={"location": "knez"}
    )

    assert (less.changed, less.unchanged) == (1, 2)
    assert less.differences[0].fields == {"on_hand of DR-S @ knez": ("5", "4")}
    assert desk.on_hand("DR-S") == 4


@pytest.mark.parametrize(
    ("sheet", "count"), [(SHOPIFY, 3), (SPREE, 1), (OWN, 1)], ids=["shopify", "spree", "own"]
)
def test_counts_without_a_location_are_left_out_and_the_report_says_so(
    desk: Desk, sheet: str, count: int
) -> None:
    report = desk.brings("products", sheet)

    assert report.refused == 0
    assert [(w.code, w.line, w.data) for w in report.warnings] == [
        ("counts_left_out", 2, {"count": count})
    ]
    assert "--location" in report.warnings[0].advice()
    assert desk.count("stock.counts") == 0


@pytest.mark.parametrize("sheet", [SPREE, OWN], ids=["spree", "own"])
def test_counts_of_other_sheets_are_taken_too(desk: Desk, sheet: str) -> None:
    report = desk.brings("products", sheet, options={"location": "knez"})

    assert report.warnings == ()
    assert desk.on_hand("DR-S") == 5


def test_a_count_below_nought_is_told_and_its_product_goes_in(desk: Desk) -> None:
    huge = SHOPIFY.replace("shopify,0", f"shopify,{10**12}")

    report = desk.brings("products", huge, options={"location": "knez"})

    assert report.created == 3
    assert [(w.code, w.data["sku"], w.data["on_hand"]) for w in report.warnings] == [
        ("count_impossible", "DR-M", str(10**12)),
        ("count_impossible", "SCARF", "-3"),
    ]
    assert desk.on_hand("SCARF") is None


def test_a_location_that_is_not_there_keeps_only_things_with_counts_out(desk: Desk) -> None:
    report = desk.brings("products", SHOPIFY, options={"location": "moon"})

    assert [(p.line, p.code, p.data) for p in report.problems] == [
        (2, "not_found", {"kind": "location", "name": "moon"}),
    ]
    assert (report.created, report.refused) == (2, 1)


def test_a_dry_run_shows_what_would_be_counted(desk: Desk) -> None:
    report = desk.brings("products", OWN, options={"location": "knez"}, dry_run=True)

    assert report.differences[0].fields["on_hand of DR-S @ knez"] == ("0", "5")
    assert desk.count("stock.documents") == 0


@pytest.mark.parametrize("sheet", [SHOPIFY, SPREE, OWN], ids=["shopify", "spree", "own"])
def test_a_sheet_that_counts_pieces_leaves_what_is_counted_in_grams_alone(
    desk: Desk, sheet: str
) -> None:
    handle = "dr-s" if sheet is OWN else "dress"
    silk = ProductDraft(
        handle=handle,
        texts={"en": ProductText(title="Silk")},
        unit="KGM",
        quantity_scale=3,
        variants=(VariantDraft(sku="DR-S"),),
    )
    desk.hub.run(put_product, PutProduct(product=silk), actor=SYSTEM)
    weighed = "sku,location,on_hand\nDR-S,knez,1000\n"
    desk.brings("stock", weighed, name="stock.csv")

    report = desk.brings("products", sheet, options={"location": "knez"})

    assert [one.code for one in report.problems] == ["unit_kept"]
    assert report.refused == 1
    assert desk.on_hand("DR-S") == 1_000
    assert desk.price("DR-S") is None
