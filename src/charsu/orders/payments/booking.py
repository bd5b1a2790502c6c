"""Money that was taken becomes a payment of its order, in the books and in the order's state."""

from typing import Any, LiteralString
from uuid import UUID

import psycopg
from msgspec import Struct
from msgspec.structs import replace

from charsu.kernel import Tx, append
from charsu.orders.books import take_money
from charsu.orders.credit.accounts import CREDIT, spend_credit
from charsu.orders.errors import CreditNeedsCustomer, PaymentReferenceTaken
from charsu.orders.facts import OrderPaid
from charsu.orders.loaded import Order, settle


class Money(Struct, frozen=True, kw_only=True):
    """What was taken, by whom, and how.

    reference         the provider's own; money at a counter needs none, the payment's id stands
                      for it
    from_payment_id   where the money came in, if an exchange carried it over
    """

    provider: str
    method: str
    amount_minor: int
    reference: str | None = None
    authorization_id: UUID | None = None
    from_payment_id: UUID | None = None


_INSERT: LiteralString = """
    INSERT INTO orders.payments (id, order_id, provider, reference, method, currency,
                                 authorized_minor, captured_minor, at, authorization_id,
                                 from_payment_id)
    VALUES (%(id)s, %(order)s, %(provider)s, %(reference)s, %(method)s, %(currency)s,
            %(amount)s, %(amount)s, %(now)s, %(authorization)s, %(source)s)
"""


def book_payment(tx: Tx, order: Order, money: Money) -> tuple[UUID, Order]:
    """Book money for a locked order: the payment, and the order in its new version.

    Raises PaymentReferenceTaken; of credit CreditNeedsCustomer, NotEnoughCredit.
    """
    payment = _insert(tx, order, money)
    if money.provider == CREDIT:
        _spend(tx, order, money, payment)
    take_money(tx, order, provider=money.provider, amount=money.amount_minor, cause=payment)
    paid = settle(tx, replace(order, captured_minor=order.captured_minor + money.amount_minor))
    fact = OrderPaid(
        payment_id=payment,
        provider=money.provider,
        amount_minor=money.amount_minor,
        currency=order.currency,
        captured_minor=paid.captured_minor,
    )
    append(tx, fact, subject=order.id, version=paid.version)
    return payment, paid


def _spend(tx: Tx, order: Order, money: Money, payment: UUID) -> None:
    """Raises CreditNeedsCustomer, NotEnoughCredit."""
    if order.customer_id is None:
        raise CreditNeedsCustomer
    spend_credit(
        tx,
        order.customer_id,
        order.currency,
        money.amount_minor,
        held=money.amount_minor if money.authorization_id else 0,
        order=order.id,
        payment=payment,
    )


def _insert(tx: Tx, order: Order, money: Money) -> UUID:
    payment = tx.new_id()
    values: dict[str, Any] = {
        "id": payment,
        "order": order.id,
        "provider": money.provider,
        "reference": money.reference or str(payment),
        "method": money.method,
        "currency": order.currency,
        "amount": money.amount_minor,
        "authorization": money.authorization_id,
        "source": money.from_payment_id,
        "now": tx.now,
    }
    try:
        tx.run(_INSERT, **values)
    except psycopg.errors.UniqueViolation as taken:
        raise PaymentReferenceTaken(values["reference"]) from taken
    return payment
