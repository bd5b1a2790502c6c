"""Questions about orders."""

from datetime import datetime
from typing import Annotated, Any, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import Invalid, NotFound, Tx, query
from charsu.orders.delivery import delivery_methods
from charsu.orders.loaded import order_places
from charsu.orders.model import OrderKind, OrderState

__all__ = [
    "delivery_methods",
    "list_orders",
    "order_history",
    "read_order",
    "read_recipient",
    "waiting",
]


class AskOrder(Struct, frozen=True, kw_only=True):
    """Which order."""

    order_id: UUID


class LineView(Struct, frozen=True, kw_only=True):
    """A line of an order, as it was bought and how far it is; amounts in minor units."""

    id: UUID
    position: int
    variant_id: UUID
    sku: str
    title: str
    unit: str
    quantity: int
    unit_minor: int | None
    subtotal_minor: int
    discount_minor: int
    tax_rate_ppm: int
    tax_minor: int
    total_minor: int
    fulfilled: int
    canceled: int
    returned: int


class PartView(Struct, frozen=True, kw_only=True):
    """Pieces of a line that one location sees to."""

    line_id: UUID
    quantity: int
    done: int
    canceled: int


class FulfillmentView(Struct, frozen=True, kw_only=True):
    """What one location does for an order."""

    id: UUID
    location_id: UUID
    location: str
    kind: str
    state: str
    due_by: datetime
    parts: tuple[PartView, ...]


class ShipmentView(Struct, frozen=True, kw_only=True):
    """A parcel on its way."""

    id: UUID
    fulfillment_id: UUID
    carrier: str
    tracking_number: str
    shipped_at: datetime


class PaymentView(Struct, frozen=True, kw_only=True):
    """Money that was taken, and what of it went back."""

    id: UUID
    provider: str
    method: str
    captured_minor: int
    refunded_minor: int
    at: datetime


class OrderView(Struct, frozen=True, kw_only=True):
    """An order whole, without the person it is for."""

    id: UUID
    number: int
    channel_id: UUID
    channel: str
    external_id: str | None
    location_id: UUID | None
    customer_id: UUID | None
    kind: OrderKind
    state: OrderState
    payment_state: str
    currency: str
    tax_mode: str
    country: str
    subtotal_minor: int
    discount_minor: int
    delivery_minor: int
    tax_minor: int
    total_minor: int
    captured_minor: int
    refunded_minor: int
    placed_at: datetime
    version: int
    lines: tuple[LineView, ...]
    fulfillments: tuple[FulfillmentView, ...]
    shipments: tuple[ShipmentView, ...]
    payments: tuple[PaymentView, ...]


_ORDER: LiteralString = """
    SELECT o.id, o.number, o.channel_id, c.name AS channel, o.external_id, o.location_id,
           o.customer_id, o.kind, o.state, o.payment_state, o.currency, o.tax_mode, o.country,
           o.subtotal_minor, o.discount_minor, o.delivery_minor, o.tax_minor, o.total_minor,
           o.captured_minor, o.refunded_minor, o.placed_at, o.version
    FROM orders.orders o JOIN catalog.channels c ON c.id = o.channel_id
    WHERE o.id = %(id)s
"""

_LINES: LiteralString = """
    SELECT id, position, variant_id, sku, title, unit, quantity, unit_minor, subtotal_minor,
           discount_minor, tax_rate_ppm, tax_minor, total_minor, fulfilled, canceled, returned
    FROM orders.order_lines WHERE order_id = %(id)s ORDER BY position
"""

_FULFILLMENTS: LiteralString = """
    SELECT f.id, f.location_id, l.name AS location, f.kind, f.state, f.due_by
    FROM orders.fulfillments f JOIN stock.locations l ON l.id = f.location_id
    WHERE f.order_id = %(id)s ORDER BY f.id
"""

_PARTS: LiteralString = """
    SELECT p.fulfillment_id, p.line_id, p.quantity, p.done, p.canceled
    FROM orders.fulfillment_lines p JOIN orders.fulfillments f ON f.id = p.fulfillment_id
    WHERE f.order_id = %(id)s ORDER BY p.id
"""

_SHIPMENTS: LiteralString = """
    SELECT s.id, s.fulfillment_id, s.carrier, s.tracking_number, s.shipped_at
    FROM orders.shipments s JOIN orders.fulfillments f ON f.id = s.fulfillment_id
    WHERE f.order_id = %(id)s ORDER BY s.shipped_at, s.id
"""

_PAYMENTS: LiteralString = """
    SELECT id, provider, method, captured_minor, refunded_minor, at
    FROM orders.payments WHERE order_id = %(id)s ORDER BY at, id
"""


def _places(tx: Tx, ask: Any) -> tuple[UUID, ...] | None:
    return order_places(tx, ask.order_id)


@query("orders.read", permission="orders.read", at=_places, http="GET /v1/orders/{order_id}")
def read_order(tx: Tx, ask: AskOrder) -> OrderView:
    """An order with its lines, what each location does for it, its parcels and its payments."""
    row = tx.first(_ORDER, id=ask.order_id)
    if row is None:
        raise NotFound("order", ask.order_id)
    return OrderView(
        **row._asdict(),
        lines=tuple(LineView(**r._asdict()) for r in tx.all(_LINES, id=ask.order_id)),
        fulfillments=_fulfillments(tx, ask.order_id),
        shipments=tuple(ShipmentView(**r._asdict()) for r in tx.all(_SHIPMENTS, id=ask.order_id)),
        payments=tuple(PaymentView(**r._asdict()) for r in tx.all(_PAYMENTS, id=ask.order_id)),
    )


def _fulfillments(tx: Tx, order: UUID) -> tuple[FulfillmentView, ...]:
    parts: dict[UUID, list[PartView]] = {}
    for row in tx.all(_PARTS, id=order):
        part = PartView(
            line_id=row.line_id, quantity=row.quantity, done=row.done, canceled=row.canceled
        )
        parts.setdefault(row.fulfillment_id, []).append(part)
    return tuple(
        FulfillmentView(**row._asdict(), parts=tuple(parts.get(row.id, ())))
        for row in tx.all(_FULFILLMENTS, id=order)
    )


class AskRecipient(Struct, frozen=True, kw_only=True):
    """Of which order."""

    order_id: UUID


class RecipientView(Struct, frozen=True, kw_only=True):
    """Who gets the goods; empty where it was erased or never known."""

    name: str
    email: str
    phone: str
    street: str
    postcode: str
    town: str
    note: str


@query(
    "orders.recipient",
    permission="orders.recipient",
    at=_places,
    http="GET /v1/orders/{order_id}/recipient",
)
def read_recipient(tx: Tx, ask: AskRecipient) -> RecipientView:
    """Who gets the goods, for those who send or hand them over."""
    row = tx.first(
        """
        SELECT name, email, phone, street, postcode, town, note
        FROM orders.recipients WHERE order_id = %(id)s
        """,
        id=ask.order_id,
    )
    if row is None:
        raise NotFound("recipient", ask.order_id)
    return RecipientView(**row._asdict())


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


class AskHistory(Struct, frozen=True, kw_only=True):
    """Of which order."""

    order_id: UUID


class HistoryEntry(Struct, frozen=True, kw_only=True):
    """One thing that happened to an order."""

    version: int
    name: str
    at: datetime
    actor_id: UUID
    body: dict[str, Any]


class History(Struct, frozen=True):
    """Everything that happened, in order."""

    items: tuple[HistoryEntry, ...]


@query(
    "orders.history",
    permission="orders.read",
    at=_places,
    http="GET /v1/orders/{order_id}/history",
)
def order_history(tx: Tx, ask: AskHistory) -> History:
    """Everything that happened to an order, by whom and when, as the log has it."""
    rows = tx.all(
        """
        SELECT version, name, at, actor_id, body FROM kernel.facts
        WHERE subject_id = %(order)s ORDER BY version
        """,
        order=ask.order_id,
    )
    return History(tuple(HistoryEntry(**row._asdict()) for row in rows))


class AskWaiting(Struct, frozen=True, kw_only=True):
    """What a location has to do; or all of them."""

    location_id: UUID | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class WaitingRow(Struct, frozen=True, kw_only=True):
    """Something that a location has to send, lay out or hand over."""

    fulfillment_id: UUID
    order_id: UUID
    number: int
    location_id: UUID
    kind: str
    state: str
    due_by: datetime
    pieces: int


class Waiting(Struct, frozen=True):
    """What is to be done, the most urgent first."""

    items: tuple[WaitingRow, ...]


@query(
    "orders.waiting",
    permission="orders.read",
    at="location_id",
    http="GET /v1/fulfillments",
)
def waiting(tx: Tx, ask: AskWaiting) -> Waiting:
    """What locations have to send, lay out and hand over, the most urgent first."""
    rows = tx.all(
        """
        SELECT f.id AS fulfillment_id, f.order_id, o.number, f.location_id, f.kind, f.state,
               f.due_by,
               (SELECT sum(p.quantity - p.done - p.canceled)::bigint
                FROM orders.fulfillment_lines p WHERE p.fulfillment_id = f.id) AS pieces
        FROM orders.fulfillments f JOIN orders.orders o ON o.id = f.order_id
        WHERE f.state IN ('waiting', 'ready')
          AND (%(location)s::uuid IS NULL OR f.location_id = %(location)s)
        ORDER BY f.due_by, f.id LIMIT %(limit)s
        """,
        location=ask.location_id,
        limit=ask.limit,
    )
    return Waiting(tuple(WaitingRow(**row._asdict()) for row in rows))
