"""Carts of somebody whom the shop is to know no longer."""

from typing import Any, LiteralString
from uuid import UUID

from charsu.kernel import Tx
from charsu.shopping.errors import CartClosed
from charsu.shopping.operations.abandon import give_up
from charsu.shopping.stored import lock_all

# Her own, in every channel, and those of guests that name her address, at which nobody may be.
_HERS: LiteralString = """
    SELECT id FROM shopping.carts
    WHERE owner_kind = 'customer' AND owner_id = ANY(%(customers)s) AND state IN ('open', 'paying')
    UNION
    SELECT c.id FROM shopping.recipients r JOIN shopping.carts c ON c.id = r.cart_id
    WHERE lower(r.email) = ANY(%(emails)s) AND c.state IN ('open', 'paying')
"""


def forget_carts(tx: Tx, *, customers: list[UUID], emails: list[str]) -> int:
    """Give up the carts of these customers, and those of guests for these addresses; how many.

    Raises CartClosed while one of them is being paid.
    """
    rows: list[Any] = tx.all(_HERS, customers=customers, emails=emails)
    carts = lock_all(tx, {row.id for row in rows}).values()
    if any(cart.state == "paying" for cart in carts):
        raise CartClosed("paying")
    still = [cart for cart in carts if cart.state == "open"]
    for cart in sorted(still, key=lambda one: one.id):
        give_up(tx, cart)
    return len(still)
