"""Orders page by page."""

from datetime import datetime
from typing import Annotated, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import Mark, Moment, PageUnknown, Tx, cut, query, read_mark
from charsu.orders.model import OrderState


class AskOrders(Struct, frozen=True, kw_only=True):
    """Which orders, newest first; of one location, those it sold or sees to."""

    location_id: UUID | None = None
    channel_id: UUID | None = None
    customer_id: UUID | None = None
    state: OrderState | None = None
    after: Mark | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class OrderRow(Struct, frozen=True, kw_only=True):
    """An order in a list."""

    id: UUID
    number: int
    channel_id: UUID
    kind: str
    state: str
    payment_state: str
    currency: str
    total_minor: int
    placed_at: datetime


class OrderPage(Struct, frozen=True):
    """Some orders, newest first; ``next`` asks for those before them."""

    items: tuple[OrderRow, ...]
    next: str | None


_PAGE: LiteralString = """
    SELECT o.id, o.number, o.channel_id, o.kind, o.state, o.payment_state, o.currency,
           o.total_minor, o.placed_at
    FROM orders.orders o
    WHERE (%(location)s::uuid IS NULL OR o.location_id = %(location)s
           OR EXISTS (SELECT FROM orders.fulfillments f
                      WHERE f.order_id = o.id AND f.location_id = %(location)s))
      AND (%(channel)s::uuid IS NULL OR o.channel_id = %(channel)s)
      AND (%(customer)s::uuid IS NULL OR o.customer_id = %(customer)s)
      AND (%(state)s::text IS NULL OR o.state = %(state)s)
      AND (%(before)s::timestamptz IS NULL OR (o.placed_at, o.id) < (%(before)s, %(before_id)s))
    ORDER BY o.placed_at DESC, o.id DESC LIMIT %(limit)s
"""


@query(
    "orders.list",
    permission="orders.read",
    at="location_id",
    http="GET /v1/orders",
    raises=(PageUnknown,),
)
def list_orders(tx: Tx, ask: AskOrders) -> OrderPage:
    """Orders, newest first; pages stay right while orders come in."""
    before, before_id = read_mark(ask.after, Moment, UUID)
    rows = tx.all(
        _PAGE,
        location=ask.location_id,
        channel=ask.channel_id,
        customer=ask.customer_id,
        state=ask.state,
        before=before,
        before_id=before_id,
        limit=ask.limit + 1,
    )
    shown, more = cut(rows, ask.limit, "placed_at", "id")
    return OrderPage(tuple(OrderRow(**row._asdict()) for row in shown), more)
