"""The till's lines: what was sold, to whom, where, when and for how much.

What the columns of the source mean was settled on the data itself:

sales_value         what the retailer receives for the line. Where a coupon is matched by the shop,
                    sales_value + coupon_match_disc is the price that others paid in that store and
                    week without a coupon (98.5 % of 203 comparable lines); with coupon_disc added
                    on top it never is. So discounts are already taken off, coupons are not.
retail_disc         taken off by the shop for its loyalty card. A discount.
coupon_match_disc   taken off by the shop to match a manufacturer's coupon. A discount.
coupon_disc         the manufacturer's coupon: the retailer receives this part from the
                    manufacturer instead of the customer. A way of paying, not a discount.

So gross = sales_value + retail_disc + coupon_match_disc, total = sales_value, and the customer
paid the total less the coupon. The source knows no taxes.
"""

from datetime import datetime

import polars as pl

from charsu.demo.year.cents import cents, prove
from charsu.demo.year.clock import moved, wall_clock
from charsu.demo.year.products import traits
from charsu.demo.year.source import scan

AMOUNTS = ("sales_value", "retail_disc", "coupon_disc", "coupon_match_disc")
FUEL_PRICES = (100, 600)  # cents per gallon; outside, the quantity is not a volume


def read_lines(now: datetime) -> pl.DataFrame:
    """Every line of the year with exact amounts, a kind, and its moved wall clock.

    ``source_day`` is the business day of 2017; coupons were noted by day.

    kind    piece        goods from a shelf, counted in pieces
            fuel         quantity is thousandths of a gallon
            fuel_amount  fuel sold by amount ("20 dollars"): the quantity says nothing
            service      gift cards, tickets, coupons sold, products missing from the table
            no_quantity  quantity 0: mostly coupons handed in, and lines of no value
    """
    table = scan("transactions")
    prove(table, AMOUNTS)
    discount = cents("retail_disc") + cents("coupon_match_disc")
    sold = table.select(
        *("household_id", "store_id", "basket_id", "product_id", "quantity"),
        gross_minor=cents("sales_value") + discount,
        discount_minor=discount,
        total_minor=cents("sales_value"),
        coupon_minor=cents("coupon_disc"),
        wall=moved(wall_clock("transaction_timestamp"), now),
        source_day=wall_clock("transaction_timestamp").dt.date(),
    )
    known = sold.join(traits().lazy(), on="product_id", how="left")
    return known.with_columns(kind=_kind()).drop("is_fuel", "is_stocked").collect()


def unit_price() -> pl.Expr:
    """What one piece came to in cents; null where that is no whole cent, or nothing was counted."""
    quantity, total = pl.col("quantity"), pl.col("total_minor")
    counted = pl.when(quantity > 0).then(quantity)  # a null divisor gives null, never an error
    return pl.when(total % counted == 0).then(total // counted)


def _kind() -> pl.Expr:
    low, high = FUEL_PRICES
    per_gallon = pl.col("gross_minor") * 1000 / pl.col("quantity")
    return (
        pl.when(pl.col("quantity") == 0)
        .then(pl.lit("no_quantity"))
        .when(pl.col("is_fuel") & per_gallon.is_between(low, high))
        .then(pl.lit("fuel"))
        .when("is_fuel")
        .then(pl.lit("fuel_amount"))
        .when(pl.col("is_stocked").fill_null(False))
        .then(pl.lit("piece"))
        .otherwise(pl.lit("service"))
    )
