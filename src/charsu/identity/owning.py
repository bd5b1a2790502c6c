"""Which orders are a customer's own: bought under her name, or as a guest and joined since."""

from typing import LiteralString
from uuid import UUID

from charsu.customers import family_of
from charsu.identity.operations.end_session import herself
from charsu.kernel import NotFound, Tx

_IS_HERS: LiteralString = """
    SELECT EXISTS (SELECT FROM orders.orders
                   WHERE id = %(order)s AND customer_id = ANY(%(family)s))
        OR EXISTS (SELECT FROM identity.purchases
                   WHERE order_id = %(order)s AND customer_id = ANY(%(family)s))
"""


def owns(tx: Tx, customer: UUID, order: UUID) -> bool:
    """Whether the order is this customer's, under whichever of her ids it was bought."""
    return bool(tx.value(_IS_HERS, order=order, family=family_of(tx, customer)))


def expect_own(tx: Tx, order: UUID, refusal: NotFound) -> None:
    """Refuse what is not of an order of the customer who asks as if it were not there.

    Raises CustomerNeeded, and the refusal.
    """
    if not owns(tx, herself(tx), order):
        raise refusal
