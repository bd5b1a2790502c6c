"""Orders page by page."""

from datetime import datetime
from typing import Annotated, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import Invalid, Tx, query
from charsu.orders.model import OrderState


class AskOrders(Struct, frozen=True, kw_only=True):
    """Which orders, newest first; of one location, those it sold or sees to."""

    location_id: UUID | None = None
    channel_id: UUID | None = None
    customer_id: UUID | None = None
    state: OrderState | None = None
    after: Annotated[str, Meta(max_length=100)] | None = None  # ``next`` of the page before
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


class PageUnknown(Invalid):
    """The page mark is not one that an answer gave."""

    code = "page_unknown"

    def __init__(self) -> None:
        super().__init__("Ask for the next page with the mark that the last one gave.")


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
    before, before_id = _read_mark(ask.after)
    rows = tx.all(
        _PAGE,
        location=ask.location_id,
        channel=ask.channel_id,
        customer=ask.customer_id,
        state=ask.state,
        before=before,
        before_id=before_id,
        limit=ask.limit,
    )
    items = tuple(OrderRow(**row._asdict()) for row in rows)
    more = f"{items[-1].placed_at.isoformat()}~{items[-1].id}" if len(rows) == ask.limit else None
    return OrderPage(items, more)


def _read_mark(mark: str | None) -> tuple[datetime | None, UUID | None]:
    if mark is None:
        return None, None
    at, _, identity = mark.partition("~")
    try:
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise PageUnknown
        return moment, UUID(identity)
    except ValueError as problem:
        raise PageUnknown from problem
