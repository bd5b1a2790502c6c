"""Goods that were taken in exchange for others, and the money that was carried over for them.

What was paid for goods that come back pays for the new order: it leaves the old one as a refund and
reaches the new one as a payment, through an account of the books that is empty afterwards. The new
payment names the one where the money came in, so that it goes back there, however often the goods
are exchanged.
"""

from collections.abc import Iterable
from typing import LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.kernel import Tx
from charsu.pricing import Agreed

EXCHANGE = "exchange"
"""Who "takes" the money of goods that came back, as payments name their provider."""


class Carrying(Struct, frozen=True, kw_only=True):
    """Money of one order goes on to another."""

    exchange_id: UUID
    to_order_id: UUID


class Even(Struct, frozen=True, kw_only=True):
    """Pieces are taken for pieces of another order's line, at the price that was paid for those."""

    line_id: UUID
    price: Agreed


class ExchangeView(Struct, frozen=True, kw_only=True):
    """One exchange: ``return_id`` of one order became another order.

    carried_minor   what of the old order's money paid for the new one
    """

    id: UUID
    from_order_id: UUID
    from_number: int
    return_id: UUID
    to_order_id: UUID
    to_number: int
    carried_minor: int


_EXCHANGES: LiteralString = """
    SELECT e.id, e.order_id AS from_order_id, o.number AS from_number, e.return_id,
           e.new_order_id AS to_order_id, n.number AS to_number,
           (SELECT coalesce(sum(r.amount_minor), 0)::bigint FROM orders.refunds r
            WHERE r.exchange_id = e.id) AS carried_minor
    FROM orders.exchanges e
    JOIN orders.orders o ON o.id = e.order_id
    JOIN orders.orders n ON n.id = e.new_order_id
    WHERE e.order_id = %(order)s OR e.new_order_id = %(order)s ORDER BY e.at, e.id
"""


def exchanges_of(tx: Tx, order: UUID) -> Iterable[ExchangeView]:
    """The exchanges that this order gave goods to or came from, the oldest first."""
    return (ExchangeView(**row._asdict()) for row in tx.all(_EXCHANGES, order=order))
