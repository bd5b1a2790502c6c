"""Money is taken for an order."""

from typing import Annotated, Any, Literal
from uuid import UUID

import psycopg
from msgspec import Meta, Struct

from charsu.kernel import Tx, append, operation
from charsu.orders.books import take_money
from charsu.orders.errors import (
    AlreadyPaid,
    PaymentDeclined,
    PaymentReferenceTaken,
    WrongStep,
)
from charsu.orders.facts import OrderPaid
from charsu.orders.loaded import Order, load, order_places
from charsu.orders.model import payment_state

DECLINES = {"tok_declined": "declined by the issuer", "tok_expired": "the card has expired"}
"""Tokens that the test provider refuses; it takes every other one."""


class PayOrder(Struct, frozen=True, kw_only=True):
    """Money for an order: taken at a counter, or by the test provider.

    reference   the till's receipt or the provider's token; one reference, one payment
    """

    order_id: UUID
    amount_minor: Annotated[int, Meta(ge=1, le=10**12)]
    method: Literal["cash", "card", "transfer", "other"]
    reference: Annotated[str, Meta(min_length=1, max_length=128)]
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
    order = load(tx, ask.order_id)
    if order.state == "canceled":
        raise WrongStep(state="canceled", asked="paid")
    left = order.total_minor - order.captured_minor
    if ask.amount_minor > left:
        raise AlreadyPaid(left=left)
    if ask.provider == "test" and ask.reference.split(":")[0] in DECLINES:
        raise PaymentDeclined(DECLINES[ask.reference.split(":")[0]])
    payment = _store(tx, ask, order)
    take_money(tx, order, provider=ask.provider, amount=ask.amount_minor, cause=payment)
    captured = order.captured_minor + ask.amount_minor
    version, state = settle_payment(tx, order, captured=captured, refunded=order.refunded_minor)
    fact = OrderPaid(
        payment_id=payment,
        provider=ask.provider,
        amount_minor=ask.amount_minor,
        currency=order.currency,
        captured_minor=captured,
    )
    append(tx, fact, subject=order.id, version=version)
    return Paid(payment, state, left - ask.amount_minor, version)


def _store(tx: Tx, ask: PayOrder, order: Order) -> UUID:
    payment = tx.new_id()
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
            reference=ask.reference,
            method=ask.method,
            currency=order.currency,
            amount=ask.amount_minor,
            now=tx.now,
        )
    except psycopg.errors.UniqueViolation as taken:
        raise PaymentReferenceTaken(ask.reference) from taken
    return payment


def settle_payment(tx: Tx, order: Order, *, captured: int, refunded: int) -> tuple[int, str]:
    """Write what has come of an order's money; its new version and payment state."""
    state = payment_state(
        total=order.total_minor,
        authorized=0,
        captured=captured,
        refunded=refunded,
        is_canceled=order.state == "canceled",
    )
    version: int = tx.value(
        """
        UPDATE orders.orders
        SET captured_minor = %(captured)s, refunded_minor = %(refunded)s,
            payment_state = %(state)s, version = version + 1
        WHERE id = %(id)s RETURNING version
        """,
        id=order.id,
        captured=captured,
        refunded=refunded,
        state=state,
    )
    return version, state
