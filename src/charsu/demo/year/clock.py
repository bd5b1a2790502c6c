"""The year's timestamps: what they mean, and how they move to the present.

The source writes naive times that are UTC; the shops live by US Eastern time. Read in New York the
year has 364 trading days and is closed on Christmas, and each of the 2,102 coupon redemptions falls
on a day on which its household shopped; read as it stands neither is true.

Moved to the present the year keeps its weekdays and its hours. It is treated as a ring: shifted by
whole weeks so that today is a day of its last full week of trade (18 to 24 December), and what
then lies in the future is put 52 weeks earlier. So the newest order is minutes old, none is in the
future, no basket is lost and Saturdays stay busy. The source has 365 days and the ring 364: its two
outer Sundays fall on one day. Where daylight saving begins on another date than in 2017, shops
keep their wall clock, as people do.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

ZONE = "America/New_York"
LAST_SUNDAY = date(2017, 12, 24)  # the last day before the shops close for Christmas
RING = timedelta(weeks=52)


def wall_clock(column: str) -> pl.Expr:
    """A column of naive UTC times as the shop's wall clock (naive, microseconds)."""
    utc = pl.col(column).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return utc.dt.convert_time_zone(ZONE).dt.replace_time_zone(None)


def shift(today: date) -> timedelta:
    """The whole weeks that take 24 December 2017 to today, or else to the next Sunday."""
    weeks = -((LAST_SUNDAY - today).days // 7)
    return timedelta(weeks=weeks)


def local(now: datetime) -> datetime:
    """An aware instant on the shop's wall clock, naive."""
    return now.astimezone(ZoneInfo(ZONE)).replace(tzinfo=None)


def moved(wall: pl.Expr, now: datetime) -> pl.Expr:
    """Wall clock times of 2017 as wall clock times of the 52 weeks that end at ``now`` (aware)."""
    here = local(now)
    ahead = wall + shift(here.date())
    return pl.when(ahead > here).then(ahead - RING).otherwise(ahead)


def instant(wall: pl.Expr) -> pl.Expr:
    """Wall clock times as aware UTC.

    The hour that autumn repeats is taken the first time; a time in the hour that spring leaves
    out is taken an hour later.
    """
    there = _in_zone(wall).fill_null(_in_zone(wall + timedelta(hours=1)))
    return there.dt.convert_time_zone("UTC")


def _in_zone(wall: pl.Expr) -> pl.Expr:
    return wall.dt.replace_time_zone(ZONE, ambiguous="earliest", non_existent="null")
