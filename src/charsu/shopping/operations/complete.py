"""The cart becomes an order."""

from typing import Annotated, Any, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import NotFound, Stale, Tx, operation
from charsu.orders import (
    DeliveryUnknown,
    NoPickupHere,
    NotForSale,
    Placed,
    PriceMoved,
)
from charsu.pricing import (
    BasketTooLarge,
    CouponChanged,
    PriceListMissing,
    PriceMissing,
    TaxRateMissing,
)
from charsu.shopping.changed import Revision
from charsu.shopping.errors import (
    CartClosed,
    CartEmpty,
    ContactNeeded,
    DeliveryNeeded,
    RecipientNeeded,
)
from charsu.shopping.model import Cart
from charsu.shopping.ordering import order_cart
from charsu.shopping.reckoning import COUPON_REFUSALS
from charsu.shopping.stored import lock, lock_open
from charsu.stock import NotEnoughStock


class CompleteCart(Struct, frozen=True, kw_only=True):
    """Which cart, and what the customer saw that she would pay."""

    cart_id: UUID
    expected_total_minor: Annotated[int, Meta(ge=0, le=10**15)]
    revision: Revision | None = None


class CartCompleted(Struct, frozen=True, kw_only=True):
    """The order that the cart became."""

    cart_id: UUID
    order_id: UUID
    number: int
    currency: str
    total_minor: int


ORDER_REFUSALS = (
    NotFound,
    Stale,
    CartClosed,
    CartEmpty,
    DeliveryNeeded,
    DeliveryUnknown,
    RecipientNeeded,
    ContactNeeded,
    NotForSale,
    NoPickupHere,
    PriceMissing,
    PriceListMissing,
    BasketTooLarge,
    TaxRateMissing,
    *COUPON_REFUSALS,
    CouponChanged,
    NotEnoughStock,
    PriceMoved,
)


@operation(
    "shopping.complete",
    permission="shopping.complete",
    http="POST /v1/carts/{cart_id}/order",
    raises=ORDER_REFUSALS,
)
def complete_cart(tx: Tx, ask: CompleteCart) -> CartCompleted:
    """Order what is in the cart, for exactly what the customer saw, or nothing happens.

    Once: whoever asks again, or at the same time, gets the same order. What the cart held is the
    order's; what ran out is taken again if nobody else has it.
    """
    cart = lock(tx, ask.cart_id)
    if cart.state == "ordered":
        return _became(tx, cart)
    cart = lock_open(tx, cart.id, ask.revision)
    return completed(cart, order_cart(tx, cart, total_minor=ask.expected_total_minor))


def completed(cart: Cart, order: Placed | Any) -> CartCompleted:
    """The answer for an ordered cart."""
    return CartCompleted(
        cart_id=cart.id,
        order_id=order.order_id,
        number=order.number,
        currency=order.currency,
        total_minor=order.total_minor,
    )


_BECAME: LiteralString = """
    SELECT id AS order_id, number, currency, total_minor
    FROM orders.orders WHERE cart_id = %(cart)s
"""


def _became(tx: Tx, cart: Cart) -> CartCompleted:
    return completed(cart, tx.first(_BECAME, cart=cart.id))
