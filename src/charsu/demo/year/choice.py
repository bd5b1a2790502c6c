"""The small year: some households with every basket they filled, in the thirty busiest stores.

Cutting at random would leave customers with half a history. A household is taken if it shopped
nowhere but in these stores; there are 164, with 7,298 baskets, 66,795 lines and 16,642 products.
"""

import polars as pl

BUSIEST = 30


def whole_households(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines of those households, all of them, as they came."""
    visits = lines.group_by("store_id").agg(pl.col("basket_id").n_unique())
    ranked = visits.sort(["basket_id", "store_id"], descending=[True, False])
    busiest = ranked.head(BUSIEST)["store_id"]
    strays = lines.filter(~pl.col("store_id").is_in(busiest.implode())).select("household_id")
    return lines.join(strays.unique(), on="household_id", how="anti")
