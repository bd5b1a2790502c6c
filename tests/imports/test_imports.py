"""What a retailer brings along: stored or reported, row by row, once."""

from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from charsu.assembly import checks
from charsu.imports import TARGETS, Options, TargetUnknown, run
from charsu.imports.orders import ORDERS
from charsu.imports.running import run_target
from charsu.imports.target import Target
from charsu.kernel import SYSTEM
from charsu.kernel.check import run_checks
from charsu.kernel.intake import Report, read_rows
from charsu.stock import receive_stock
from charsu.stock.documents import StockLine
from charsu.stock.operations.receive import ReceiveStock
from tests.imports.desk import Desk

PRODUCTS = "sku,title,brand,category,price\nMUG,Blue mug,Muscat,Home > Mugs,5.90\nCUP,Cup,,,4\n"
ORDERS_FILE = (
    "external_id,placed_at,sku,quantity,unit_price,discount,tax_percent,customer,location\n"
    "A-1,2026-01-05T10:00:00+01:00,mug,2,5.90,0.80,20,c1,knez\n"
    "A-1,2026-01-05T10:00:00+01:00,CUP,1,4.00,,20,c1,knez\n"
    "A-2,2026-01-06T09:00:00Z,CUP,3,4.00,,,,\n"
    "A-3,2026-01-07T09:00:00Z,HAT,1,9.00,,,,\n"
)

TOLD = "SELECT count(*) FROM kernel.facts WHERE is_historical AND name = 'orders.order_placed'"


def accounts_for(report: Report, *, stored: int, reported: int) -> bool:
    return (report.rows_stored, report.rows_reported) == (stored, reported)


def test_products_come_with_their_prices_and_again_change_nothing(desk: Desk) -> None:
    first = desk.brings("products", PRODUCTS)
    again = desk.brings("products", PRODUCTS)
    dearer = desk.brings("products", PRODUCTS.replace("5.90", "6.50"))

    assert (first.created, again.unchanged, dearer.changed) == (2, 2, 1)
    assert dearer.differences[0].fields == {"price of MUG in web": ("590 EUR", "650 EUR")}
    assert desk.price("MUG") == 650


def test_a_dry_run_tells_and_stores_nothing(desk: Desk) -> None:
    dry = desk.brings("products", PRODUCTS, dry_run=True)

    assert (dry.created, dry.dry_run, desk.count("catalog.products")) == (2, True, 0)
    assert desk.count("imports.positions") == 0


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_products_come_in_other_formats_too(desk: Desk, ending: str, tmp_path: Path) -> None:
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame({"sku": ["MUG"], "title": ["Blue mug"], "price": ["5.90"]})
    path = tmp_path / f"products.{ending}"
    frame.write_ndjson(path) if ending == "jsonl" else frame.write_parquet(path)

    report = run(desk.hub, "products", path, options=Options(channel="web"))

    assert (report.created, desk.price("MUG")) == (1, 590)


def test_a_count_sets_what_is_on_hand_and_again_changes_nothing(desk: Desk) -> None:
    desk.brings("products", PRODUCTS)
    sheet = "sku,location,on_hand\nmug,knez,7\nCUP,knez,0\nHAT,knez,1\nMUG,moon,1\n"

    first = desk.brings("stock", sheet)
    again = desk.brings("stock", sheet)

    assert accounts_for(first, stored=2, reported=2)
    assert {(p.line, p.field, p.code) for p in first.problems} == {
        (4, "sku", "sku_unknown"),
        (5, "location", "location_unknown"),
    }
    assert (first.changed, again.changed, again.unchanged) == (1, 0, 2)
    assert (desk.on_hand("MUG"), desk.on_hand("CUP")) == (7, 0)


def test_what_moved_after_the_count_is_not_undone_however_often_it_comes(desk: Desk) -> None:
    desk.brings("products", PRODUCTS)
    with desk.hub.reading() as tx:
        counted_at = (tx.now - timedelta(minutes=5)).isoformat()
    received = ReceiveStock(location_id=desk.location, lines=(StockLine(sku="MUG", pieces=3),))
    desk.hub.run(receive_stock, received, actor=SYSTEM)
    sheet = f"sku,location,on_hand,counted_at\nMUG,knez,10,{counted_at}\n"

    first = desk.brings("stock", sheet)
    again = desk.brings("stock", sheet)

    assert (first.changed, again.unchanged) == (1, 1)
    assert first.differences[0].fields == {"on_hand": ("0", "10")}
    assert desk.on_hand("MUG") == 13


def test_counts_of_different_times_come_in_any_order_and_the_latest_holds(desk: Desk) -> None:
    desk.brings("products", PRODUCTS)
    with desk.hub.reading() as tx:
        early, late = ((tx.now - timedelta(minutes=ago)).isoformat() for ago in (20, 10))

    desk.brings("stock", f"sku,location,on_hand,counted_at\nMUG,knez,9,{early}\n")
    desk.brings("stock", f"sku,location,on_hand,counted_at\nMUG,knez,7,{late}\n")
    after_the_late_one = desk.on_hand("MUG")
    desk.brings("stock", f"sku,location,on_hand,counted_at\nMUG,knez,4,{early}\n")

    assert after_the_late_one == 7
    assert desk.on_hand("MUG") == 7


def test_a_count_of_the_same_time_that_was_put_right_holds(desk: Desk) -> None:
    desk.brings("products", PRODUCTS)
    with desk.hub.reading() as tx:
        at = (tx.now - timedelta(minutes=10)).isoformat()

    desk.brings("stock", f"sku,location,on_hand,counted_at\nMUG,knez,9,{at}\n")
    desk.brings("stock", f"sku,location,on_hand,counted_at\nMUG,knez,8,{at}\n")

    assert desk.on_hand("MUG") == 8


def test_a_count_of_long_ago_or_of_tomorrow_is_reported(desk: Desk) -> None:
    desk.brings("products", PRODUCTS)
    with desk.hub.reading() as tx:
        past, future = ((tx.now + timedelta(days=days)).isoformat() for days in (-40, 1))

    report = desk.brings(
        "stock", f"sku,location,on_hand,counted_at\nMUG,knez,9,{past}\nCUP,knez,9,{future}\n"
    )

    assert [(p.line, p.field, p.code) for p in report.problems] == [
        (2, "counted_at", "count_out_of_time"),
        (3, "counted_at", "count_out_of_time"),
    ]
    assert desk.on_hand("MUG") is None


def test_customers_are_found_again_by_number_or_address(desk: Desk) -> None:
    sheet = (
        "external_id,email,first name,last name,city,country\n"
        "c1,mila@example.com,Mila,Zvezdić,Beograd,RS\n"
        "c2,not an address,Vuk,,,\n"
        ",,Nobody,,,\n"
    )

    first = desk.brings("customers", sheet)
    again = desk.brings("customers", sheet)

    assert accounts_for(first, stored=1, reported=2)
    assert (first.created, again.unchanged) == (1, 1)
    assert [p.code for p in first.problems] == ["email_invalid", "identifier_missing"]


def test_orders_go_in_whole_and_those_that_cannot_are_reported(desk: Desk) -> None:
    desk.brings("products", PRODUCTS)
    desk.brings("customers", "external_id,email\nc1,mila@example.com\n")

    first = desk.brings("orders", ORDERS_FILE)
    again = desk.brings("orders", ORDERS_FILE)

    assert accounts_for(first, stored=3, reported=1)
    assert (first.created, again.unchanged, again.created) == (2, 2, 0)
    assert [(p.line, p.code) for p in first.problems] == [(5, "sku_unknown")]
    with desk.hub.reading() as tx:
        order = tx.first("SELECT * FROM orders.orders WHERE external_id = 'A-1'")
        facts = tx.value(TOLD)
    assert order is not None
    assert (order.subtotal_minor, order.discount_minor, order.total_minor) == (1580, 80, 1500)
    assert (order.tax_minor, order.is_historical, order.kind) == (183 + 67, True, "counter")
    assert facts == 2


def test_an_order_is_not_rewritten_by_a_later_file(desk: Desk) -> None:
    desk.brings("products", PRODUCTS)
    desk.brings("customers", "external_id,email\nc1,mila@example.com\n")
    desk.brings("orders", ORDERS_FILE)

    report = desk.brings("orders", ORDERS_FILE.replace("CUP,3", "CUP,4"))

    assert (report.unchanged, report.refused) == (1, 2)
    assert {p.code for p in report.problems} == {"order_differs", "sku_unknown"}


def test_amounts_that_no_order_can_hold_are_reported(desk: Desk) -> None:
    desk.brings("products", PRODUCTS)
    rows = (
        "B-1,2026-01-05T10:00:00Z,MUG,1000000000,10000000000,",
        "B-2,2026-01-05T10:00:00Z,MUG,1,5.90,6.00",
        "B-3,2026-01-05T10:00:00Z,MUG,1,6000000000,",
        "B-3,2026-01-05T10:00:00Z,CUP,1,6000000000,",
        "B-4,2026-01-05T10:00:00Z,MUG,0,10000000000,",
        "B-5,2026-01-05T10:00:00Z,MUG,1,10000000000,",
    )

    report = desk.brings(
        "orders", "external_id,placed_at,sku,quantity,unit_price,discount\n" + "\n".join(rows)
    )

    assert [(p.line, p.code) for p in report.problems] == [
        (2, "amount_too_large"),
        (3, "discount_too_large"),
        (4, "amount_too_large"),
    ]
    assert report.created == 2


def test_a_price_that_cannot_be_is_reported(desk: Desk) -> None:
    report = desk.brings("products", PRODUCTS.replace("5.90", "10000000001"))

    assert [(p.line, p.code, p.data) for p in report.problems] == [
        (2, "import_price_too_large", {"sku": "MUG"})
    ]
    assert report.created == 1


def test_an_import_that_broke_off_goes_on_where_it_was(desk: Desk) -> None:
    desk.brings("products", PRODUCTS)
    lines = (f"B-{n},2026-01-05T10:00:00Z,MUG,1,5.90" for n in range(2_500))
    path = desk.file("external_id,placed_at,sku,quantity,unit_price\n" + "\n".join(lines))
    chunks = iter([True, True, False])

    def store(tx, items, options):  # type: ignore[no-untyped-def]
        if not next(chunks):
            raise ConnectionError("the machine lost its power")
        return ORDERS.store(tx, items, options)

    failing = Target("orders", "", ORDERS.shape, store)
    with pytest.raises(ConnectionError):
        run_target(
            desk.hub,
            failing,
            read_rows(path),
            options=Options(channel="web"),
            dry_run=False,
            resume=True,
            progress=None,
            on_problem=None,
        )
    half = desk.count("orders.orders")
    rest = run(desk.hub, "orders", path, options=Options(channel="web"))

    assert half == 2_000
    assert (rest.rows_earlier, rest.created) == (2_000, 500)
    assert desk.count("orders.orders") == 2_500


def test_the_shop_is_sound_after_every_kind_of_import(desk: Desk, database: str) -> None:
    desk.brings("products", PRODUCTS)
    desk.brings("customers", "external_id,email\nc1,mila@example.com\n")
    desk.brings("stock", "sku,location,on_hand\nMUG,knez,7\n")
    desk.brings("orders", ORDERS_FILE)

    with psycopg.connect(database) as connection:
        verdicts = run_checks(connection, checks())

    assert [(v.name, v.findings) for v in verdicts if not v.is_clean] == []


def test_only_known_things_can_be_imported(desk: Desk) -> None:
    assert set(TARGETS) == {"products", "stock", "customers", "orders"}
    with pytest.raises(TargetUnknown, match="products, stock, customers, orders"):
        desk.brings("weather", PRODUCTS)


def test_another_systems_sheet_comes_with_its_prices(desk: Desk) -> None:
    sheet = (
        "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Published,Status\n"
        "dress,Dress,Size,S,DR-S,49.90,true,active\n"
        "dress,,,M,DR-M,52.00,,\n"
    )

    first = desk.brings("products", sheet, options={"language": "sr-Latn"})
    again = desk.brings("products", sheet, options={"language": "sr-Latn"})

    assert accounts_for(first, stored=2, reported=0)
    assert (first.created, again.unchanged) == (1, 1)
    assert (desk.price("DR-S"), desk.price("DR-M")) == (4990, 5200)


def test_skus_that_differ_in_case_are_one_and_the_second_is_reported(desk: Desk) -> None:
    report = desk.brings("products", "sku,title\nMUG,Blue mug\nmug,Red mug\n")

    assert accounts_for(report, stored=1, reported=1)
    assert [(p.line, p.code, p.data) for p in report.problems] == [
        (3, "duplicate_row", {"first": 2})
    ]


def test_prices_go_only_into_channels_that_sell_in_their_currency(desk: Desk) -> None:
    priced = "sku,title,price,currency\nMUG,Blue mug,5.90,EUR\nCUP,Cup,4,USD\n"

    desk.brings("products", priced, options={"channel": None})

    assert (desk.price("MUG"), desk.price("CUP")) == (590, None)


def test_nothing_goes_in_for_a_channel_that_is_not_there(desk: Desk) -> None:
    report = desk.brings("products", PRODUCTS, options={"channel": "moon"})

    assert accounts_for(report, stored=0, reported=2)
    assert {p.code for p in report.problems} == {"import_channel_needed"}
    assert desk.count("catalog.products") == 0
