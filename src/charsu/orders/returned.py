"""What came back of an order, and what was given back for it."""

from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.kernel import NotFound, Tx


class Return(Struct, frozen=True):
    """What one return is worth, the tax within, and what was given back for it already."""

    location_id: UUID
    refund: int
    tax: int
    given: int


class GivenBack(Struct, frozen=True):
    """What was given back of an order in all: of that for the delivery, and the tax within."""

    amount: int
    delivery: int
    tax: int


_RETURN: LiteralString = """
    SELECT r.location_id,
           (SELECT coalesce(sum(refund_minor), 0)::bigint FROM orders.return_lines
            WHERE return_id = r.id) AS refund,
           (SELECT coalesce(sum(tax_minor), 0)::bigint FROM orders.return_lines
            WHERE return_id = r.id) AS tax,
           (SELECT coalesce(sum(goods_minor), 0)::bigint FROM orders.refunds
            WHERE return_id = r.id AND state <> 'failed') AS given
    FROM orders.returns r WHERE r.id = %(id)s AND r.order_id = %(order)s
"""


def return_of(tx: Tx, order: UUID, identity: UUID) -> Return:
    """One return of this order. Raises NotFound, also where it is of another order."""
    row: Any = tx.first(_RETURN, id=identity, order=order)
    if row is None:
        raise NotFound("return", identity)
    return Return(*row)


def given_back(tx: Tx, order: UUID) -> GivenBack:
    """What was given back of this order, or is being."""
    row: Any = tx.first(
        """
        SELECT coalesce(sum(amount_minor), 0)::bigint AS amount,
               coalesce(sum(delivery_minor), 0)::bigint AS delivery,
               coalesce(sum(tax_minor), 0)::bigint AS tax
        FROM orders.refunds WHERE order_id = %(order)s AND state <> 'failed'
        """,
        order=order,
    )
    return GivenBack(*row)
