"""What was promised and is not there."""

from datetime import datetime
from typing import Annotated, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import Mark, Moment, PageUnknown, Tx, cut, query, read_mark


class AskExceptions(Struct, frozen=True, kw_only=True):
    """What somebody must see to; at one location or at all."""

    location_id: UUID | None = None
    after: Mark | None = None
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
    """Open exceptions, the most urgent first; ``next`` asks for those after.

    open    how many there are in all
    """

    items: tuple[ExceptionView, ...]
    open: int
    next: str | None


_PAGE: LiteralString = """
    SELECT e.id, e.kind, e.variant_id, v.sku, e.location_id, l.name AS location, e.missing,
           e.owner, e.opened_at, e.due_by
    FROM stock.exceptions e
    JOIN catalog.variants v ON v.id = e.variant_id
    JOIN stock.locations l ON l.id = e.location_id
    WHERE e.state = 'open' AND (%(location)s::uuid IS NULL OR e.location_id = %(location)s)
      AND (%(due_by)s::timestamptz IS NULL OR (e.due_by, e.id) > (%(due_by)s, %(last)s))
    ORDER BY e.due_by, e.id LIMIT %(limit)s
"""

_OPEN: LiteralString = """
    SELECT count(*) FROM stock.exceptions
    WHERE state = 'open' AND (%(location)s::uuid IS NULL OR location_id = %(location)s)
"""


@query(
    "stock.exceptions",
    permission="stock.exceptions",
    at="location_id",
    http="GET /v1/stock/exceptions",
    raises=(PageUnknown,),
)
def exceptions(tx: Tx, ask: AskExceptions) -> Exceptions:
    """What was promised and is not there, with who must see to it by when."""
    due_by, last = read_mark(ask.after, Moment, UUID)
    rows = tx.all(_PAGE, location=ask.location_id, due_by=due_by, last=last, limit=ask.limit + 1)
    shown, more = cut(rows, ask.limit, "due_by", "id")
    items = tuple(ExceptionView(**row._asdict()) for row in shown)
    return Exceptions(items, tx.value(_OPEN, location=ask.location_id), more)
