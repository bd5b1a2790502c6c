"""What was promised and is not there."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import Tx, query


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
