"""What locations have to do."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import Mark, Moment, PageUnknown, Tx, cut, query, read_mark
from charsu.orders.model import Step


class AskWaiting(Struct, frozen=True, kw_only=True):
    """What a location has to do; or all of them."""

    location_id: UUID | None = None
    after: Mark | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class WaitingRow(Struct, frozen=True, kw_only=True):
    """Something that a location has to send, lay out or hand over."""

    fulfillment_id: UUID
    order_id: UUID
    number: int
    location_id: UUID
    kind: str
    state: str
    step: Step
    due_by: datetime
    step_by: datetime | None
    pieces: int


class Waiting(Struct, frozen=True):
    """What is to be done, the most urgent first; ``next`` asks for what comes after."""

    items: tuple[WaitingRow, ...]
    next: str | None


@query(
    "orders.waiting",
    permission="orders.read",
    at="location_id",
    http="GET /v1/fulfillments",
    raises=(PageUnknown,),
)
def waiting(tx: Tx, ask: AskWaiting) -> Waiting:
    """What locations have to send, lay out and hand over, the most urgent first."""
    due_by, last = read_mark(ask.after, Moment, UUID)
    rows = tx.all(
        """
        SELECT f.id AS fulfillment_id, f.order_id, o.number, f.location_id, f.kind, f.state,
               f.due_by, f.step_by,
               CASE WHEN f.state <> 'waiting' THEN f.state
                    WHEN f.picked_at IS NOT NULL THEN 'picked'
                    WHEN f.accepted_at IS NOT NULL THEN 'accepted' ELSE 'asked' END AS step,
               (SELECT sum(p.quantity - p.done - p.canceled)::bigint
                FROM orders.fulfillment_lines p WHERE p.fulfillment_id = f.id) AS pieces
        FROM orders.fulfillments f JOIN orders.orders o ON o.id = f.order_id
        WHERE f.state IN ('waiting', 'ready')
          AND (%(location)s::uuid IS NULL OR f.location_id = %(location)s)
          AND (%(due_by)s::timestamptz IS NULL OR (f.due_by, f.id) > (%(due_by)s, %(last)s))
        ORDER BY f.due_by, f.id LIMIT %(limit)s
        """,
        location=ask.location_id,
        due_by=due_by,
        last=last,
        limit=ask.limit + 1,
    )
    shown, more = cut(rows, ask.limit, "due_by", "fulfillment_id")
    return Waiting(tuple(WaitingRow(**row._asdict()) for row in shown), more)
