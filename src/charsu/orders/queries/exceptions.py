"""What went otherwise than was promised, and whose it is."""

from datetime import datetime
from typing import Annotated, Any, LiteralString
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from charsu.kernel import Mark, Moment, PageUnknown, Tx, cut, query, read_mark
from charsu.orders.exceptions import Options
from charsu.orders.model import ExceptionKind


class AskOrderExceptions(Struct, frozen=True, kw_only=True):
    """What somebody must see to; at one location or at all."""

    location_id: UUID | None = None
    after: Mark | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class OrderExceptionView(Struct, frozen=True, kw_only=True):
    """Something about an order that somebody must see to.

    owner     the role whose it is
    lines     pieces by line of the order that no location sees to
    taken_by  who of them sees to it
    options   what the customer may choose, and what happens at ``due_by`` if she says nothing
    """

    id: UUID
    order_id: UUID
    number: int
    fulfillment_id: UUID
    location_id: UUID
    location: str
    kind: ExceptionKind
    reason: str
    owner: str
    taken_by: UUID | None
    opened_at: datetime
    due_by: datetime
    lines: dict[UUID, int]
    options: Options


class OrderExceptions(Struct, frozen=True):
    """Open exceptions, the most urgent first; ``next`` asks for those after.

    open    how many there are in all
    """

    items: tuple[OrderExceptionView, ...]
    open: int
    next: str | None


_PAGE: LiteralString = """
    SELECT e.id, e.order_id, o.number, e.fulfillment_id, e.location_id, l.name AS location, e.kind,
           e.reason, e.owner, e.taken_by, e.opened_at, e.due_by, e.lines, e.options
    FROM orders.exceptions e
    JOIN orders.orders o ON o.id = e.order_id
    JOIN stock.locations l ON l.id = e.location_id
    WHERE e.closed_at IS NULL AND (%(location)s::uuid IS NULL OR e.location_id = %(location)s)
      AND (%(due_by)s::timestamptz IS NULL OR (e.due_by, e.id) > (%(due_by)s, %(last)s))
    ORDER BY e.due_by, e.id LIMIT %(limit)s
"""

_COUNT: LiteralString = """
    SELECT count(*) FROM orders.exceptions
    WHERE closed_at IS NULL AND (%(location)s::uuid IS NULL OR location_id = %(location)s)
"""


@query(
    "orders.exceptions",
    permission="orders.read",
    at="location_id",
    http="GET /v1/order-exceptions",
    raises=(PageUnknown,),
)
def order_exceptions(tx: Tx, ask: AskOrderExceptions) -> OrderExceptions:
    """What went otherwise than was promised, with who must see to it by when."""
    due_by, last = read_mark(ask.after, Moment, UUID)
    rows = tx.all(_PAGE, location=ask.location_id, due_by=due_by, last=last, limit=ask.limit + 1)
    shown, more = cut(rows, ask.limit, "due_by", "id")
    return OrderExceptions(
        tuple(_view(row) for row in shown), tx.value(_COUNT, location=ask.location_id), more
    )


def _view(row: Any) -> OrderExceptionView:
    return msgspec.convert(row._asdict(), OrderExceptionView)
