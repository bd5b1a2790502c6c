"""Pieces of an order will not come: what that means for its lines, its coupons and its money."""

from collections.abc import Mapping
from uuid import UUID

from charsu.kernel import Tx
from charsu.orders.facts import LinesCanceled
from charsu.orders.loaded import Order, load, settle_state
from charsu.orders.operations.refund import RefundOrder, refund_order
from charsu.orders.payments.capturing import free_the_rest
from charsu.orders.returned import given_back
from charsu.orders.words import tell_why
from charsu.pricing import give_back


def cancel_lines(tx: Tx, order: Order, pieces: Mapping[UUID, int]) -> Order:
    """Cancel pieces that no location holds any more, and let go the money promised for them."""
    tx.run(
        """
        UPDATE orders.order_lines l SET canceled = l.canceled + n.pieces
        FROM unnest(%(lines)s::uuid[], %(counts)s::bigint[]) AS n (id, pieces)
        WHERE l.id = n.id
        """,
        lines=list(pieces),
        counts=list(pieces.values()),
    )
    was, order = order, settle_state(tx, order)
    if order.state == "canceled" != was.state:
        give_back(tx, order.id)
    free_the_rest(tx, order)
    return order


def canceled(order: Order, pieces: Mapping[UUID, int], *, reason: str) -> LinesCanceled:
    """The fact that says so."""
    return LinesCanceled(
        line_ids=tuple(pieces),
        pieces=sum(pieces.values()),
        reason=reason,
        is_whole_order=order.state == "canceled",
    )


def give_up_pieces(tx: Tx, order: Order, pieces: Mapping[UUID, int], *, reason: str) -> Order:
    """Cancel pieces of the shop's own accord: what was taken for them goes back at once."""
    was = order
    order = cancel_lines(tx, order, pieces)
    tell_why(tx, canceled(order, pieces, reason=reason), order=order.id, version=order.version)
    return _refund(tx, was, order, reason)


def _refund(tx: Tx, was: Order, order: Order, reason: str) -> Order:
    over = order.captured_minor - order.refunded_minor - order.kept_minor
    amount = min(over, was.kept_minor - order.kept_minor)
    if amount <= 0:
        return order
    delivery = 0
    if order.state == "canceled":
        delivery = min(amount, order.delivery_minor - given_back(tx, order.id).delivery)
    ask = RefundOrder(
        order_id=order.id,
        reason=reason,
        goods_minor=amount - delivery,
        delivery_minor=delivery,
    )
    refund_order(tx, ask)
    return load(tx, order.id)
