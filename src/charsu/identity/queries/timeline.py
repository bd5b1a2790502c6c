"""What happened between a customer and the shop, over all channels.

Read from the orders and sessions themselves and, for what they keep no time of, from the log: so it
is never behind, and nothing is kept twice that could differ.
"""

from datetime import datetime
from typing import Annotated, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.customers import family_of
from charsu.identity.errors import CustomerNeeded
from charsu.identity.operations.end_session import herself
from charsu.kernel import Mark, Moment, NotFound, PageUnknown, Tx, cut, query, read_mark

Limit = Annotated[int, Meta(ge=1, le=200)]


class AskTimeline(Struct, frozen=True, kw_only=True):
    """Of which customer; who was merged with her is the same person."""

    customer_id: UUID
    after: Mark | None = None
    limit: Limit = 50


class AskOwnTimeline(Struct, frozen=True, kw_only=True):
    """One's own."""

    after: Mark | None = None
    limit: Limit = 50


class TimelineEntry(Struct, frozen=True, kw_only=True):
    """One thing that happened.

    kind          purchase, payment, refund, return, exchange, shipment, pickup_ready, hand_over,
                  cancellation or sign_in
    id            of the payment, refund, return, …; of the order for a purchase
    location_id   the store or warehouse, where one had to do with it
    as_guest      the purchase was made by nobody known, and joined her
    detail        how it was paid, who carries the parcel, on which device, why; of an exchange
                  the number of the order that was taken
    """

    kind: str
    id: UUID
    at: datetime
    order_id: UUID | None
    order_number: int | None
    channel_id: UUID | None
    location_id: UUID | None
    amount_minor: int | None
    currency: str | None
    as_guest: bool
    detail: str


class Timeline(Struct, frozen=True):
    """What happened, newest first; ``next`` asks for what was before."""

    items: tuple[TimelineEntry, ...]
    next: str | None


_PAGE: LiteralString = """
    WITH hers AS MATERIALIZED (
        SELECT o.id, o.number, o.channel_id, o.location_id, o.currency, o.total_minor, o.placed_at,
               o.kind, o.customer_id IS NULL AS as_guest
        FROM orders.orders o
        WHERE o.id IN (SELECT id FROM orders.orders WHERE customer_id = ANY(%(family)s)
                       UNION ALL
                       SELECT order_id FROM identity.purchases WHERE customer_id = ANY(%(family)s))
    ), happened AS (
        SELECT 'purchase' AS kind, id, placed_at AS at, id AS order_id, location_id,
               total_minor AS amount_minor, kind AS detail
        FROM hers
        UNION ALL
        SELECT 'payment', p.id, p.at, p.order_id, NULL, p.captured_minor, p.method
        FROM hers JOIN orders.payments p ON p.order_id = hers.id
        WHERE p.captured_minor > 0 AND p.provider <> 'exchange'
        UNION ALL
        SELECT 'refund', r.id, r.at, r.order_id, NULL, r.amount_minor, r.reason
        FROM hers JOIN orders.refunds r ON r.order_id = hers.id
        WHERE r.state <> 'failed' AND r.exchange_id IS NULL
        UNION ALL
        SELECT 'exchange', e.id, e.at, e.order_id, e.location_id, NULL, n.number::text
        FROM hers JOIN orders.exchanges e ON e.order_id = hers.id
        JOIN orders.orders n ON n.id = e.new_order_id
        UNION ALL
        SELECT 'return', r.id, r.at, r.order_id, r.location_id, NULL, r.reason
        FROM hers JOIN orders.returns r ON r.order_id = hers.id
        UNION ALL
        SELECT 'shipment', s.id, s.shipped_at, f.order_id, f.location_id, NULL, s.carrier
        FROM hers JOIN orders.fulfillments f ON f.order_id = hers.id
        JOIN orders.shipments s ON s.fulfillment_id = f.id
        UNION ALL
        SELECT CASE l.name WHEN 'orders.pickup_ready' THEN 'pickup_ready'
                           WHEN 'orders.goods_handed_over' THEN 'hand_over'
                           ELSE 'cancellation' END,
               l.id, l.at, l.subject_id, (l.body->>'location_id')::uuid, NULL,
               coalesce(w.reason, l.body->>'reason', '')
        FROM hers JOIN kernel.facts l ON l.subject_id = hers.id
        LEFT JOIN orders.words w ON (w.order_id, w.version) = (l.subject_id, l.version)
        WHERE l.name IN ('orders.pickup_ready', 'orders.goods_handed_over',
                         'orders.lines_canceled')
          AND NOT l.is_historical
        UNION ALL
        SELECT 'sign_in', s.id, s.made_at, NULL, NULL, NULL, s.device
        FROM identity.sessions s WHERE s.customer_id = ANY(%(family)s)
    )
    SELECT h.kind, h.id, h.at, h.order_id, o.number AS order_number, o.channel_id, h.location_id,
           h.amount_minor, CASE WHEN h.amount_minor IS NOT NULL THEN o.currency END AS currency,
           coalesce(o.as_guest, false) AS as_guest, h.detail
    FROM happened h LEFT JOIN hers o ON o.id = h.order_id
    WHERE %(before)s::timestamptz IS NULL
       OR (h.at, h.id, h.kind) < (%(before)s, %(last)s::uuid, %(last_kind)s::text)
    ORDER BY h.at DESC, h.id DESC, h.kind DESC LIMIT %(limit)s
"""


@query(
    "identity.timeline",
    permission="customers.read",
    http="GET /v1/customers/{customer_id}/timeline",
    raises=(NotFound, PageUnknown),
)
def timeline(tx: Tx, ask: AskTimeline) -> Timeline:
    """Everything a customer did with us over all channels, newest first, for those who serve her.

    An import of past sales tells of purchases, payments and returns, not of hand-overs.
    """
    if not tx.value(_IS_CUSTOMER, id=ask.customer_id):
        raise NotFound("customer", ask.customer_id)
    return _page(tx, ask.customer_id, ask.after, ask.limit)


@query(
    "identity.own_timeline",
    permission="identity.own",
    http="GET /v1/me/timeline",
    raises=(CustomerNeeded, PageUnknown),
)
def own_timeline(tx: Tx, ask: AskOwnTimeline) -> Timeline:
    """Everything I did with this shop over all its channels, newest first."""
    return _page(tx, herself(tx), ask.after, ask.limit)


_IS_CUSTOMER: LiteralString = "SELECT EXISTS (SELECT FROM customers.customers WHERE id = %(id)s)"


def _page(tx: Tx, customer_id: UUID, after: str | None, limit: int) -> Timeline:
    before, last, last_kind = read_mark(after, Moment, UUID, str)
    rows = tx.all(
        _PAGE,
        family=family_of(tx, customer_id),
        before=before,
        last=last,
        last_kind=last_kind,
        limit=limit + 1,
    )
    shown, more = cut(rows, limit, "at", "id", "kind")
    return Timeline(tuple(TimelineEntry(**row._asdict()) for row in shown), more)
