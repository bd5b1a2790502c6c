"""Money is taken for an order."""

from typing import Annotated, Any, Literal
from uuid import UUID

import psycopg
from msgspec import Meta, Struct
from msgspec.structs import replace

from charsu.kernel import Tx, append, operation
from charsu.orders.books import take_money
from charsu.orders.errors import (
    AlreadyPaid,
    PaymentDeclined,
    PaymentReferenceTaken,
    WrongStep,
)
from charsu.orders.facts import OrderPaid
from charsu.orders.loaded import Order, load, order_places, settle

DECLINES = {
    "": "no card was named",
    "tok_declined": "declined by the issuer",
    "tok_expired": "the card has expired",
}
"""Tokens that the test provider refuses; it takes every other one."""


class PayOrder(Struct, frozen=True, kw_only=True):
    """Money for an order: taken at a counter, or by the test provider.

    reference   the till's receipt or the provider's token; one reference, one payment. Money at a
                counter needs none: the payment's id stands for it
    """

    order_id: UUID
    amount_minor: Annotated[int, Meta(ge=1, le=10**12)]
    method: Literal["cash", "card", "transfer", "other"]
    reference: Annotated[str, Meta(min_length=1, max_length=128)] | None = None
    provider: Literal["counter", "test"] = "counter"


class Paid(Struct, frozen=True):
    """The payment, and what is still to pay."""

    payment_id: UUID
    payment_state: str
    left_minor: int
    version: int


def _places(tx: Tx, ask: Any) -> tuple[UUID, ...] | None:
    return order_places(tx, ask.order_id)


@operation(
    "orders.pay",
    permission="orders.pay",
    at=_places,
    http="POST /v1/orders/{order_id}/payments",
    raises=(AlreadyPaid, PaymentDeclined, PaymentReferenceTaken, WrongStep),
)
def pay_order(tx: Tx, ask: PayOrder) -> Paid:
    """Take money for an order, in one go or in parts; never more than is due."""
    order = load_to_pay(tx, ask.order_id, ask.amount_minor)
    declined = DECLINES.get((ask.reference or "").split(":")[0])
    if ask.provider == "test" and declined:
        raise PaymentDeclined(declined)
    payment = _store(tx, ask, order)
    take_money(tx, order, provider=ask.provider, amount=ask.amount_minor, cause=payment)
    paid = settle(tx, replace(order, captured_minor=order.captured_minor + ask.amount_minor))
    fact = OrderPaid(
        payment_id=payment,
        provider=ask.provider,
        amount_minor=ask.amount_minor,
        currency=order.currency,
        captured_minor=paid.captured_minor,
    )
    append(tx, fact, subject=order.id, version=paid.version)
    return Paid(payment, paid.payment_state, paid.left_minor, paid.version)


def load_to_pay(tx: Tx, order_id: UUID, amount_minor: int) -> Order:
    """The order, its row locked, of which so much is still to pay.

    Raises NotFound, WrongStep where it is canceled, AlreadyPaid where less is left.
    """
    order = load(tx, order_id)
    if order.state == "canceled":
        raise WrongStep(state="canceled", asked="paid")
    if amount_minor > order.left_minor:
        raise AlreadyPaid(left=order.left_minor)
    return order


def _store(tx: Tx, ask: PayOrder, order: Order) -> UUID:
    payment = tx.new_id()
    reference = ask.reference or str(payment)
    try:
        tx.run(
            """
            INSERT INTO orders.payments (id, order_id, provider, reference, method, currency,
                                         authorized_minor, captured_minor, at)
            VALUES (%(id)s, %(order)s, %(provider)s, %(reference)s, %(method)s, %(currency)s,
                    %(amount)s, %(amount)s, %(now)s)
            """,
            id=payment,
            order=order.id,
            provider=ask.provider,
            reference=reference,
            method=ask.method,
            currency=order.currency,
            amount=ask.amount_minor,
            now=tx.now,
        )
    except psycopg.errors.UniqueViolation as taken:
        raise PaymentReferenceTaken(reference) from taken
    return payment
