"""Where goods are kept, which channel sells from where, and how much it must leave there."""

from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta, Struct

from charsu.kernel import WHOLE_BUSINESS, Invalid, NotFound, Tx, append, operation
from charsu.stock.facts import BufferSet, ChannelServed, LocationPut
from charsu.stock.model import Code, Hours, LocationKind, Place


class PutLocation(Struct, frozen=True, kw_only=True):
    """A store, a warehouse, or any place that holds stock."""

    code: Code
    name: Annotated[str, Meta(min_length=1, max_length=128)]
    kind: LocationKind
    country: Annotated[str, Meta(pattern="^[A-Z]{2}$")]
    time_zone: Annotated[str, Meta(max_length=64, examples=["Europe/Belgrade"])]
    town: Annotated[str, Meta(max_length=128)] = ""
    street: Annotated[str, Meta(max_length=256)] = ""
    place: Place | None = None
    hours: Hours = ()  # empty, or seven days from Monday on
    offers_pickup: bool = False
    ships: bool = False


class LocationSaved(Struct, frozen=True):
    """The location as it was saved."""

    location_id: UUID
    version: int


class TimeZoneUnknown(Invalid):
    """The IANA database has no zone of this name."""

    code = "time_zone_unknown"

    def __init__(self, zone: str) -> None:
        super().__init__("There is no time zone {zone}.", zone=zone[:64])


class HoursIncomplete(Invalid):
    """Hours name seven days or none."""

    code = "hours_incomplete"

    def __init__(self) -> None:
        super().__init__("Opening hours name all seven days, Monday first, or none.")


@operation(
    "stock.put_location",
    permission="stock.put_location",
    at=WHOLE_BUSINESS,
    http="PUT /v1/locations/{code}",
    raises=(TimeZoneUnknown, HoursIncomplete),
)
def put_location(tx: Tx, ask: PutLocation) -> LocationSaved:
    """Open a location, or change the one with this code."""
    _check(ask)
    row = tx.first(
        """
        INSERT INTO stock.locations AS l
            (id, code, name, kind, country, town, street, latitude, longitude, time_zone, hours,
             offers_pickup, ships, version)
        VALUES (%(id)s, %(code)s, %(name)s, %(kind)s, %(country)s, %(town)s, %(street)s,
                %(latitude)s, %(longitude)s, %(zone)s, %(hours)s::jsonb, %(pickup)s, %(ships)s, 1)
        ON CONFLICT (code) DO UPDATE
        SET name = excluded.name, kind = excluded.kind, country = excluded.country,
            town = excluded.town, street = excluded.street, latitude = excluded.latitude,
            longitude = excluded.longitude, time_zone = excluded.time_zone,
            hours = excluded.hours, offers_pickup = excluded.offers_pickup,
            ships = excluded.ships, version = l.version + 1
        RETURNING id, version
        """,
        id=tx.new_id(),
        code=ask.code,
        name=ask.name,
        kind=ask.kind,
        country=ask.country,
        town=ask.town,
        street=ask.street,
        latitude=ask.place and ask.place.latitude,
        longitude=ask.place and ask.place.longitude,
        zone=ask.time_zone,
        hours=msgspec.json.encode(ask.hours).decode(),
        pickup=ask.offers_pickup,
        ships=ask.ships,
    )
    assert row is not None
    append(tx, LocationPut(code=ask.code), subject=row.id, version=row.version)
    return LocationSaved(row.id, row.version)


def _check(ask: PutLocation) -> None:
    try:
        ZoneInfo(ask.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
        raise TimeZoneUnknown(ask.time_zone) from problem
    if len(ask.hours) not in {0, 7}:
        raise HoursIncomplete


class ServeChannel(Struct, frozen=True, kw_only=True):
    """All locations that a channel sells from."""

    channel_id: UUID
    location_ids: Annotated[tuple[UUID, ...], Meta(max_length=2000)]


class Served(Struct, frozen=True):
    """How many locations serve the channel."""

    locations: int


@operation(
    "stock.serve_channel",
    permission="stock.serve_channel",
    at=WHOLE_BUSINESS,
    http="PUT /v1/channels/{channel_id}/locations",
)
def serve_channel(tx: Tx, ask: ServeChannel) -> Served:
    """Say which locations a channel sells from; others no longer serve it."""
    wanted = sorted(set(ask.location_ids))
    version = tx.value(
        "UPDATE catalog.channels SET version = version + 1 WHERE id = %(id)s RETURNING version",
        id=ask.channel_id,
    )
    if version is None:
        raise NotFound("channel", ask.channel_id)
    known = {
        row.id
        for row in tx.all("SELECT id FROM stock.locations WHERE id = ANY(%(ids)s)", ids=wanted)
    }
    for missing in set(wanted) - known:
        raise NotFound("location", missing)
    tx.run(
        "DELETE FROM stock.channel_locations WHERE channel_id = %(channel)s"
        " AND location_id <> ALL(%(locations)s)",
        channel=ask.channel_id,
        locations=wanted,
    )
    tx.run(
        """
        INSERT INTO stock.channel_locations (channel_id, location_id)
        SELECT %(channel)s, unnest(%(locations)s::uuid[]) ON CONFLICT DO NOTHING
        """,
        channel=ask.channel_id,
        locations=wanted,
    )
    fact = ChannelServed(location_ids=tuple(wanted))
    append(tx, fact, subject=ask.channel_id, version=version)
    return Served(len(wanted))


class SetBuffer(Struct, frozen=True, kw_only=True):
    """How many pieces a channel must leave at a location."""

    channel_id: UUID
    location_id: UUID
    pieces: Annotated[int, Meta(ge=0, le=10**6)]
    variant_id: UUID | None = None  # none: of each variant


class BufferSaved(Struct, frozen=True):
    """The buffer now in force."""

    pieces: int


@operation(
    "stock.set_buffer",
    permission="stock.set_buffer",
    at="location_id",
    http="POST /v1/stock/buffers",
)
def set_buffer(tx: Tx, ask: SetBuffer) -> BufferSaved:
    """Set how many pieces a channel must leave at a location, of one variant or of each."""
    version = tx.value(
        "UPDATE stock.locations SET version = version + 1 WHERE id = %(id)s RETURNING version",
        id=ask.location_id,
    )
    if version is None:
        raise NotFound("location", ask.location_id)
    _require(tx, "channel", "SELECT true FROM catalog.channels WHERE id = %(id)s", ask.channel_id)
    if ask.variant_id:
        found = "SELECT true FROM catalog.variants WHERE id = %(id)s"
        _require(tx, "variant", found, ask.variant_id)
    tx.run(
        """
        INSERT INTO stock.buffers (channel_id, location_id, variant_id, pieces)
        VALUES (%(channel)s, %(location)s, %(variant)s, %(pieces)s)
        ON CONFLICT ON CONSTRAINT one_buffer DO UPDATE SET pieces = excluded.pieces
        """,
        channel=ask.channel_id,
        location=ask.location_id,
        variant=ask.variant_id,
        pieces=ask.pieces,
    )
    fact = BufferSet(channel_id=ask.channel_id, variant_id=ask.variant_id, pieces=ask.pieces)
    append(tx, fact, subject=ask.location_id, version=version)
    return BufferSaved(ask.pieces)


def _require(tx: Tx, kind: str, statement: str, identity: UUID) -> None:
    if not tx.value(statement, id=identity):
        raise NotFound(kind, identity)
