"""Pieces that have not left yet will not."""

from collections.abc import Mapping, Sequence
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.kernel import Tx, operation
from charsu.kernel.ledger import Hold
from charsu.orders.canceling import cancel_lines, canceled
from charsu.orders.errors import TooMany, WrongStep
from charsu.orders.exceptions import close_of_ended, spare
from charsu.orders.fulfilling import spread
from charsu.orders.loaded import Order, holds_of, load, order_places
from charsu.orders.model import Reason
from charsu.orders.operations.hand_over import SomeLines, by_line
from charsu.orders.words import tell_why
from charsu.stock import take_back


class CancelOrder(Struct, frozen=True, kw_only=True):
    """What is canceled; without lines, all that has not left."""

    order_id: UUID
    reason: Reason
    lines: SomeLines | None = None


class Canceled(Struct, frozen=True):
    """How the order stands now.

    to_refund_minor   taken from the customer for what she will not get
    """

    order_id: UUID
    order_state: str
    to_refund_minor: int
    version: int


def _places(tx: Tx, ask: Any) -> tuple[UUID, ...] | None:
    return order_places(tx, ask.order_id)


@operation(
    "orders.cancel",
    permission="orders.cancel",
    at=_places,
    http="POST /v1/orders/{order_id}/cancellations",
    raises=(WrongStep, TooMany),
)
def cancel_order(tx: Tx, ask: CancelOrder) -> Canceled:
    """Cancel an order or some of its pieces; they are on sale again at once.

    A coupon is given back with the whole order. Money is not moved: ``orders.refund`` does that.
    """
    order = load(tx, ask.order_id)
    pieces = _pieces(order, by_line(ask.lines))
    parts = _parts(tx, order, spare(tx, order.id, pieces))
    if parts:  # else no location sees to any of it
        take_back(tx, _holds(holds_of(tx, order), parts))
    _store(tx, order, parts)
    order = cancel_lines(tx, order, pieces)
    fact = canceled(order, pieces, reason=ask.reason)
    tell_why(tx, fact, order=order.id, version=order.version)
    return Canceled(order.id, order.state, _to_refund(order), order.version)


def _pieces(order: Order, asked: Mapping[UUID, int]) -> dict[UUID, int]:
    open_pieces = {line.id: line.open for line in order.lines.values() if line.open}
    if not open_pieces:
        raise WrongStep(state=order.state, asked="canceled")
    pieces = dict(asked) or open_pieces
    for line, count in pieces.items():
        if count > open_pieces.get(line, 0):
            raise TooMany(asked=count, left=open_pieces.get(line, 0))
    return pieces


class _Part(Struct, frozen=True):
    """Pieces of a line that one location will not send after all."""

    id: UUID
    line_id: UUID
    location_id: UUID
    pieces: int


_OPEN_PARTS: LiteralString = """
    SELECT p.id, p.line_id, f.location_id, p.quantity - p.done - p.canceled AS pieces
    FROM orders.fulfillment_lines p JOIN orders.fulfillments f ON f.id = p.fulfillment_id
    WHERE f.order_id = %(order)s AND p.done + p.canceled < p.quantity
    ORDER BY (f.state = 'ready'), p.id DESC FOR UPDATE
"""


def _parts(tx: Tx, order: Order, pieces: Mapping[UUID, int]) -> list[_Part]:
    """Which locations are spared which pieces: those first that have not laid them out yet."""
    missing, parts = dict(pieces), []
    for row in tx.all(_OPEN_PARTS, order=order.id):
        count = min(missing.get(row.line_id, 0), row.pieces)
        if count:
            parts.append(_Part(row.id, row.line_id, row.location_id, count))
            missing[row.line_id] -= count
    return parts


def _holds(held: Sequence[Hold], parts: Sequence[_Part]) -> dict[UUID, int]:
    """What is taken back of each hold; a line may wait twice at one place, after a move."""
    wanted: dict[UUID, dict[UUID, int]] = {}
    for part in parts:
        at = wanted.setdefault(part.location_id, {})
        at[part.line_id] = at.get(part.line_id, 0) + part.pieces
    amounts: dict[UUID, int] = {}
    for location, pieces in wanted.items():
        amounts |= spread([hold for hold in held if hold.place_id == location], pieces)
    return amounts


_CLOSE_TASKS: LiteralString = """
    UPDATE orders.fulfillments f
    SET version = f.version + 1, step_by = NULL,
        state = CASE WHEN EXISTS (SELECT FROM orders.fulfillment_lines p
                                  WHERE p.fulfillment_id = f.id AND p.done > 0)
                     THEN 'done' ELSE 'canceled' END
    WHERE f.order_id = %(order)s AND f.state IN ('waiting', 'ready')
      AND NOT EXISTS (SELECT FROM orders.fulfillment_lines p
                      WHERE p.fulfillment_id = f.id AND p.done + p.canceled < p.quantity)
"""


def _store(tx: Tx, order: Order, parts: Sequence[_Part]) -> None:
    tx.run(
        """
        UPDATE orders.fulfillment_lines p SET canceled = p.canceled + n.pieces
        FROM unnest(%(ids)s::uuid[], %(counts)s::bigint[]) AS n (id, pieces)
        WHERE p.id = n.id
        """,
        ids=[part.id for part in parts],
        counts=[part.pieces for part in parts],
    )
    tx.run(_CLOSE_TASKS, order=order.id)
    close_of_ended(tx, order.id, outcome="canceled")


def _to_refund(order: Order) -> int:
    """What was taken beyond what the customer keeps, not refunded yet."""
    return max(0, order.captured_minor - order.refunded_minor - order.kept_minor)
