"""An order as a platform sees it: the one that made it, or one that acts for its customer."""

from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from charsu.channels.ucp.errors import IdentityRequired
from charsu.channels.ucp.model import Line, Totals
from charsu.channels.ucp.queries.read_session import looks_of, totals_from
from charsu.identity import owns
from charsu.kernel import NotFound, Tx, query
from charsu.orders import AskOrder, OrderView, Recipient, read_order


class AskSessionOrder(Struct, frozen=True, kw_only=True):
    """Which order.

    customer_id   whose orders the platform may read, as she agreed; none without her leave
    """

    order_id: UUID
    customer_id: UUID | None = None


class Pieces(Struct, frozen=True, kw_only=True):
    """So many pieces of a line, named by its variant."""

    variant_id: UUID
    quantity: int


class OrderedLine(Struct, frozen=True, kw_only=True):
    """A line of an order, and how far it is."""

    line: Line
    fulfilled: int
    canceled: int
    returned: int


class Where(Struct, frozen=True, kw_only=True):
    """Where goods go or lie."""

    name: str = ""
    street: str = ""
    town: str = ""
    postcode: str = ""
    country: str = ""
    phone: str = ""


class Expected(Struct, frozen=True, kw_only=True):
    """What the buyer may expect of one location."""

    id: UUID
    kind: str
    where: Where
    pieces: tuple[Pieces, ...]


class Happened(Struct, frozen=True, kw_only=True):
    """A parcel that left or is further on its way, or goods that were laid out or handed over."""

    id: UUID
    kind: str
    at: datetime
    pieces: tuple[Pieces, ...]
    carrier: str = ""
    tracking_number: str = ""


class Adjusted(Struct, frozen=True, kw_only=True):
    """Pieces or money that came off the order, as positive numbers."""

    id: UUID
    kind: str
    at: datetime
    pieces: tuple[Pieces, ...] = ()
    amount_minor: int | None = None
    reason: str = ""


class SessionOrder(Struct, frozen=True, kw_only=True):
    """An order with all that became of it.

    session_id   the checkout of the platform that asks; None where it was bought in another way
    """

    id: UUID
    session_id: UUID | None
    number: int
    currency: str
    lines: tuple[OrderedLine, ...]
    totals: Totals
    expected: tuple[Expected, ...]
    happened: tuple[Happened, ...]
    adjusted: tuple[Adjusted, ...]


_SESSION: LiteralString = """
    SELECT s.id, o.customer_id IS NOT NULL AS is_hers
    FROM ucp.sessions s JOIN orders.orders o ON o.id = s.order_id
    WHERE s.order_id = %(order)s AND s.kind = 'checkout' AND s.platform_id = %(platform)s
"""


@query("ucp.read_order", permission="ucp.shop", raises=(NotFound, IdentityRequired))
def read_session_order(tx: Tx, ask: AskSessionOrder) -> SessionOrder:
    """An order with its fulfillment and what came off it.

    A guest's is for the platform that made it; a customer's is for whom she lets read hers, whoever
    made it. IdentityRequired for a customer's that the platform made; otherwise NotFound.
    Source: UCP 2026-04-08, Order, "Authorization", and Identity Linking, "Scopes".
    """
    own = tx.first(_SESSION, order=ask.order_id, platform=tx.actor.id)
    is_guests = own is not None and not own.is_hers
    is_hers = ask.customer_id is not None and owns(tx, ask.customer_id, ask.order_id)
    if not (is_guests or is_hers):
        raise NotFound("order", ask.order_id) if own is None else IdentityRequired(is_shown=False)
    return order_of(tx, None if own is None else own.id, ask.order_id)


def order_of(tx: Tx, session_id: UUID | None, order_id: UUID) -> SessionOrder:
    """The order of a session, whoever asks."""
    order = read_order(tx, AskOrder(order_id=order_id))
    variants = {line.id: line.variant_id for line in order.lines}
    return SessionOrder(
        id=order.id,
        session_id=session_id,
        number=order.number,
        currency=order.currency,
        lines=_lines(tx, order),
        totals=totals_from(order, has_delivery=order.kind != "counter"),
        expected=_expected(tx, order, variants),
        happened=tuple(_happened(tx, order, variants)),
        adjusted=tuple(_adjusted(tx, order, variants)),
    )


def _lines(tx: Tx, order: OrderView) -> tuple[OrderedLine, ...]:
    looks = looks_of(tx, [line.variant_id for line in order.lines])
    return tuple(
        OrderedLine(
            line=Line(
                variant_id=line.variant_id,
                title=line.title,
                **looks[line.variant_id],
                quantity=line.quantity,
                unit_minor=line.unit_minor or 0,
                subtotal_minor=line.subtotal_minor,
            ),
            fulfilled=line.fulfilled,
            canceled=line.canceled,
            returned=line.returned,
        )
        for line in order.lines
    )


_RECIPIENT: LiteralString = """
    SELECT name, email, phone, street, postcode, town, note
    FROM orders.recipients WHERE order_id = %(order)s
"""

_PLACES: LiteralString = """
    SELECT id, name, street, town, country FROM stock.locations WHERE id = ANY(%(ids)s)
"""


def _expected(tx: Tx, order: OrderView, variants: dict[UUID, UUID]) -> tuple[Expected, ...]:
    row = tx.first(_RECIPIENT, order=order.id)
    home = _home(Recipient(**row._asdict()) if row else Recipient(), order.country)
    ids = [one.location_id for one in order.fulfillments]
    stores = {row.id: _store(row) for row in tx.all(_PLACES, ids=ids)}
    found = []
    for one in order.fulfillments:
        pieces = _sum((variants[p.line_id], p.quantity - p.canceled) for p in one.parts)
        if pieces:
            where = home if one.kind == "ship" else stores[one.location_id]
            found.append(Expected(id=one.id, kind=one.kind, where=where, pieces=pieces))
    return tuple(found)


def _home(person: Recipient, country: str) -> Where:
    return Where(
        name=person.name,
        street=person.street,
        town=person.town,
        postcode=person.postcode,
        country=country,
        phone=person.phone,
    )


def _store(row: Any) -> Where:
    return Where(name=row.name, street=row.street, town=row.town, country=row.country)


def _sum(pieces: Any) -> tuple[Pieces, ...]:
    """Pieces by variant, without those of which there are none."""
    found: dict[UUID, int] = {}
    for variant, count in pieces:
        found[variant] = found.get(variant, 0) + count
    return tuple(Pieces(variant_id=v, quantity=count) for v, count in found.items() if count > 0)


_PARCELS: LiteralString = """
    SELECT s.id, s.carrier, s.tracking_number, s.lines, s.shipped_at AS at
    FROM orders.shipments s JOIN orders.fulfillments f ON f.id = s.fulfillment_id
    WHERE f.order_id = %(order)s ORDER BY s.shipped_at, s.id
"""

_NEWS: LiteralString = """
    SELECT id, coalesce((body->>'happened_at')::timestamptz, at) AS at, body->>'event' AS event,
           body->>'shipment_id' AS shipment
    FROM kernel.facts
    WHERE subject_id = %(order)s AND name = 'orders.parcel_noted' ORDER BY version
"""

_TOLD_AS = {
    "in_transit": "in_transit",
    "out_for_delivery": "out_for_delivery",
    "failed_attempt": "failed_attempt",
    "delivered": "delivered",
    "returned_to_sender": "returned_to_sender",
    "lost": "undeliverable",
}
"""What the protocol calls it; that a parcel was collected is told as shipped already.

Source: UCP, order, "Fulfillment Event"; other words may be used.
"""

_COUNTERS: LiteralString = """
    SELECT id, name, at, body->>'fulfillment_id' AS task FROM kernel.facts
    WHERE subject_id = %(order)s
      AND name IN ('orders.pickup_ready', 'orders.goods_handed_over')
    ORDER BY version
"""


def _happened(tx: Tx, order: OrderView, variants: dict[UUID, UUID]) -> list[Happened]:
    parcels = [
        Happened(
            id=row.id,
            kind="shipped",
            at=row.at,
            pieces=_sum((variants[UUID(line)], count) for line, count in row.lines.items()),
            carrier=row.carrier,
            tracking_number=row.tracking_number,
        )
        for row in tx.all(_PARCELS, order=order.id)
    ]
    parcels += _on_the_way(tx, order, {str(one.id): one for one in parcels})
    tasks = {str(one.id): one for one in order.fulfillments}
    for row in tx.all(_COUNTERS, order=order.id):
        is_done = row.name == "orders.goods_handed_over"
        task = tasks[row.task]
        pieces = _sum((variants[p.line_id], p.done if is_done else p.quantity) for p in task.parts)
        kind = "delivered" if is_done else "ready_for_pickup"
        parcels.append(Happened(id=row.id, kind=kind, at=row.at, pieces=pieces))
    return [one for one in parcels if one.pieces]


def _on_the_way(tx: Tx, order: OrderView, parcels: dict[str, Happened]) -> list[Happened]:
    """What carriers told of these parcels, in the order in which they told it."""
    return [
        replace(parcels[row.shipment], id=row.id, kind=_TOLD_AS[row.event], at=row.at)
        for row in tx.all(_NEWS, order=order.id)
        if row.event in _TOLD_AS and row.shipment in parcels
    ]


_CANCELED: LiteralString = """
    SELECT id, at, body->>'reason' AS reason FROM kernel.facts
    WHERE subject_id = %(order)s AND name = 'orders.lines_canceled' ORDER BY version DESC LIMIT 1
"""

_RETURNS: LiteralString = """
    SELECT r.id, r.at, r.reason, l.line_id, sum(l.quantity)::bigint AS pieces
    FROM orders.returns r JOIN orders.return_lines l ON l.return_id = r.id
    WHERE r.order_id = %(order)s GROUP BY r.id, r.at, r.reason, l.line_id ORDER BY r.at, r.id
"""

_REFUNDS: LiteralString = """
    SELECT id, at, reason, return_id, amount_minor FROM orders.refunds
    WHERE order_id = %(order)s ORDER BY at, id
"""


def _adjusted(tx: Tx, order: OrderView, variants: dict[UUID, UUID]) -> list[Adjusted]:
    back = _came_back(tx, order, variants)
    refunds = [
        Adjusted(
            id=row.id,
            kind="refund",
            at=row.at,
            pieces=back[row.return_id].pieces if row.return_id in back else (),
            amount_minor=row.amount_minor,
            reason=row.reason,
        )
        for row in tx.all(_REFUNDS, order=order.id)
    ]
    found = [*_canceled(tx, order), *back.values(), *refunds]
    return sorted(found, key=lambda one: (one.at, one.id))


def _canceled(tx: Tx, order: OrderView) -> list[Adjusted]:
    """All that was canceled so far, as of the last time."""
    row = tx.first(_CANCELED, order=order.id)
    pieces = _sum((line.variant_id, line.canceled) for line in order.lines)
    if row is None or not pieces:
        return []
    return [Adjusted(id=row.id, kind="cancellation", at=row.at, pieces=pieces, reason=row.reason)]


def _came_back(tx: Tx, order: OrderView, variants: dict[UUID, UUID]) -> dict[UUID, Adjusted]:
    rows = tx.all(_RETURNS, order=order.id)
    return {
        row.id: Adjusted(
            id=row.id,
            kind="return",
            at=row.at,
            pieces=_sum((variants[r.line_id], r.pieces) for r in rows if r.id == row.id),
            reason=row.reason,
        )
        for row in rows
    }
