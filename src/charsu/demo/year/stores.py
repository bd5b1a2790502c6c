"""Stores: the source has numbers only, so towns, coordinates and hours are invented.

Every row says so (``invented``). The towns exist nowhere, the region code XX is no state, and the
points lie scattered over the part of the US Eastern time zone that the timestamps point to.
118 of the 457 stores were seen six times or less; ``is_minor`` tells them from the real business.
"""

import polars as pl

from charsu.demo.year.chance import draw
from charsu.demo.year.clock import ZONE
from charsu.demo.year.words import WORDS

MINOR = 6  # lines in a year
REGION = "XX"  # assigned to no state
SOUTH, NORTH, WEST, EAST = 35.0, 42.0, -85.0, -76.0


def code(column: str = "store_id") -> pl.Expr:
    """A store's code: ``S00367``."""
    return pl.format("S{}", pl.col(column).cast(pl.String).str.zfill(5))


def stores(lines: pl.DataFrame) -> pl.DataFrame:
    """One row for each store of the lines, in order of its number.

    code, name, town, region, country      invented but for the number
    latitude, longitude                    degrees, five decimals
    opens, closes                          wall clock, every day: "06:00" to midnight ("00:00"), or
                                           round the clock ("00:00" to "00:00") where sales at night
                                           show it
    time_zone                              of the source
    line_count, is_minor                   how often it was seen, and whether hardly ever
    """
    night = pl.col("wall").dt.hour().is_between(2, 4)
    seen = lines.group_by("store_id").agg(line_count=pl.len(), nights=night.sum()).sort("store_id")
    open_all_night = pl.col("nights") >= 3
    placed = seen.with_row_index("place").with_columns(town=_town())
    return placed.select(
        code=code(),
        name=pl.format("{} no. {}", "town", "store_id"),
        town="town",
        region=pl.lit(REGION),
        country=pl.lit("US"),
        latitude=(SOUTH + draw("store_id", seed=1) * (NORTH - SOUTH)).round(5),
        longitude=(WEST + draw("store_id", seed=2) * (EAST - WEST)).round(5),
        opens=pl.when(open_all_night).then(pl.lit("00:00")).otherwise(pl.lit("06:00")),
        closes=pl.lit("00:00"),
        time_zone=pl.lit(ZONE),
        line_count="line_count",
        is_minor=pl.col("line_count") <= MINOR,
        invented=pl.lit(True),
    )


def _town() -> pl.Expr:
    """Town names by position, no two alike; steps of 55 through 576 meet each name once."""
    towns = pl.Series(
        [first + second for first in WORDS.town_beginnings for second in WORDS.town_endings]
    )
    return pl.lit(towns).gather(pl.col("place") * 55 % len(towns))
