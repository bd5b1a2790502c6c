"""Credit kept ready for a cart, and for the order that it becomes."""

from typing import Any, LiteralString
from uuid import UUID

from charsu.kernel import Tx
from charsu.orders.credit.accounts import CREDIT, hold_credit
from charsu.orders.payments.authorizations import (
    Authorization,
    ask,
    lock_authorization,
    take_answer,
)
from charsu.orders.payments.provider import Authorized


def promise_credit(
    tx: Tx, *, cart: UUID, customer: UUID, amount_minor: int, currency: str
) -> Authorization:
    """Keep so much of the customer's credit ready for her cart. Raises NotEnoughCredit."""
    hold_credit(tx, customer, currency, amount_minor)
    asked = ask(tx, cart=cart, provider=CREDIT, amount_minor=amount_minor, currency=currency)
    tx.run(
        "UPDATE orders.authorizations SET customer_id = %(customer)s WHERE id = %(id)s",
        customer=customer,
        id=asked.id,
    )
    return take_answer(tx, lock_authorization(tx, asked.id), Authorized(reference=str(asked.id)))


_FOR_CART: LiteralString = """
    SELECT id FROM orders.authorizations
    WHERE cart_id = %(cart)s AND provider = %(credit)s AND state = 'authorized'
      AND order_id IS NULL
"""


def credit_for(tx: Tx, cart: UUID) -> Authorization | None:
    """The credit that is kept ready for this cart, locked; None where there is none."""
    row: Any = tx.first(_FOR_CART, cart=cart, credit=CREDIT)
    return None if row is None else lock_authorization(tx, row.id)
