"""Words of stock, and the rules that need no database."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from math import asin, cos, radians, sin, sqrt
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from charsu.kernel.ledger import Account

LocationKind = Literal["store", "warehouse", "dark_store", "supplier"]
StockState = Literal["on_hand", "on_display", "quarantine", "in_transit"]
Pieces = Annotated[int, Meta(ge=1, le=10**9, description="Steps of the variant's unit")]
Sku = Annotated[str, Meta(min_length=1, max_length=64)]
Code = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
ClockTime = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", examples=["09:00"])]
EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG

Hours = tuple[tuple[tuple[ClockTime, ClockTime], ...], ...]
"""By weekday, Monday first: the spans in which the location is open, in its own time zone."""


class Available(Struct, frozen=True):
    """What one account lets a channel promise."""

    account_id: UUID
    variant_id: UUID
    location_id: UUID
    is_own_pool: bool  # allocated to this channel alone
    pieces: int  # on hand, less holds, less buffer; may be negative
    floor: int  # what the channel must leave there
    ships: bool = True  # whether parcels leave from there


class Want(Struct, frozen=True):
    """So much of a variant for a line of a cart or order."""

    line_id: UUID
    variant_id: UUID
    quantity: int
    unit: str = "H87"


class Pick(Struct, frozen=True):
    """Part of a want, from one account."""

    want: Want
    source: Available
    quantity: int


class Place(Struct, frozen=True):
    """A point on the globe: WGS 84 degrees."""

    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]


def stock_account(
    variant_id: UUID,
    location_id: UUID,
    *,
    state: StockState = "on_hand",
    pool_id: UUID | None = None,
    unit: str = "H87",
) -> Account:
    """The guarded account of a variant at a location, in one state, for all or for one channel."""
    return Account("stock", state, unit, variant_id, location_id, pool_id)


def outside_account(kind: str, unit: str = "H87") -> Account:
    """Where goods come from and go to: supplier, sold, lost, found. Nobody guards these."""
    return Account("stock", kind, unit)


def distance_km(one: Place, other: Place) -> float:
    """Great-circle distance (haversine), within 0.6 % of the ellipsoid's."""
    lat1, lat2 = radians(one.latitude), radians(other.latitude)
    half_lat = sin((lat2 - lat1) / 2)
    half_lon = sin(radians(other.longitude - one.longitude) / 2)
    return (
        2
        * EARTH_RADIUS_KM
        * asin(min(1.0, sqrt(half_lat**2 + cos(lat1) * cos(lat2) * half_lon**2)))
    )


def is_open_at(hours: Hours, zone: str, at: datetime) -> bool:
    """Whether a location with these hours is open at this instant.

    A span that ends at or before its start ends on the next day.
    """
    local = at.astimezone(ZoneInfo(zone))
    clock, weekday = local.time().replace(tzinfo=None), local.weekday()
    today = any(_within(span, clock) for span in _day(hours, weekday))
    late = any(_past_midnight(span, clock) for span in _day(hours, weekday - 1))
    return today or late


def shortfalls(wants: Sequence[Want], pieces: Mapping[UUID, int]) -> list[tuple[UUID, int, int]]:
    """(variant, wanted, available) for each variant of which there is too little.

    Wants of one variant are added up first.
    """
    wanted: dict[UUID, int] = {}
    for want in wants:
        wanted[want.variant_id] = wanted.get(want.variant_id, 0) + want.quantity
    return [
        (variant, quantity, max(0, pieces.get(variant, 0)))
        for variant, quantity in wanted.items()
        if pieces.get(variant, 0) < quantity
    ]


def _day(hours: Hours, weekday: int) -> tuple[tuple[str, str], ...]:
    return hours[weekday % 7] if len(hours) == 7 else ()


def _within(span: tuple[str, str], clock: time) -> bool:
    start, end = time.fromisoformat(span[0]), time.fromisoformat(span[1])
    return start <= clock and (clock < end or end <= start)


def _past_midnight(span: tuple[str, str], clock: time) -> bool:
    start, end = time.fromisoformat(span[0]), time.fromisoformat(span[1])
    return end <= start and clock < end
