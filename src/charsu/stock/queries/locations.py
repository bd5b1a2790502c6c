"""Every place that holds stock."""

from uuid import UUID

import msgspec
from msgspec import Struct

from charsu.kernel import Tx, query
from charsu.stock.model import Hours


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
