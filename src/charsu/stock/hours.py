"""Time as a location lives it: deadlines that run only while somebody is there."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from charsu.kernel import NotFound, Tx
from charsu.stock.model import Hours

DAYS_MAX = 366  # a location that opens more seldom is treated as always open


class Opening(Struct, frozen=True):
    """When a location is open: spans by weekday in its own time zone; no hours means always."""

    hours: Hours
    time_zone: str

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


ALWAYS = Opening((), "UTC")


def opening_of(tx: Tx, location: UUID) -> Opening:
    """When a location is open. Raises NotFound."""
    row: Any = tx.first(
        "SELECT hours, time_zone FROM stock.locations WHERE id = %(id)s", id=location
    )
    if row is None:
        raise NotFound("location", location)
    return Opening(msgspec.convert(row.hours, Hours), row.time_zone)


def after_open_time(opening: Opening, start: datetime, span: timedelta) -> datetime:
    """The instant (UTC) at which a location has been open for ``span`` since ``start``.

    A location without hours is always open, and so is one that is closed for a year on end.
    """
    left = span
    for begin, end in _spans(opening, start):
        since = max(begin, start)
        if end - since >= left:
            return since + left
        left -= max(end - since, timedelta())
    return start + span


def last_open_moment(opening: Opening, by: datetime) -> datetime:
    """The last instant up to ``by`` at which the location is open; ``by`` where it never is."""
    ends = [min(end, by) for begin, end in _spans(opening, by - timedelta(days=8)) if begin < by]
    return max(ends, default=by)


def is_working_day(opening: Opening, day: date) -> bool:
    """Whether the location opens on this day; without hours, from Monday to Friday."""
    return bool(opening.hours[day.weekday()]) if opening.hours else day.weekday() < 5


def _spans(opening: Opening, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The open spans (UTC) from the day before ``start`` on, in order, for a year."""
    if not opening.hours:
        return
    utc = ZoneInfo("UTC")
    first = start.astimezone(opening.zone).date() - timedelta(days=1)
    for number in range(DAYS_MAX):
        day = first + timedelta(days=number)
        for opens, closes in sorted(opening.hours[day.weekday()]):
            begin, end = time.fromisoformat(opens), time.fromisoformat(closes)
            last = day if end > begin else day + timedelta(days=1)  # past midnight
            yield (
                datetime.combine(day, begin, opening.zone).astimezone(utc),
                datetime.combine(last, end, opening.zone).astimezone(utc),
            )
