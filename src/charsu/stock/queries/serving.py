"""Where a channel sells from."""

from collections.abc import Collection
from uuid import UUID

from charsu.kernel import NotFound, Tx
from charsu.stock.model import Place


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


def pickup_places(tx: Tx, locations: Collection[UUID]) -> list[UUID]:
    """Those of these locations at which customers may collect."""
    rows = tx.all(
        """
        SELECT id FROM stock.locations
        WHERE id = ANY(%(ids)s) AND offers_pickup AND is_open ORDER BY id
        """,
        ids=list(locations),
    )
    return [row.id for row in rows]


def serving_others(tx: Tx, *, channel: UUID, than: UUID, to_ship: bool = False) -> list[UUID]:
    """The locations that a channel sells from, but for one; ``to_ship``: that send parcels."""
    rows = tx.all(
        """
        SELECT c.location_id FROM stock.channel_locations c
        JOIN stock.locations l ON l.id = c.location_id AND (l.ships OR NOT %(to_ship)s)
        WHERE c.channel_id = %(channel)s AND c.location_id <> %(than)s
        """,
        channel=channel,
        than=than,
        to_ship=to_ship,
    )
    return [row.location_id for row in rows]
