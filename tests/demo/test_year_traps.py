"""Each trap of the retailer's year, counted on the source and seen handled in the frames."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import groupby

import polars as pl
import pytest

from charsu.demo.year import Year
from charsu.demo.year.cents import prove
from charsu.demo.year.source import scan

pytestmark = pytest.mark.slow


def test_nothing_of_the_year_is_lost(year: Year) -> None:
    assert year.lines.height == 1_469_307
    assert year.orders.height == 155_848
    assert year.stores.height == 457
    assert year.households.height == 2_469
    assert year.products.height == 92_331 + 17
    assert year.campaigns.height == 27
    assert year.redemptions.height == 2_102


def test_every_order_total_is_the_decimal_sum_of_its_basket(year: Year, till: pl.DataFrame) -> None:
    """The source's floats, printed in full, rounded and added as decimals: another road."""
    rows = till.select("basket_id", "sales_value").sort("basket_id").iter_rows()
    cent = Decimal("0.01")
    expected = {
        str(basket): int(sum(Decimal(value).quantize(cent) for _, value in lines) * 100)
        for basket, lines in groupby(rows, key=lambda row: row[0])
    }

    assert dict(year.orders.select("number", "total_minor").iter_rows()) == expected
    assert sum(expected.values()) == 459_603_958


def test_amounts_that_are_not_whole_cents_are_refused() -> None:
    prove(pl.LazyFrame({"paid": [0.1 + 0.2, 1e-16, 130.02]}), ("paid",))
    with pytest.raises(ValueError, match="paid"):
        prove(pl.LazyFrame({"paid": [0.305]}), ("paid",))


def test_gross_less_discount_is_the_total_of_every_line_and_order(year: Year) -> None:
    for frame in (year.lines, year.orders):
        off = pl.col("gross_minor") - pl.col("discount_minor") - pl.col("total_minor")
        assert frame.select(off.abs().max()).item() == 0


def test_order_totals_are_the_sums_of_their_lines(year: Year) -> None:
    amounts = ["gross_minor", "discount_minor", "total_minor", "coupon_minor"]
    sums = year.lines.group_by("order_id").agg(pl.col(amounts).sum(), line_count=pl.len())
    both = year.orders.join(sums, left_on="id", right_on="order_id", suffix="_lines")

    assert both.height == year.orders.height
    for column in (*amounts, "line_count"):
        assert (both[column] == both[f"{column}_lines"]).all(), column


def test_the_value_is_after_discounts_and_before_coupons() -> None:
    """Single pieces with a matched coupon against the usual price that week in that store."""
    source = scan("transactions").filter(pl.col("quantity") == 1).collect()
    match, coupon = pl.col("coupon_match_disc"), pl.col("coupon_disc")
    place = ["product_id", "store_id", "week"]
    plain = source.filter(coupon == 0, match == 0).group_by(place)
    usual = plain.agg(usual=pl.col("sales_value").round(2).mode().min())
    matched = source.filter(match > 0).join(usual, on=place)
    off = pl.col("sales_value") + match - pl.col("usual")

    assert matched.height > 150
    assert matched.select((off.abs() < 0.005).mean()).item() > 0.95
    assert matched.select(((off + coupon).abs() < 0.005).sum()).item() == 0


def test_times_are_utc_of_the_us_east(till: pl.DataFrame, sold: pl.DataFrame) -> None:
    """Read in New York the shops close on Christmas, and coupons are used on shopping days."""
    used = scan("coupon_redemptions").select(
        "household_id", source_day=pl.col("redemption_date").dt.date()
    )
    visits = sold.select("household_id", "source_day").unique()
    as_written = till.select(
        "household_id", source_day=pl.col("transaction_timestamp").dt.date()
    ).unique()
    keys = ["household_id", "source_day"]

    assert used.collect().join(visits, on=keys, how="semi").height == 2_102
    assert used.collect().join(as_written, on=keys, how="semi").height == 1_869
    assert sold["source_day"].n_unique() == 364
    assert date(2017, 12, 25) not in sold["source_day"]
    assert till["transaction_timestamp"].dt.date().n_unique() == 365


def test_fuel_is_gallons_in_thousandths_and_never_stock(year: Year, till: pl.DataFrame) -> None:
    fuel = year.lines.filter(pl.col("kind") == "fuel")
    by_amount = year.lines.filter(pl.col("kind") == "fuel_amount")

    assert till["quantity"].max() == fuel["quantity"].max() == 89_638
    assert set(fuel.select("unit", "scale").unique().iter_rows()) == {("GLL", 3)}
    assert (fuel.height, by_amount.height) == (13_520, 1_177)
    assert by_amount["quantity"].unique().to_list() == [1]
    goods = year.lines.filter(pl.col("kind") == "piece")
    assert goods["quantity"].max() == 144  # a crate of corn
    assert year.levels.join(fuel, on="sku", how="semi").height == 0


def test_lines_without_quantity_keep_their_value_and_move_no_stock(year: Year) -> None:
    none = year.lines.filter(pl.col("kind") == "no_quantity")

    assert none.height == year.lines.filter(pl.col("quantity") == 0).height == 8_869
    assert none.filter(pl.col("total_minor") > 0).height == 29
    assert none["unit_minor"].null_count() == none.height


def test_lines_without_value_are_kept_and_dust_counts_as_nothing(
    year: Year, till: pl.DataFrame
) -> None:
    assert till.filter(pl.col("sales_value") <= 0).height == 11_226
    dust = till.filter(pl.col("sales_value") > 0, pl.col("sales_value") < 0.005)
    assert dust.height == 20
    assert year.lines.filter(pl.col("total_minor") == 0).height == 11_226 + 20
    assert year.lines.filter(pl.col("total_minor") < 0).height == 0


def test_products_missing_from_the_table_are_listed_as_such(year: Year) -> None:
    missing = year.products.filter("is_missing")

    assert missing.height == 17
    assert year.lines.join(missing, on="sku", how="semi").height == 4_836
    assert not missing["is_stocked"].any()
    assert missing["title"].str.starts_with("Unlisted product ").all()
    assert year.lines.join(year.products, on="sku", how="anti").height == 0


def test_lines_without_a_whole_unit_price_keep_their_total(year: Year) -> None:
    counted = year.lines.filter(pl.col("quantity") > 0)

    assert counted["unit_minor"].null_count() == 44_595
    whole = counted.drop_nulls("unit_minor")
    assert (whole["unit_minor"] * whole["quantity"] == whole["total_minor"]).all()


def test_stores_hardly_ever_seen_are_told_from_the_others(year: Year) -> None:
    assert year.stores["is_minor"].sum() == 118
    assert year.stores.filter("is_minor")["line_count"].max() == 6


def test_coupons_pay_but_customers_never_pay_less_than_nothing(year: Year) -> None:
    over = year.orders.filter(pl.col("coupon_minor") > pl.col("total_minor"))

    assert over.height == 19
    assert year.orders["paid_minor"].min() == 0
    assert over["paid_minor"].sum() == 0


def test_a_coupon_is_good_for_listed_products_once(year: Year) -> None:
    assert year.coupons.height == year.coupons.unique().height == 116_204 - 4_872 - 8
    assert year.coupons.join(year.products, on="sku", how="anti").height == 0


def test_redemptions_lie_in_their_campaign_unless_the_ring_moved_them(year: Year) -> None:
    dated = year.redemptions.join(year.campaigns, left_on="campaign_code", right_on="code")
    day = pl.col("redeemed_at").dt.convert_time_zone("America/New_York").dt.date()
    outside = dated.filter(~day.is_between(pl.col("starts_on"), pl.col("ends_on")))
    moved = outside.filter((day + timedelta(weeks=52)).is_between("starts_on", "ends_on"))

    assert outside.height == moved.height == 110
    assert year.redemptions.join(year.orders, left_on="order_id", right_on="id").height == 2_102


def test_a_redemption_is_seen_in_the_order_that_paid_by_coupon(year: Year) -> None:
    """On the other 167 days the household's orders show no coupon at all."""
    used = year.redemptions.join(year.orders, left_on="order_id", right_on="id")
    assert used.filter(pl.col("coupon_minor") > 0).height == 1_935
    assert (used["redeemed_at"] == used["placed_at"]).all()
    assert (used["household_code"] == used["household_code_right"]).all()


def test_the_year_ends_now_with_nothing_in_the_future(year: Year) -> None:
    now = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
    newest, oldest = year.orders["placed_at"].max(), year.orders["placed_at"].min()

    assert isinstance(newest, datetime)
    assert isinstance(oldest, datetime)
    assert now - timedelta(hours=2) < newest <= now
    assert oldest > now - timedelta(weeks=52)
    days = year.orders["business_day"].unique()
    assert days.len() == 364  # 363 whole ones, today so far and the rest of it 52 weeks ago
    assert date(2025, 12, 1) not in days  # where Christmas went


def test_moved_orders_keep_their_weekday_and_hour(year: Year, till: pl.DataFrame) -> None:
    eastern = pl.col("transaction_timestamp").dt.replace_time_zone("UTC")
    source = till.group_by(number=pl.col("basket_id").cast(pl.String)).agg(
        was=eastern.first().dt.convert_time_zone("America/New_York")
    )
    both = year.orders.join(source, on="number").with_columns(
        at=pl.col("placed_at").dt.convert_time_zone("America/New_York")
    )

    assert (both["at"].dt.weekday() == both["was"].dt.weekday()).all()
    assert (both["at"].dt.time() == both["was"].dt.time()).all()
