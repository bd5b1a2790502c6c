"""What a person has to mend: promises that cannot be kept from where they were made."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.kernel import Tx


class ToMend(Struct, frozen=True):
    """An open exception, told with names."""

    id: UUID
    kind: str
    sku: str
    location: str
    owner: str  # the role that has to see to it
    opened_at: datetime


class ToMendList(Struct, frozen=True):
    """The oldest of all that are open."""

    items: tuple[ToMend, ...]
    count: int


_OPEN: LiteralString = """
    SELECT e.id, e.kind, v.sku, l.name, e.owner, e.opened_at, count(*) OVER () AS total
    FROM stock.exceptions e
    JOIN catalog.variants v ON v.id = e.variant_id
    JOIN stock.locations l ON l.id = e.location_id
    WHERE e.state = 'open'
      AND (%(locations)s::uuid[] IS NULL OR e.location_id = ANY(%(locations)s))
    ORDER BY e.opened_at, e.id LIMIT %(limit)s
"""


def to_mend(tx: Tx, *, locations: tuple[UUID, ...] | None = None, limit: int = 8) -> ToMendList:
    """The open exceptions, the oldest first."""
    places = None if locations is None else list(locations)
    rows = tx.all(_OPEN, locations=places, limit=limit)
    return ToMendList(tuple(ToMend(*row[:6]) for row in rows), rows[0].total if rows else 0)
