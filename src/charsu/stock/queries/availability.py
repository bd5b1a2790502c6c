"""What a channel may sell, and where."""

from datetime import datetime
from typing import Annotated, Any, LiteralString
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from charsu.kernel import NotFound, Tx, query
from charsu.stock.availability import available_to_promise
from charsu.stock.errors import PlaceIncomplete
from charsu.stock.model import Hours, Place, distance_km, is_open_at

Degrees = Annotated[float, Meta(ge=-180, le=180)]


class AskAvailability(Struct, frozen=True, kw_only=True):
    """Of which variants a channel may sell how many, and where; nearest first if asked from a
    place."""

    channel_id: UUID
    variant_ids: Annotated[tuple[UUID, ...], Meta(min_length=1, max_length=100)]
    latitude: Annotated[float, Meta(ge=-90, le=90)] | None = None
    longitude: Degrees | None = None
    pickup_only: bool = False
    shipping_only: bool = False


class AtLocation(Struct, frozen=True, kw_only=True):
    """What a channel may sell from one location."""

    location_id: UUID
    name: str
    town: str
    pieces: int
    offers_pickup: bool
    ships: bool
    is_open_now: bool
    hours: Hours
    time_zone: str
    distance_km: float | None


class Availability(Struct, frozen=True, kw_only=True):
    """What a channel may sell of one variant; a hold for so many succeeds at this moment."""

    variant_id: UUID
    pieces: int
    locations: tuple[AtLocation, ...]


class Availabilities(Struct, frozen=True):
    """An answer for each variant asked for, in the order asked, and when it was true."""

    variants: tuple[Availability, ...]
    as_of: datetime


@query(
    "stock.availability",
    permission="stock.availability",
    http="GET /v1/availability",
    raises=(NotFound, PlaceIncomplete),
)
def availability(tx: Tx, ask: AskAvailability) -> Availabilities:
    """How many a channel may sell, from where, how far away and open until when."""
    here = _here(ask)
    _expect_known(tx, ask)
    available = available_to_promise(
        tx, ask.variant_ids, channel=ask.channel_id, to_ship=ask.shipping_only
    )
    pieces: dict[tuple[UUID, UUID], int] = {}
    for entry in available:
        at = (entry.variant_id, entry.location_id)
        pieces[at] = pieces.get(at, 0) + max(0, entry.pieces)
    locations = _locations(tx, {location for _, location in pieces})
    answers = []
    for variant in dict.fromkeys(ask.variant_ids):
        stands = [
            _stand(locations[location], count, here, tx.now)
            for (of, location), count in pieces.items()
            if of == variant and (locations[location].offers_pickup or not ask.pickup_only)
        ]
        stands.sort(key=lambda s: (s.distance_km is None, s.distance_km or 0, s.name))
        total = sum(stand.pieces for stand in stands)
        answers.append(Availability(variant_id=variant, pieces=total, locations=tuple(stands)))
    return Availabilities(tuple(answers), tx.now)


def _here(ask: AskAvailability) -> Place | None:
    if ask.latitude is None and ask.longitude is None:
        return None
    if ask.latitude is None or ask.longitude is None:
        raise PlaceIncomplete
    return Place(ask.latitude, ask.longitude)


# Nothing to sell and no such thing are two answers: the second is somebody's mistake.
_UNKNOWN: LiteralString = """
    SELECT 'channel' AS kind, %(channel)s::uuid AS id
    WHERE NOT EXISTS (SELECT FROM catalog.channels WHERE id = %(channel)s)
    UNION ALL
    SELECT 'variant', n.id FROM unnest(%(variants)s::uuid[]) n (id)
    WHERE NOT EXISTS (SELECT FROM catalog.variants v WHERE v.id = n.id)
    LIMIT 1
"""


def _expect_known(tx: Tx, ask: AskAvailability) -> None:
    unknown = tx.first(_UNKNOWN, channel=ask.channel_id, variants=list(ask.variant_ids))
    if unknown is not None:
        raise NotFound(unknown.kind, unknown.id)


_LOCATIONS: LiteralString = """
    SELECT id, name, town, latitude, longitude, time_zone, hours, offers_pickup,
           ships
    FROM stock.locations WHERE id = ANY(%(ids)s)
"""


def _locations(tx: Tx, ids: set[UUID]) -> dict[UUID, Any]:
    return {row.id: row for row in tx.all(_LOCATIONS, ids=list(ids))}


def _stand(row: Any, pieces: int, here: Place | None, now: datetime) -> AtLocation:
    hours = msgspec.convert(row.hours, Hours)
    far = None
    if here and row.latitude is not None and row.longitude is not None:
        far = round(distance_km(here, Place(row.latitude, row.longitude)), 1)
    return AtLocation(
        location_id=row.id,
        name=row.name,
        town=row.town,
        pieces=pieces,
        offers_pickup=row.offers_pickup,
        ships=row.ships,
        is_open_now=is_open_at(hours, row.time_zone, now),
        hours=hours,
        time_zone=row.time_zone,
        distance_km=far,
    )
