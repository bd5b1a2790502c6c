"""Questions about stock."""

from datetime import datetime
from typing import Annotated, Any, LiteralString
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from charsu.kernel import NotFound, Tx, query
from charsu.stock.availability import available_to_promise
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


class AtLocation(Struct, frozen=True, kw_only=True):
    """What a channel may sell from one location."""

    location_id: UUID
    name: str
    town: str
    pieces: int
    offers_pickup: bool
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


@query("stock.availability", permission="stock.availability", http="GET /v1/availability")
def availability(tx: Tx, ask: AskAvailability) -> Availabilities:
    """How many a channel may sell, from where, how far away and open until when."""
    available = available_to_promise(tx, ask.variant_ids, channel=ask.channel_id)
    pieces: dict[tuple[UUID, UUID], int] = {}
    for entry in available:
        at = (entry.variant_id, entry.location_id)
        pieces[at] = pieces.get(at, 0) + max(0, entry.pieces)
    locations = _locations(tx, {location for _, location in pieces})
    here = _here(ask)
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
    if ask.latitude is None or ask.longitude is None:
        return None
    return Place(ask.latitude, ask.longitude)


_LOCATIONS: LiteralString = """
    SELECT id, name, town, latitude, longitude, time_zone, hours, offers_pickup
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
        is_open_now=is_open_at(hours, row.time_zone, now),
        hours=hours,
        time_zone=row.time_zone,
        distance_km=far,
    )


class AskLocations(Struct, frozen=True, kw_only=True):
    """All locations."""


class LocationView(Struct, frozen=True, kw_only=True):
    """A location as it stands."""

    id: UUID
    code: str
    name: str
    kind: str
    country: str
    town: str
    street: str
    latitude: float | None
    longitude: float | None
    time_zone: str
    hours: Hours
    offers_pickup: bool
    ships: bool
    version: int


class Locations(Struct, frozen=True):
    """Every location, by name."""

    items: tuple[LocationView, ...]


@query("stock.locations", permission="stock.locations", http="GET /v1/locations")
def locations(tx: Tx, ask: AskLocations) -> Locations:  # noqa: ARG001 (asks for all)
    """Every store, warehouse and other place that holds stock."""
    rows = tx.all(
        """
        SELECT id, code, name, kind, country, town, street, latitude, longitude, time_zone, hours,
               offers_pickup, ships, version
        FROM stock.locations ORDER BY name, id
        """
    )
    return Locations(tuple(msgspec.convert(row._asdict(), LocationView) for row in rows))


class AskStock(Struct, frozen=True, kw_only=True):
    """What lies at a location."""

    location_id: UUID
    after: UUID | None = None  # the last variant of the page before
    limit: Annotated[int, Meta(ge=1, le=500)] = 100


class StockLevel(Struct, frozen=True, kw_only=True):
    """One variant at a location, in every state."""

    variant_id: UUID
    sku: str
    on_hand: int
    held: int
    on_display: int
    quarantine: int
    in_transit: int
    missing: int


class StockLevels(Struct, frozen=True):
    """A page of levels, by variant."""

    items: tuple[StockLevel, ...]
    next_after: UUID | None


@query(
    "stock.levels",
    permission="stock.levels",
    at="location_id",
    http="GET /v1/locations/{location_id}/stock",
)
def levels(tx: Tx, ask: AskStock) -> StockLevels:
    """What lies at a location, in every state, a page at a time."""
    rows = tx.all(
        """
        SELECT v.id AS variant_id, v.sku,
               coalesce(sum(b.posted) FILTER (WHERE b.kind = 'on_hand'), 0)::bigint AS on_hand,
               coalesce(sum(b.held), 0)::bigint AS held,
               coalesce(sum(b.posted) FILTER (WHERE b.kind = 'on_display'), 0)::bigint
                   AS on_display,
               coalesce(sum(b.posted) FILTER (WHERE b.kind = 'quarantine'), 0)::bigint
                   AS quarantine,
               coalesce(sum(b.posted) FILTER (WHERE b.kind = 'in_transit'), 0)::bigint
                   AS in_transit,
               coalesce(sum(b.shortage), 0)::bigint AS missing
        FROM ledger.balances b JOIN catalog.variants v ON v.id = b.thing_id
        WHERE b.place_id = %(location)s AND (%(after)s::uuid IS NULL OR v.id > %(after)s)
        GROUP BY v.id, v.sku ORDER BY v.id LIMIT %(limit)s
        """,
        location=ask.location_id,
        after=ask.after,
        limit=ask.limit,
    )
    items = tuple(StockLevel(**row._asdict()) for row in rows)
    more = items[-1].variant_id if len(items) == ask.limit else None
    return StockLevels(items, more)


class AskMovements(Struct, frozen=True, kw_only=True):
    """Why there are so many of a variant at a location."""

    location_id: UUID
    variant_id: UUID
    before: Annotated[datetime, Meta(tz=True)] | None = None  # the last of the page before
    limit: Annotated[int, Meta(ge=1, le=500)] = 50


class Movement(Struct, frozen=True, kw_only=True):
    """One change, newest first, with the stand after it."""

    at: datetime
    pieces: int  # more (positive) or fewer
    reason: str
    cause_id: UUID
    actor_id: UUID
    on_hand_after: int


class Movements(Struct, frozen=True):
    """The history of one number."""

    on_hand: int
    items: tuple[Movement, ...]


_MOVEMENTS: LiteralString = """
    WITH here AS (
        SELECT account_id, posted FROM ledger.balances
        WHERE place_id = %(location)s AND thing_id = %(variant)s AND kind = 'on_hand'
    ), moved AS (
        SELECT t.id, t.at, t.amount AS pieces, t.reason, t.cause_id, t.actor_id
        FROM ledger.transfers t JOIN here ON here.account_id = t.to_account_id
        UNION ALL
        SELECT t.id, t.at, -t.amount, t.reason, t.cause_id, t.actor_id
        FROM ledger.transfers t JOIN here ON here.account_id = t.from_account_id
    ), told AS (
        SELECT at, pieces::bigint, reason, cause_id, actor_id,
               (sum(pieces) OVER (ORDER BY at, id))::bigint AS on_hand_after
        FROM moved
    )
    SELECT *, (SELECT coalesce(sum(posted), 0)::bigint FROM here) AS on_hand FROM told
    WHERE %(before)s::timestamptz IS NULL OR at < %(before)s
    ORDER BY at DESC LIMIT %(limit)s
"""


@query(
    "stock.movements",
    permission="stock.movements",
    at="location_id",
    http="GET /v1/locations/{location_id}/stock/{variant_id}/movements",
)
def movements(tx: Tx, ask: AskMovements) -> Movements:
    """Why is this 47? Each change of what is for sale of a variant at a location, newest first."""
    rows = tx.all(
        _MOVEMENTS,
        location=ask.location_id,
        variant=ask.variant_id,
        before=ask.before,
        limit=ask.limit,
    )
    items = tuple(Movement(**_without_total(row)) for row in rows)
    return Movements(rows[0].on_hand if rows else 0, items)


def _without_total(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row._asdict().items() if name != "on_hand"}


class AskExceptions(Struct, frozen=True, kw_only=True):
    """What somebody must see to; at one location or at all."""

    location_id: UUID | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class ExceptionView(Struct, frozen=True, kw_only=True):
    """A promise that cannot be kept from where it was made."""

    id: UUID
    kind: str
    variant_id: UUID
    sku: str
    location_id: UUID
    location: str
    missing: int
    owner: str
    opened_at: datetime
    due_by: datetime


class Exceptions(Struct, frozen=True):
    """Open exceptions, the most urgent first."""

    items: tuple[ExceptionView, ...]
    open: int


@query(
    "stock.exceptions",
    permission="stock.exceptions",
    at="location_id",
    http="GET /v1/stock/exceptions",
)
def exceptions(tx: Tx, ask: AskExceptions) -> Exceptions:
    """What was promised and is not there, with who must see to it by when."""
    rows = tx.all(
        """
        SELECT e.id, e.kind, e.variant_id, v.sku, e.location_id, l.name AS location, e.missing,
               e.owner, e.opened_at, e.due_by, count(*) OVER () AS total
        FROM stock.exceptions e
        JOIN catalog.variants v ON v.id = e.variant_id
        JOIN stock.locations l ON l.id = e.location_id
        WHERE e.state = 'open' AND (%(location)s::uuid IS NULL OR e.location_id = %(location)s)
        ORDER BY e.due_by, e.id LIMIT %(limit)s
        """,
        location=ask.location_id,
        limit=ask.limit,
    )
    items = tuple(
        ExceptionView(**{k: v for k, v in row._asdict().items() if k != "total"}) for row in rows
    )
    return Exceptions(items, rows[0].total if rows else 0)


def places_of(tx: Tx, *, channel: UUID) -> dict[UUID, Place]:
    """Where the locations are that a channel sells from, as far as it is known."""
    rows = tx.all(
        """
        SELECT l.id, l.latitude, l.longitude FROM stock.locations l
        JOIN stock.channel_locations c ON c.location_id = l.id
        WHERE c.channel_id = %(channel)s AND l.latitude IS NOT NULL AND l.longitude IS NOT NULL
        """,
        channel=channel,
    )
    return {row.id: Place(row.latitude, row.longitude) for row in rows}


def offers_pickup(tx: Tx, location: UUID) -> bool:
    """Whether customers may collect there. Raises NotFound where there is no such location."""
    found = tx.value("SELECT offers_pickup FROM stock.locations WHERE id = %(id)s", id=location)
    if found is None:
        raise NotFound("location", location)
    return bool(found)


def serving_others(tx: Tx, *, channel: UUID, than: UUID) -> list[UUID]:
    """The locations that a channel sells from, but for one."""
    rows = tx.all(
        """
        SELECT location_id FROM stock.channel_locations
        WHERE channel_id = %(channel)s AND location_id <> %(than)s
        """,
        channel=channel,
        than=than,
    )
    return [row.location_id for row in rows]
