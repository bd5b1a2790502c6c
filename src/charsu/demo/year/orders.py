"""Orders: one for each basket, with totals that are the sums of its lines to the cent."""

import polars as pl

from charsu.demo.year import households, stores
from charsu.demo.year.clock import instant
from charsu.demo.year.ids import part_ids, stable_ids
from charsu.demo.year.lines import unit_price
from charsu.demo.year.products import FUEL_SCALE, GALLON, PIECE


def orders(lines: pl.DataFrame) -> pl.DataFrame:
    """One row for each basket, in order of time.

    id               UUIDv7 as text, the same whenever the same basket lands on the same moment
    number           the source's basket number as text: the order's id in the till's own system
    store_code, household_code
    placed_at        aware, UTC
    business_day     the date on the shop's wall clock
    line_count
    gross_minor      cents before discounts; gross less discount is the total
    discount_minor   loyalty card and matched coupons, borne by the shop
    total_minor      what the retailer receives
    coupon_minor     the part of it that manufacturers pay for coupons, as the till wrote it: in 19
                     baskets more than the total
    paid_minor       the part that the customer paid, 0 or more
    tax_minor        0: the source knows no taxes
    """
    amounts = ("gross_minor", "discount_minor", "total_minor", "coupon_minor")
    baskets = (
        lines.group_by("basket_id")
        .agg(
            pl.col("household_id", "store_id", "wall").first(),
            pl.col(*amounts).sum(),
            line_count=pl.len(),
        )
        .with_columns(placed_at=instant(pl.col("wall")))
        .sort("placed_at", "basket_id")
    )
    moments = baskets["placed_at"].dt.epoch("ms")
    return baskets.select(
        stable_ids("order", baskets["basket_id"], moments).alias("id"),
        pl.col("basket_id").cast(pl.String).alias("number"),
        stores.code().alias("store_code"),
        households.code().alias("household_code"),
        "placed_at",
        pl.col("wall").dt.date().alias("business_day"),
        "line_count",
        *amounts,
        (pl.col("total_minor") - pl.col("coupon_minor")).clip(0).alias("paid_minor"),
        pl.lit(0, dtype=pl.Int64).alias("tax_minor"),
    )


def order_lines(lines: pl.DataFrame, orders: pl.DataFrame) -> pl.DataFrame:
    """Every line of the orders, in order of order and line number.

    order_id, id     UUIDv7 as text; the line's is the order's with its number in the last 12 bits
    line_no          1, 2, … within the order
    sku, kind        see ``products`` and ``read_lines``; only ``piece`` moves stock
    quantity         as the till wrote it; thousandths of a gallon for ``fuel``
    unit, scale      UN/CEFACT Rec 20 and decimals of the quantity
    unit_minor       what one piece came to, null where that is no whole cent: the total stands
    gross_minor, discount_minor, total_minor, coupon_minor   cents, as in ``orders``
    """
    rank = orders.select(
        basket_id=pl.col("number").cast(pl.Int64), order_id="id", place=pl.int_range(pl.len())
    )
    numbered = (
        lines.join(rank, on="basket_id")
        .sort("place", "product_id")
        .with_columns(line_no=pl.int_range(pl.len()).over("place") + 1)
    )
    fuel = pl.col("kind") == "fuel"
    return numbered.select(
        "order_id",
        part_ids(pl.col("order_id"), pl.col("line_no")).alias("id"),
        "line_no",
        pl.col("product_id").cast(pl.String).alias("sku"),
        *("kind", "quantity"),
        pl.when(fuel).then(pl.lit(GALLON)).otherwise(pl.lit(PIECE)).alias("unit"),
        pl.when(fuel).then(FUEL_SCALE).otherwise(0).cast(pl.Int16).alias("scale"),
        unit_price().alias("unit_minor"),
        *("gross_minor", "discount_minor", "total_minor", "coupon_minor"),
    )
