"""The customer pays for her cart, and it becomes an order."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import Tx, operation
from charsu.orders import ProviderUnknown
from charsu.orders.payments import CreditNeedsCustomer, NotEnoughCredit, check_offered
from charsu.shopping.changed import Revision
from charsu.shopping.errors import NothingToPay
from charsu.shopping.model import Cart
from charsu.shopping.operations.complete import ORDER_REFUSALS
from charsu.shopping.paying import begin_payment, pay_with_credit
from charsu.shopping.queries.payment import PaymentStanding, standing_of
from charsu.shopping.stored import lock, lock_open


class PayCart(Struct, frozen=True, kw_only=True):
    """Which cart, what the customer saw that she would pay, and with what.

    credit_minor   of it from her store credit; where that is all of it, nobody else is asked
    provider       who is asked for the money
    token          stands for her card or wallet there; no card number comes here
    """

    cart_id: UUID
    expected_total_minor: Annotated[int, Meta(ge=0, le=10**15)]
    provider: Annotated[str, Meta(min_length=1, max_length=32)] | None = None
    token: (
        Annotated[str, Meta(min_length=1, max_length=128, pattern="^[A-Za-z0-9_.:-]+$")] | None
    ) = None
    credit_minor: Annotated[int, Meta(ge=0, le=10**15)] = 0
    revision: Revision | None = None


@operation(
    "shopping.pay",
    permission="shopping.complete",
    http="POST /v1/carts/{cart_id}/payment",
    raises=(
        *(*ORDER_REFUSALS, ProviderUnknown, NothingToPay),
        *(NotEnoughCredit, CreditNeedsCustomer),
    ),
)
def pay_cart(tx: Tx, ask: PayCart) -> PaymentStanding:
    """Ask a provider for the money; when it is promised the cart is an order, for exactly that.

    Once: whoever asks again while it is under way, or after it, is told how it stands. The goods
    are held meanwhile, and an order that cannot be made costs the customer nothing.
    """
    cart = lock(tx, ask.cart_id)
    if cart.state not in {"paying", "ordered"}:
        _begin(tx, lock_open(tx, cart.id, ask.revision), ask)
    return standing_of(tx, cart.id)


def _begin(tx: Tx, cart: Cart, ask: PayCart) -> None:
    total = ask.expected_total_minor
    if ask.credit_minor and ask.credit_minor >= total:
        pay_with_credit(tx, cart, total_minor=total)
        return
    check_offered(tx, ask.provider or "")
    begin_payment(
        tx,
        cart,
        total_minor=total,
        provider=ask.provider or "",
        token=ask.token or "none",
        credit_minor=ask.credit_minor,
    )
