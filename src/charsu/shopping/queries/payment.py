"""How paying for a cart stands."""

from typing import Literal
from uuid import UUID

from msgspec import Struct

from charsu.kernel import NotFound, Tx, query
from charsu.orders.payments import Authorization, latest_for
from charsu.shopping.stored import find

Standing = Literal["none", "under_way", "to_confirm", "declined", "ordered", "given_up"]


class AskPayment(Struct, frozen=True, kw_only=True):
    """Of which cart."""

    cart_id: UUID


class PaymentStanding(Struct, frozen=True, kw_only=True):
    """How the last attempt to pay for a cart stands.

    action_url   where the customer has to confirm, while that is ``to_confirm``
    reason       why it came to nothing, as the provider or the refusal said
    order_id     what the cart became
    """

    cart_id: UUID
    standing: Standing
    payment_id: UUID | None = None
    amount_minor: int | None = None
    currency: str | None = None
    action_url: str | None = None
    reason: str | None = None
    order_id: UUID | None = None


@query(
    "shopping.payment",
    permission="shopping.read",
    http="GET /v1/carts/{cart_id}/payment",
    raises=(NotFound,),
)
def read_payment(tx: Tx, ask: AskPayment) -> PaymentStanding:
    """How paying for a cart stands; ``none`` where nobody has tried."""
    return standing_of(tx, find(tx, ask.cart_id).id)


def standing_of(tx: Tx, cart_id: UUID) -> PaymentStanding:
    """How paying for this cart stands, whoever asks."""
    one = latest_for(tx, cart_id)
    if one is None:
        order = tx.value("SELECT id FROM orders.orders WHERE cart_id = %(cart)s", cart=cart_id)
        return PaymentStanding(
            cart_id=cart_id, standing="ordered" if order else "none", order_id=order
        )
    return PaymentStanding(
        cart_id=cart_id,
        standing=_standing(one),
        payment_id=one.id,
        amount_minor=one.asked_minor,
        currency=one.currency,
        action_url=one.action_url,
        reason=one.reason or None,
        order_id=one.order_id,
    )


def _standing(one: Authorization) -> Standing:
    if one.order_id is not None:
        return "ordered"
    states: dict[str, Standing] = {
        "escalated": "to_confirm",
        "declined": "declined",
        "voided": "given_up",
    }
    return states.get(one.state, "under_way")
