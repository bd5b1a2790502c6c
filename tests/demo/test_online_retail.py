"""A real wholesaler's export, every line of it stored or reported."""

from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from charsu.demo.online_retail import REASONS, STORED, Trade, classified, read

pytestmark = pytest.mark.slow

EXPORT = Path(__file__).parents[1] / "data" / "online_retail_2010-12_to_2011-08.parquet"


@pytest.fixture(scope="module")
def source() -> pl.DataFrame:
    return pl.read_parquet(EXPORT)


@pytest.fixture(scope="module")
def trade() -> Trade:
    return read(EXPORT)


def test_every_line_is_stored_once_or_reported_once(trade: Trade) -> None:
    stored = [frame["line"] for frame in (trade.lines, trade.returns, trade.write_offs)]
    numbers = pl.concat([*stored, trade.reported["line"]])

    assert trade.rows == 320_705
    assert sum(map(len, stored)) + trade.reported.height == trade.rows
    assert numbers.sort().to_list() == list(range(1, trade.rows + 1))


def test_each_trap_is_counted(source: pl.DataFrame) -> None:
    kinds = Counter(classified(source)["kind"])

    assert kinds == {
        "sale": 309_084,
        "cancellation": 5_432,
        "charge": 1_308,
        "charge_cancellation": 78,
        "write_off": 925,
        "duplicate": 2_477,
        "no_price": 871,
        "manual": 367,
        "sample": 55,
        "discount": 54,
        "fee": 49,
        "bad_debt": 3,
        "fraction_of_a_cent": 2,
    }
    assert set(kinds) == {*STORED, *REASONS}


def test_the_counts_agree_with_the_readme_of_the_data(source: pl.DataFrame) -> None:
    """5,847 lines of credit notes, 6,772 of negative quantity, 1,797 at no price, 88,652 guests."""
    kinds = classified(source)
    credit = pl.col("InvoiceNo").str.starts_with("C")

    assert kinds.filter(credit).height == 5_847
    assert kinds.filter(pl.col("Quantity") < 0).height == 5_847 + 925 == 6_772
    assert kinds.filter(pl.col("UnitPrice") == 0).height == 1_797 == 925 + 872
    assert kinds.filter(pl.col("CustomerID").is_null()).height == 88_652
    assert kinds.filter(pl.col("UnitPrice") < 0)["kind"].to_list() == ["bad_debt"] * 2
    assert kinds["sku"].n_unique() == 3_680
    assert kinds["StockCode"].n_unique() == 3_774


def test_totals_are_exact_sums_of_decimals(trade: Trade, source: pl.DataFrame) -> None:
    """Quantity times the printed price, added as decimals over the lines that were stored."""
    columns = source.select("Quantity", "UnitPrice").with_row_index("line", offset=1)
    stored = columns.join(trade.lines, on="line", how="semi")
    pounds = sum(Decimal(quantity) * Decimal(str(price)) for _, quantity, price in stored.rows())

    assert trade.lines["total_minor"].sum() == pounds * 100 == 622_111_318
    assert trade.orders["total_minor"].sum() == trade.lines["total_minor"].sum()
    assert trade.orders["line_count"].sum() == trade.lines.height
    parts = trade.orders["goods_minor"] + trade.orders["charges_minor"]
    assert (parts == trade.orders["total_minor"]).all()


def test_orders_and_their_lines_refer_to_each_other(trade: Trade) -> None:
    goods = trade.lines.filter(pl.col("kind") == "sale")
    returned = trade.returns.filter(pl.col("kind") == "cancellation")
    known = trade.orders.drop_nulls("customer_code")

    assert trade.orders["number"].is_unique().all()
    assert trade.products["sku"].is_unique().all()
    assert trade.lines.join(trade.orders, on="number", how="anti").height == 0
    for frame in (goods, returned, trade.write_offs):
        assert frame.join(trade.products, on="sku", how="anti").height == 0
        assert frame["quantity"].min() >= 1  # type: ignore[operator]
    people = trade.customers.select(customer_code="code")
    assert known.join(people, on="customer_code", how="anti").height == 0


def test_one_product_has_one_code_however_it_was_typed(trade: Trade) -> None:
    several = trade.products.filter(pl.col("written_as").list.len() > 1)

    assert several.height == 92
    for sku, written in several.select("sku", "written_as").iter_rows():
        assert {code.upper() for code in written} == {sku}


def test_invoice_times_are_london_wall_clock(trade: Trade) -> None:
    placed = dict(trade.orders.select("number", "placed_at").iter_rows())
    assert placed["536365"] == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)  # winter: as written
    newest = max(placed.values())
    assert newest == datetime(2011, 8, 31, 16, 30, tzinfo=UTC)  # summer: an hour earlier
    assert placed["550320"].minute == 37, "an invoice over two minutes counts from the first"
    hours = {moment.hour for moment in placed.values() if moment.date() > date(2011, 4, 1)}
    assert min(hours) >= 5


def test_the_order_of_74_215_pieces_was_cancelled_a_quarter_of_an_hour_later(trade: Trade) -> None:
    cancelled = trade.returns.filter(pl.col("quantity") == 74_215).row(0, named=True)
    order = trade.orders.filter(pl.col("number") == cancelled["sale_number"]).row(0, named=True)

    assert order["customer_code"] == cancelled["customer_code"] == "12346"
    assert order["total_minor"] == cancelled["total_minor"] == 7_718_360
    assert (cancelled["returned_at"] - order["placed_at"]).total_seconds() == 16 * 60


def test_a_return_names_an_earlier_sale_of_the_same_product_to_the_same_customer(
    trade: Trade,
) -> None:
    found = trade.returns.drop_nulls("sale_number")
    sales = trade.lines.select("sku", sale_number="number").unique()
    orders = trade.orders.select("placed_at", "customer_code", sale_number="number")
    both = found.join(sales, on=["sku", "sale_number"]).join(
        orders, on=["sale_number", "customer_code"]
    )

    assert both.height == found.height == 5_510 - 1_039
    assert (both["placed_at"] <= both["returned_at"]).all()


def test_a_reported_line_says_where_why_and_how_to_mend(trade: Trade) -> None:
    assert trade.reported.null_count().sum_horizontal().item() == 0
    debt = trade.reported.filter(pl.col("reason") == "bad_debt")
    assert debt["value"].to_list() == ["A563185", "A563186", "A563187"]
    assert set(trade.reported["reason"]) == set(REASONS)


def test_countries_become_codes_and_what_is_no_country_stays_open(trade: Trade) -> None:
    countries = set(trade.orders["country"])
    assert {"GB", "IE", "US", None} <= countries
    assert all(code is None or len(code) == 2 for code in countries)
    assert trade.orders["country"].null_count() == 28


def test_another_file_is_refused_rather_than_half_read(source: pl.DataFrame) -> None:
    odd = source.head(3).with_columns(Quantity=pl.lit(0, pl.Int32))
    with pytest.raises(ValueError, match="3 lines fit no rule"):
        classified(odd)
