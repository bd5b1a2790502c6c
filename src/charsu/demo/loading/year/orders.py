"""The year's orders with their lines, and the goods that left with them."""

from collections.abc import Sequence

import polars as pl

from charsu.demo.loading.parts import put_in_parts
from charsu.demo.loading.progress import Progress
from charsu.demo.loading.year.shop import COUNTRY, YearShop
from charsu.demo.loading.year.stock import PIECE
from charsu.demo.year import CURRENCY, Year, csv_chunks, part_ids
from charsu.kernel import SYSTEM, Hub
from charsu.orders.bulk import HISTORY, LINES, ORDERS, PAYMENTS, copy_past_orders
from charsu.stock import outside_account
from charsu.stock.bulk import copy_past_sales

ORDERS_AT_ONCE = 2_000  # with about ten lines each: a second or less for one transaction


def load_orders(
    hub: Hub, year: Year, shop: YearShop, accounts: pl.DataFrame, progress: Progress
) -> None:
    """Take the orders over in order of time, each chunk with its lines and its goods."""
    line_ends = year.orders["line_count"].cum_sum()

    def put(part: Sequence[int]) -> None:
        orders = year.orders.slice(part[0], len(part))
        end = int(line_ends[part[-1]])
        start = end - int(orders["line_count"].sum())
        lines = year.lines.slice(start, end - start)  # in the order of the orders
        known = lines.join(shop.variants, on="sku", maintain_order="left")
        sold = _sold(orders, lines, accounts)
        with hub.writing("demo.load") as tx:
            copy_past_orders(
                tx,
                csv_chunks(_orders(orders, shop)),
                csv_chunks(_lines(known)),
                csv_chunks(_payments(orders)),
                ids=orders["id"].to_list(),
            )
            copy_past_sales(tx, csv_chunks(sold))

    for part, _ in put_in_parts(range(year.orders.height), ORDERS_AT_ONCE, put):
        progress("orders", part[-1] + 1, year.orders.height)


def _orders(orders: pl.DataFrame, shop: YearShop) -> pl.DataFrame:
    """Till orders, paid and taken away. What was captured is never below nought."""
    known = orders.join(shop.stores, on="store_code", maintain_order="left").join(
        shop.customers, on="household_code", maintain_order="left"
    )
    nothing = pl.lit(0)
    return known.select(
        "id",
        channel_id=pl.lit(str(shop.channel_id)),
        external_id="number",
        location_id="location_id",
        customer_id="customer_id",
        kind=pl.lit("counter"),
        state=pl.lit("fulfilled"),
        payment_state=pl.lit("paid"),
        currency=pl.lit(CURRENCY),
        tax_mode=pl.lit("added"),
        country=pl.lit(COUNTRY),
        subtotal_minor="gross_minor",
        discount_minor="discount_minor",
        delivery_minor=nothing,
        delivery_tax_minor=nothing,
        tax_minor="tax_minor",
        total_minor="total_minor",
        captured_minor="total_minor",
        placed_at="placed_at",
        is_historical=pl.lit(True),
        version=pl.lit(1),
    ).select(ORDERS)


def _payments(orders: pl.DataFrame) -> pl.DataFrame:
    """What was paid: by the customer, and with manufacturers' coupons; what came to 0 is left out.

    The coupons' part comes first, so that a refund goes to the customer's own money before it.
    """
    parts = orders.select("id", "placed_at", "paid_minor", "total_minor").with_columns(
        coupon=pl.col("total_minor") - pl.col("paid_minor"), other="paid_minor"
    )
    paid = parts.unpivot(
        ["coupon", "other"], index=["id", "placed_at"], variable_name="method", value_name="amount"
    )
    number = pl.when(pl.col("method") == "coupon").then(1).otherwise(2)
    return (
        paid.filter(pl.col("amount") > 0)
        .select(
            part_ids(pl.col("id"), number).alias("id"),
            order_id="id",
            provider=pl.lit(HISTORY),
            reference=pl.concat_str("id", pl.lit("/"), "method"),
            method="method",
            currency=pl.lit(CURRENCY),
            authorized_minor="amount",
            captured_minor="amount",
            at="placed_at",
        )
        .select(PAYMENTS)
    )


def _lines(lines: pl.DataFrame) -> pl.DataFrame:
    nothing = pl.lit(0)
    return lines.select(
        "id",
        "order_id",
        "variant_id",
        "sku",
        "title",
        "unit",
        "quantity",
        "discount_minor",
        "total_minor",
        position="line_no",
        unit_minor=_unit_minor(),
        subtotal_minor="gross_minor",
        tax_rate_ppm=nothing,
        tax_minor=nothing,
        fulfilled="quantity",
    ).select(LINES)


def _unit_minor() -> pl.Expr:
    """The price of one piece before discounts; null where only the line's total is known."""
    counted = pl.when((pl.col("quantity") > 0) & (pl.col("scale") == 0)).then(pl.col("quantity"))
    gross = pl.col("gross_minor")
    return pl.when(gross % counted == 0).then(gross // counted)


def _sold(orders: pl.DataFrame, lines: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """The pieces that left the shelves; each transfer has the id of the line that it is for."""
    told = orders.select("store_code", "placed_at", order_id="id")
    pieces = lines.filter(pl.col("kind") == "piece").join(
        told, on="order_id", maintain_order="left"
    )
    found = pieces.join(accounts, on=["store_code", "sku"], maintain_order="left")
    return found.select(
        "id",
        pl.col("account_id").alias("from_account_id"),
        pl.lit(str(outside_account("sold", PIECE).id)).alias("to_account_id"),
        pl.col("quantity").alias("amount"),
        pl.lit("sold").alias("reason"),
        pl.col("order_id").alias("cause_id"),
        pl.lit(str(SYSTEM.id)).alias("actor_id"),
        pl.col("placed_at").alias("at"),
    )
