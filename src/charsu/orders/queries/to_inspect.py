"""What came back and nobody has looked at yet."""

from datetime import datetime
from typing import Annotated, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import Mark, Moment, PageUnknown, Tx, cut, query, read_mark


class AskToInspect(Struct, frozen=True, kw_only=True):
    """At which location."""

    location_id: UUID
    after: Mark | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class ToInspect(Struct, frozen=True, kw_only=True):
    """Pieces of a line in quarantine, and why they came back."""

    return_id: UUID
    order_id: UUID
    number: int
    line_id: UUID
    sku: str
    title: str
    pieces: int
    reason: str
    at: datetime


class Inspections(Struct, frozen=True):
    """What is to be looked at, the oldest first; ``next`` asks for what came after."""

    items: tuple[ToInspect, ...]
    next: str | None


_WAITING: LiteralString = """
    SELECT r.id AS return_id, r.order_id, o.number, b.line_id, l.sku, l.title,
           b.quantity - b.inspected AS pieces, r.reason, r.at
    FROM orders.return_lines b
    JOIN orders.returns r ON r.id = b.return_id
    JOIN orders.orders o ON o.id = r.order_id
    JOIN orders.order_lines l ON l.id = b.line_id
    WHERE r.location_id = %(location)s AND b.condition = 'quarantine' AND b.inspected < b.quantity
      AND (%(at)s::timestamptz IS NULL OR (r.at, r.id, b.line_id) > (%(at)s, %(last)s, %(line)s))
    ORDER BY r.at, r.id, b.line_id LIMIT %(limit)s
"""


@query(
    "orders.to_inspect",
    permission="orders.return",
    at="location_id",
    http="GET /v1/locations/{location_id}/inspections",
    raises=(PageUnknown,),
)
def to_inspect(tx: Tx, ask: AskToInspect) -> Inspections:
    """What came back to a location and waits in quarantine for somebody to look at it."""
    at, last, line = read_mark(ask.after, Moment, UUID, UUID)
    rows = tx.all(
        _WAITING,
        location=ask.location_id,
        at=at,
        last=last,
        line=line,
        limit=ask.limit + 1,
    )
    shown, more = cut(rows, ask.limit, "at", "return_id", "line_id")
    return Inspections(tuple(ToInspect(**row._asdict()) for row in shown), more)
