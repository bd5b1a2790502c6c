"""Returns of the past: goods of past orders that came back, and money that was paid back."""

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.kernel import Tx, append
from charsu.orders.facts import GoodsReturned


class PastReturnLine(Struct, frozen=True):
    """Pieces of a line that came back, and what was paid back for them."""

    line_id: UUID
    quantity: int
    refund_minor: int


class PastReturn(Struct, frozen=True, kw_only=True):
    """What came back of one order at one time; its id tells it from others, also in a next run."""

    id: UUID
    order_id: UUID
    location_id: UUID
    at: datetime
    lines: tuple[PastReturnLine, ...]


_STORE: LiteralString = """
    INSERT INTO orders.returns (id, order_id, location_id, reason, at)
    SELECT *  FROM unnest(%(ids)s::uuid[], %(orders)s::uuid[], %(locations)s::uuid[],
                          %(reasons)s::text[], %(times)s::timestamptz[])
    ON CONFLICT (id) DO NOTHING RETURNING id
"""

_STORE_LINES: LiteralString = """
    INSERT INTO orders.return_lines (return_id, line_id, quantity, condition, refund_minor)
    SELECT r, l, n, 'quarantine', m
    FROM unnest(%(returns)s::uuid[], %(lines)s::uuid[], %(counts)s::bigint[],
                %(refunds)s::bigint[]) AS x (r, l, n, m)
"""

_LINES_BACK: LiteralString = """
    UPDATE orders.order_lines l
    SET returned = l.returned + x.pieces, refunded_minor = l.refunded_minor + x.refund
    FROM (SELECT line, sum(n)::bigint AS pieces, sum(m)::bigint AS refund
          FROM unnest(%(lines)s::uuid[], %(counts)s::bigint[], %(refunds)s::bigint[])
               AS u (line, n, m) GROUP BY line) x
    WHERE l.id = x.line
"""

# To the one payment that such an order has; the tax within is its share of the goods' tax.
_REFUND: LiteralString = """
    WITH paid AS (
        UPDATE orders.payments SET refunded_minor = refunded_minor + %(refund)s
        WHERE id = (SELECT id FROM orders.payments
                    WHERE order_id = %(order)s AND provider = 'history'
                    ORDER BY captured_minor - refunded_minor DESC, id LIMIT 1)
        RETURNING id
    ), goods AS (
        SELECT sum(tax_minor) AS tax, sum(total_minor) AS total
        FROM orders.order_lines WHERE order_id = %(order)s
    )
    INSERT INTO orders.refunds (id, order_id, payment_id, return_id, amount_minor, goods_minor,
                                delivery_minor, tax_minor, reason, at, is_historical)
    SELECT %(id)s, %(order)s, paid.id, %(back)s, %(refund)s, %(refund)s, 0,
           div(2 * goods.tax * %(refund)s + goods.total, 2 * goods.total), 'history', %(at)s, true
    FROM paid, goods
"""

_ORDER_BACK: LiteralString = """
    UPDATE orders.orders
    SET version = version + 1, refunded_minor = refunded_minor + %(refund)s,
        payment_state = CASE WHEN refunded_minor + %(refund)s = 0 THEN payment_state
                             WHEN refunded_minor + %(refund)s = captured_minor THEN 'refunded'
                             ELSE 'partly_refunded' END
    WHERE id = %(order)s RETURNING version
"""


def put_many_past_returns(tx: Tx, returns: Sequence[PastReturn]) -> set[UUID]:
    """Take over any number of returns; the ids of those that were new.

    Stock and money stay as they are: both were settled before the shop was here. The database
    refuses to take back more than was handed over, or to pay back more than was paid.
    """
    rows = tx.all(
        _STORE,
        ids=[one.id for one in returns],
        orders=[one.order_id for one in returns],
        locations=[one.location_id for one in returns],
        reasons=["history"] * len(returns),
        times=[one.at for one in returns],
    )
    new = {row.id for row in rows}
    fresh = [one for one in returns if one.id in new]
    _store_lines(tx, fresh)
    for one in fresh:
        refund = sum(line.refund_minor for line in one.lines)
        if refund:
            _give_back(tx, one, refund)
        version = tx.value(_ORDER_BACK, order=one.order_id, refund=refund)
        fact = GoodsReturned(
            return_id=one.id,
            location_id=one.location_id,
            line_ids=tuple(line.line_id for line in one.lines),
            pieces=sum(line.quantity for line in one.lines),
            reason="history",
        )
        append(tx, fact, subject=one.order_id, version=version, historical=True)
    return new


def _give_back(tx: Tx, one: PastReturn, refund: int) -> None:
    values = {"order": one.order_id, "back": one.id, "refund": refund, "at": one.at}
    tx.run(_REFUND, id=tx.new_id(), **values)


def _store_lines(tx: Tx, returns: Sequence[PastReturn]) -> None:
    lines = [(one.id, line) for one in returns for line in one.lines]
    values = {
        "lines": [line.line_id for _, line in lines],
        "counts": [line.quantity for _, line in lines],
        "refunds": [line.refund_minor for _, line in lines],
    }
    tx.run(_STORE_LINES, returns=[id_ for id_, _ in lines], **values)
    tx.run(_LINES_BACK, **values)
