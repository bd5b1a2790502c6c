"""Which instants a period means: whole days of a time zone, the present one included.

A day lasts as long as its zone says, 23 or 25 hours twice a year. A year is 52 weeks, so that it
is compared with as many Saturdays.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from charsu.web.formats import Grain
from charsu.web.overview import Period

HOUR = timedelta(hours=1)
INSTANT = timedelta(microseconds=1)  # what happened at this very moment counts, too

_DAYS = {Period.TODAY: 1, Period.WEEK: 7, Period.MONTH: 30, Period.YEAR: 364}
_GRAINS: dict[Period, Grain] = {
    Period.TODAY: "hour",
    Period.WEEK: "day",
    Period.MONTH: "day",
    Period.YEAR: "week",
}


class Stretch(Struct, frozen=True, kw_only=True):
    """A period up to now, and the same stretch one period earlier. Instants in UTC.

    before_end   just after the same time of day as now
    starts       of every hour, day or week, without gaps, the oldest first
    """

    start: datetime
    end: datetime
    before_start: datetime
    before_end: datetime
    grain: Grain
    starts: tuple[datetime, ...]


def stretch(period: Period, *, now: datetime, zone: ZoneInfo) -> Stretch:
    """The stretch that ends with ``now``, an instant that belongs to it."""
    local = now.astimezone(zone)
    days = _DAYS[period]
    first = _first_day(period, local.date())
    earlier = timedelta(days=days)
    return Stretch(
        start=midnight(first, zone),
        end=now + INSTANT,
        before_start=midnight(first - earlier, zone),
        before_end=(local - earlier).astimezone(UTC) + INSTANT,  # by the wall clock
        grain=_GRAINS[period],
        starts=tuple(_starts(_GRAINS[period], first, local.date(), now, zone)),
    )


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which a day begins."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def _first_day(period: Period, today: date) -> date:
    if period is Period.YEAR:
        return today - timedelta(weeks=51, days=today.weekday())
    return today - timedelta(days=_DAYS[period] - 1)


def _starts(
    grain: Grain, first: date, today: date, now: datetime, zone: ZoneInfo
) -> Iterator[datetime]:
    if grain == "hour":
        at = midnight(first, zone)
        while at <= now:
            yield at
            at += HOUR
        return
    step = timedelta(weeks=1) if grain == "week" else timedelta(days=1)
    while first <= today:
        yield midnight(first, zone)
        first += step
