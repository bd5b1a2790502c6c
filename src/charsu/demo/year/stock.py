"""Stock for a year of which only the sales are known: deliveries that make the ledger close.

For each product in each store that sold it: an opening stock, deliveries, and what is left today.

- What is left is a shelf's facing of 2 to 12 pieces and 5 to 35 days of cover at the pair's own
  velocity; about 3 % of the pairs are sold out. Which, how many pieces and how many days is drawn
  from the numbers of product and store. (The facing matters: the households are a sample, so a
  pair sells two pieces a year in the middle, far less than the store did.)
- Pairs that sell two pieces a month or more are delivered every four weeks, at four in the morning
  on the store's own day of the cycle, what the coming four weeks will sell. All others opened with
  what they sold.

So stock never falls below what is left today, at no time is anything negative, and
opening + delivered - sold = left, exactly.
"""

from datetime import timedelta

import polars as pl

from charsu.demo.year import stores
from charsu.demo.year.chance import draw
from charsu.demo.year.clock import RING, instant

SOLD_OUT = 0.03
FACING = (2, 12)
COVER_DAYS = (5, 35)
CYCLE = timedelta(weeks=4)
DELIVERED_FROM = 26  # pieces a year
ARRIVAL = timedelta(hours=4)
PAIR = ("product_id", "store_id")


def movements(lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Stock per product and store, and the deliveries that kept it up.

    levels      store_code, sku, opening, delivered, sold, on_hand (pieces), opened_at (aware,
                UTC): the first midnight of the year on the store's wall clock
    deliveries  store_code, sku, received_at (aware, UTC), quantity > 0; in order of time
    """
    sold = lines.filter(pl.col("kind") == "piece").select(*PAIR, "wall", "quantity")
    start = lines.select(pl.col("wall").min().dt.truncate("1d")).item()
    wanted = sold.group_by(*PAIR).agg(sold=pl.col("quantity").sum()).with_columns(on_hand=_left())
    needs = _needs(sold.join(wanted, on=PAIR).with_columns(start=pl.lit(start)))
    arrivals = needs.filter(pl.col("cycle") > 0)
    totals = arrivals.group_by(*PAIR).agg(delivered=pl.col("quantity").sum())
    levels = wanted.join(totals, on=PAIR, how="left").with_columns(pl.col("delivered").fill_null(0))
    return _levels(levels.with_columns(start=pl.lit(start))), _deliveries(arrivals)


def _left() -> pl.Expr:
    days = _between(*COVER_DAYS, seed=22)
    cover = pl.col("sold") * days // RING.days
    left = _between(*FACING, seed=23) + cover
    return pl.when(draw(*PAIR, seed=21) < SOLD_OUT).then(0).otherwise(left)


def _between(low: int, high: int, *, seed: int) -> pl.Expr:
    return low + (draw(*PAIR, seed=seed) * (high - low + 1)).cast(pl.Int64)


def _needs(sold: pl.DataFrame) -> pl.DataFrame:
    """What each pair sells in each four weeks; cycle 0 is covered by the opening stock.

    A store's cycles begin on one of the 28 days, by its number, so that lorries do not all come at
    once; sales before its first delivery belong to cycle 0.
    """
    offset = pl.duration(days=pl.col("store_id") % CYCLE.days) + ARRIVAL
    cycle = (pl.col("wall") - pl.col("start") - offset).dt.total_seconds() // _seconds(CYCLE) + 1
    delivered = pl.col("sold") >= DELIVERED_FROM
    grouped = sold.with_columns(cycle=pl.when(delivered).then(cycle).otherwise(0)).group_by(
        *PAIR, "cycle", "start"
    )
    needed = grouped.agg(pl.col("quantity").sum())
    arrival = pl.col("start") + offset + (pl.col("cycle") - 1) * CYCLE
    return needed.with_columns(arrival=arrival)


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())


def _levels(levels: pl.DataFrame) -> pl.DataFrame:
    opening = pl.col("sold") - pl.col("delivered") + pl.col("on_hand")
    return levels.sort("store_id", "product_id").select(
        store_code=stores.code(),
        sku=pl.col("product_id").cast(pl.String),
        opening=opening,
        delivered="delivered",
        sold="sold",
        on_hand="on_hand",
        opened_at=instant(pl.col("start")),
    )


def _deliveries(arrivals: pl.DataFrame) -> pl.DataFrame:
    return arrivals.sort("arrival", "store_id", "product_id").select(
        store_code=stores.code(),
        sku=pl.col("product_id").cast(pl.String),
        received_at=instant(pl.col("arrival")),
        quantity="quantity",
    )
