"""One order whole."""

from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.kernel import NotFound, Tx, query
from charsu.orders.exchanged import ExchangeView, exchanges_of
from charsu.orders.loaded import order_places
from charsu.orders.model import OrderKind, OrderState, Step


class AskOrder(Struct, frozen=True, kw_only=True):
    """Which order."""

    order_id: UUID


class LineView(Struct, frozen=True, kw_only=True):
    """A line of an order, as it was bought and how far it is; amounts in minor units.

    exchanged_line_id   the line of another order that came back for it; it was taken at the price
                        paid for that, of which ``discount_minor`` is the share of its discount
    """

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
    exchanged_line_id: UUID | None


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
    step: Step
    due_by: datetime
    step_by: datetime | None
    parts: tuple[PartView, ...]


class ShipmentView(Struct, frozen=True, kw_only=True):
    """A parcel on its way, and what its carrier last said; ``noted_at`` is when that was."""

    id: UUID
    fulfillment_id: UUID
    carrier: str
    tracking_number: str
    shipped_at: datetime
    state: str
    noted_at: datetime | None


class PaymentView(Struct, frozen=True, kw_only=True):
    """Money that was taken, and what of it went back.

    from_payment_id   the payment of another order that an exchange carried over
    """

    id: UUID
    provider: str
    method: str
    from_payment_id: UUID | None
    captured_minor: int
    refunded_minor: int
    at: datetime


class ReturnedView(Struct, frozen=True, kw_only=True):
    """Pieces of a line that came back, and where they went; what was paid for them.

    inspected   how many of those in quarantine were let out of it since
    """

    line_id: UUID
    quantity: int
    condition: str
    inspected: int
    refund_minor: int


class ReturnView(Struct, frozen=True, kw_only=True):
    """Goods that came back at one time."""

    id: UUID
    location_id: UUID
    location: str
    reason: str
    at: datetime
    lines: tuple[ReturnedView, ...]


class RefundView(Struct, frozen=True, kw_only=True):
    """Money that went back, or is on its way (``begun``); tax within, in minor units.

    exchange_id   the exchange that carried it over, instead of giving it back
    """

    id: UUID
    payment_id: UUID
    return_id: UUID | None
    exchange_id: UUID | None
    amount_minor: int
    goods_minor: int
    delivery_minor: int
    tax_minor: int
    reason: str
    state: str
    at: datetime


class OrderView(Struct, frozen=True, kw_only=True):
    """An order whole, without the person it is for.

    arrives_from, arrives_by   the days that were promised for a parcel, if any were
    exchanges                  what came back of it and became another order, and, where it is named
                               as ``to_order_id``, what it was taken for itself
    """

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
    arrives_from: date | None
    arrives_by: date | None
    version: int
    lines: tuple[LineView, ...]
    fulfillments: tuple[FulfillmentView, ...]
    shipments: tuple[ShipmentView, ...]
    payments: tuple[PaymentView, ...]
    returns: tuple[ReturnView, ...]
    refunds: tuple[RefundView, ...]
    exchanges: tuple[ExchangeView, ...]


_ORDER: LiteralString = """
    SELECT o.id, o.number, o.channel_id, c.name AS channel, o.external_id, o.location_id,
           o.customer_id, o.kind, o.state, o.payment_state, o.currency, o.tax_mode, o.country,
           o.subtotal_minor, o.discount_minor, o.delivery_minor, o.tax_minor, o.total_minor,
           o.captured_minor, o.refunded_minor, o.placed_at, o.arrives_from,
           o.arrives_by, o.version
    FROM orders.orders o JOIN catalog.channels c ON c.id = o.channel_id
    WHERE o.id = %(id)s
"""

_LINES: LiteralString = """
    SELECT id, position, variant_id, sku, title, unit, quantity, unit_minor, subtotal_minor,
           discount_minor, tax_rate_ppm, tax_minor, total_minor, fulfilled, canceled, returned,
           exchanged_line_id
    FROM orders.order_lines WHERE order_id = %(id)s ORDER BY position
"""

_FULFILLMENTS: LiteralString = """
    SELECT f.id, f.location_id, l.name AS location, f.kind, f.state, f.due_by, f.step_by,
           CASE WHEN f.state <> 'waiting' THEN f.state
                WHEN f.picked_at IS NOT NULL THEN 'picked'
                WHEN f.accepted_at IS NOT NULL THEN 'accepted' ELSE 'asked' END AS step
    FROM orders.fulfillments f JOIN stock.locations l ON l.id = f.location_id
    WHERE f.order_id = %(id)s ORDER BY f.id
"""

_PARTS: LiteralString = """
    SELECT p.fulfillment_id, p.line_id, p.quantity, p.done, p.canceled
    FROM orders.fulfillment_lines p JOIN orders.fulfillments f ON f.id = p.fulfillment_id
    WHERE f.order_id = %(id)s ORDER BY p.id
"""

_SHIPMENTS: LiteralString = """
    SELECT s.id, s.fulfillment_id, s.carrier, s.tracking_number, s.shipped_at, s.state,
           s.noted_at
    FROM orders.shipments s JOIN orders.fulfillments f ON f.id = s.fulfillment_id
    WHERE f.order_id = %(id)s ORDER BY s.shipped_at, s.id
"""

_PAYMENTS: LiteralString = """
    SELECT id, provider, method, from_payment_id, captured_minor, refunded_minor, at
    FROM orders.payments WHERE order_id = %(id)s ORDER BY at, id
"""


_RETURNS: LiteralString = """
    SELECT r.id, r.location_id, l.name AS location, r.reason, r.at
    FROM orders.returns r JOIN stock.locations l ON l.id = r.location_id
    WHERE r.order_id = %(id)s ORDER BY r.at, r.id
"""

_RETURNED: LiteralString = """
    SELECT b.return_id, b.line_id, b.quantity, b.condition, b.inspected, b.refund_minor
    FROM orders.return_lines b JOIN orders.returns r ON r.id = b.return_id
    WHERE r.order_id = %(id)s ORDER BY b.line_id, b.condition
"""

_REFUNDS: LiteralString = """
    SELECT id, payment_id, return_id, exchange_id, amount_minor, goods_minor, delivery_minor,
           tax_minor, reason, state, at
    FROM orders.refunds WHERE order_id = %(id)s ORDER BY at, id
"""


def places_of_order(tx: Tx, ask: Any) -> tuple[UUID, ...] | None:
    """The locations of the order that is asked about, for ``at`` of a question."""
    return order_places(tx, ask.order_id)


@query(
    "orders.read", permission="orders.read", at=places_of_order, http="GET /v1/orders/{order_id}"
)
def read_order(tx: Tx, ask: AskOrder) -> OrderView:
    """An order with its lines, what locations do for it, parcels, money and what came back."""
    row = tx.first(_ORDER, id=ask.order_id)
    if row is None:
        raise NotFound("order", ask.order_id)
    return OrderView(
        **row._asdict(),
        lines=tuple(LineView(**r._asdict()) for r in tx.all(_LINES, id=ask.order_id)),
        fulfillments=_fulfillments(tx, ask.order_id),
        shipments=tuple(ShipmentView(**r._asdict()) for r in tx.all(_SHIPMENTS, id=ask.order_id)),
        payments=tuple(PaymentView(**r._asdict()) for r in tx.all(_PAYMENTS, id=ask.order_id)),
        returns=_returns(tx, ask.order_id),
        refunds=tuple(RefundView(**r._asdict()) for r in tx.all(_REFUNDS, id=ask.order_id)),
        exchanges=tuple(exchanges_of(tx, ask.order_id)),
    )


def _returns(tx: Tx, order: UUID) -> tuple[ReturnView, ...]:
    lines: dict[UUID, list[ReturnedView]] = {}
    for row in tx.all(_RETURNED, id=order):
        columns = row._asdict()
        lines.setdefault(columns.pop("return_id"), []).append(ReturnedView(**columns))
    return tuple(
        ReturnView(**row._asdict(), lines=tuple(lines.get(row.id, ())))
        for row in tx.all(_RETURNS, id=order)
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
