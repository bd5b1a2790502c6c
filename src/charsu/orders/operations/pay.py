"""Money is taken for an order."""

from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import Tx, operation
from charsu.orders.card_numbers import refuse_card_numbers
from charsu.orders.credit.accounts import CREDIT
from charsu.orders.errors import (
    AlreadyPaid,
    CardNumberShown,
    CreditNeedsCustomer,
    NotEnoughCredit,
    PaymentDeclined,
    PaymentReferenceTaken,
    WrongStep,
)
from charsu.orders.loaded import Order, load, order_places
from charsu.orders.payments.booking import Money, book_payment
from charsu.orders.payments.pretending import DECLINES
from charsu.orders.terminals.kept import on_terminals


class PayOrder(Struct, frozen=True, kw_only=True):
    """Money for an order: taken at a counter, from store credit, or by the test provider.

    reference   the till's receipt or the provider's token; one reference, one payment. Money at a
                counter needs none: the payment's id stands for it
    """

    order_id: UUID
    amount_minor: Annotated[int, Meta(ge=1, le=10**12)]
    method: Literal["cash", "card", "transfer", "credit", "other"]
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
    raises=(
        *(AlreadyPaid, PaymentDeclined, PaymentReferenceTaken, WrongStep),
        *(NotEnoughCredit, CreditNeedsCustomer, CardNumberShown),
    ),
)
def pay_order(tx: Tx, ask: PayOrder) -> Paid:
    """Take money for an order, in one go or in parts; never more than is due."""
    refuse_card_numbers(ask.reference)
    order = load_to_pay(tx, ask.order_id, ask.amount_minor)
    declined = DECLINES.get((ask.reference or "").split(":")[0])
    if ask.provider == "test" and declined:
        raise PaymentDeclined(declined)
    money = Money(
        provider=CREDIT if ask.method == "credit" else ask.provider,
        method=ask.method,
        amount_minor=ask.amount_minor,
        reference=ask.reference,
    )
    payment, paid = book_payment(tx, order, money)
    return Paid(payment, paid.payment_state, paid.left_minor, paid.version)


def load_to_pay(tx: Tx, order_id: UUID, amount_minor: int) -> Order:
    """The order, its row locked, of which so much is still to pay.

    What a terminal may be taking for it at this moment is not left. Raises NotFound, WrongStep
    where it is canceled, AlreadyPaid where less is left.
    """
    order = load(tx, order_id)
    if order.state == "canceled":
        raise WrongStep(state="canceled", asked="paid")
    left = left_to_pay(tx, order)
    if amount_minor > left:
        raise AlreadyPaid(left=left)
    return order


def left_to_pay(tx: Tx, order: Order) -> int:
    """What of a locked order is to be paid and not on a terminal already, in minor units."""
    return max(0, order.left_minor - on_terminals(tx, order.id))
