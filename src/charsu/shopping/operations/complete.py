"""The cart becomes an order."""

from collections.abc import Callable
from typing import Annotated, Any, LiteralString
from uuid import UUID

from msgspec import Meta, Struct, structs

from charsu.kernel import NotFound, Stale, Tx, operation
from charsu.orders import (
    DeliveryUnknown,
    Draft,
    NoPickupHere,
    NotForSale,
    Placed,
    PriceMoved,
    Promised,
    channel_of,
    goods_of,
    store_order,
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
from charsu.shopping.facts import CartOrdered
from charsu.shopping.holding import promise, without_hold
from charsu.shopping.model import Cart, unready
from charsu.shopping.reckoning import COUPON_REFUSALS, check_pickup, price_cart
from charsu.shopping.stored import forget_recipient, lock, lock_open, recipient_of, save
from charsu.stock import NotEnoughStock

Promise = Callable[..., list[Promised]]
"""How goods are promised to the order: (tx, cart, the order's line for each of the cart, order=)"""


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


@operation(
    "shopping.complete",
    permission="shopping.complete",
    http="POST /v1/carts/{cart_id}/order",
    raises=(
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
    ),
)
def complete_cart(tx: Tx, ask: CompleteCart) -> CartCompleted:
    """Order what is in the cart, for exactly what the customer saw, or nothing happens.

    Once: whoever asks again, or at the same time, gets the same order. What the cart held is the
    order's; what ran out is taken again if nobody else has it.
    """
    cart = lock(tx, ask.cart_id)
    if cart.state == "ordered":
        return _became(tx, cart)
    return order_cart(tx, lock_open(tx, cart.id, ask.revision), ask)


def order_cart(
    tx: Tx, cart: Cart, ask: CompleteCart, *, promise: Promise = promise
) -> CartCompleted:
    """Order what is in a locked open cart.

    promise   how the goods are promised; a test promises carelessly to show what care is worth
    """
    draft = _draft(tx, cart, ask)
    goods = goods_of(tx, draft.channel, {line.variant_id for line in cart.lines})
    ids = {line.id: tx.new_id() for line in cart.lines}
    priced = price_cart(tx, cart, draft.channel, ids)
    order = tx.new_id()
    promised = promise(tx, cart, ids, order=order)
    placed = store_order(tx, draft, priced, goods, promised, order=order)
    _close(tx, cart, placed)
    return _completed(cart, placed)


def _draft(tx: Tx, cart: Cart, ask: CompleteCart) -> Draft:
    recipient = recipient_of(tx, cart.id)
    for refusal in unready(cart, recipient):
        raise refusal
    check_pickup(tx, cart)
    return Draft(
        channel=channel_of(tx, cart.channel_id),
        kind=cart.kind,
        country=cart.country,
        recipient=recipient,
        customer_id=cart.customer_id,
        location_id=cart.location_id,
        cart_id=cart.id,
        expected_total_minor=ask.expected_total_minor,
    )


def _close(tx: Tx, cart: Cart, placed: Placed) -> None:
    forget_recipient(tx, cart.id)
    fact = CartOrdered(
        order_id=placed.order_id, currency=placed.currency, total_minor=placed.total_minor
    )
    save(tx, structs.replace(without_hold(cart), state="ordered"), fact)


def _completed(cart: Cart, order: Placed | Any) -> CartCompleted:
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
    return _completed(cart, tx.first(_BECAME, cart=cart.id))
