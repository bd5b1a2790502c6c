"""What a customer is promised: when it leaves or is ready, and on which days it arrives.

The cart asks here and so does the order, so that what she saw is what she is promised.
"""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from msgspec import Struct

from charsu.kernel import Tx
from charsu.orders.deadlines import ready_by, ship_by
from charsu.orders.delivery import Delivery
from charsu.orders.model import OrderKind
from charsu.stock import Opening, is_working_day, opening_of

DAYS_LOOKED_AT = 366


class Promise(Struct, frozen=True, kw_only=True):
    """When goods should leave or be ready (UTC), and the days between which a parcel arrives."""

    due_by: datetime
    arrives_from: date | None = None
    arrives_by: date | None = None


def promise_for(
    tx: Tx, *, kind: OrderKind, location: UUID | None, delivery: Delivery | None
) -> Promise:
    """What is promised to somebody who orders now."""
    if kind == "counter":
        return Promise(due_by=tx.now)
    if kind == "pickup" and location is not None:
        return Promise(due_by=ready_by(tx, location))
    if delivery is None or delivery.from_location_id is None:
        return Promise(due_by=ship_by(tx))
    return parcel_promise(delivery, opening_of(tx, delivery.from_location_id), now=tx.now)


def parcel_promise(delivery: Delivery, opening: Opening, *, now: datetime) -> Promise:
    """When a parcel leaves that is ordered now, and the working days on which it may arrive.

    What is ordered before the cut-off of a working day leaves on that day, by its last closing
    time; the rest on the next one. Carriers work from Monday to Friday.
    """
    local = now.astimezone(opening.zone)
    day = local.date()
    if not is_working_day(opening, day) or _is_too_late(delivery, local.time()):
        day = _next_day(opening, day)
    return Promise(
        due_by=_end_of(opening, day),
        arrives_from=_after(day, delivery.days_min),
        arrives_by=_after(day, delivery.days_max),
    )


def _is_too_late(delivery: Delivery, clock: time) -> bool:
    return delivery.cut_off is not None and clock >= time.fromisoformat(delivery.cut_off)


def _next_day(opening: Opening, day: date) -> date:
    for number in range(1, DAYS_LOOKED_AT):
        if is_working_day(opening, day + timedelta(days=number)):
            return day + timedelta(days=number)
    return day + timedelta(days=1)


def _end_of(opening: Opening, day: date) -> datetime:
    """The last moment (UTC) of the day on which somebody is there; midnight without hours."""
    spans = opening.hours[day.weekday()] if opening.hours else ()
    ends = [
        datetime.combine(
            day if closes > opens else day + timedelta(days=1),
            time.fromisoformat(closes),
            opening.zone,
        )
        for opens, closes in spans
    ]
    midnight = datetime.combine(day + timedelta(days=1), time(), opening.zone)
    return max(ends, default=midnight).astimezone(UTC)


def _after(day: date, days: int) -> date:
    """So many days later on which carriers deliver; at least the first such day from ``day`` on."""
    while day.weekday() > 4:
        day += timedelta(days=1)
    for _ in range(days):
        day += timedelta(days=1)
        while day.weekday() > 4:
            day += timedelta(days=1)
    return day
