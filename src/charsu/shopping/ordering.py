"""A cart becomes an order."""

from collections.abc import Callable

from msgspec import structs

from charsu.kernel import Tx
from charsu.orders import Draft, Placed, Promised, channel_of, goods_of, promise_for, store_order
from charsu.shopping.facts import CartOrdered
from charsu.shopping.holding import promise, without_hold
from charsu.shopping.model import Cart, unready
from charsu.shopping.reckoning import check_pickup, price_and_delivery
from charsu.shopping.stored import close, recipient_of

Promise = Callable[..., list[Promised]]
"""How goods are promised to the order: (tx, cart, the order's line for each of the cart, order=)"""


def order_cart(
    tx: Tx,
    cart: Cart,
    *,
    total_minor: int,
    is_authorized: bool = False,
    promise: Promise = promise,
) -> Placed:
    """Order what is in a locked cart that is open or being paid.

    total_minor     what the customer saw; another total is refused
    is_authorized   a provider has promised the money
    promise         how the goods are promised; a test promises carelessly to show what care is
                    worth
    """
    draft = draft_of(tx, cart, total_minor=total_minor, is_authorized=is_authorized)
    goods = goods_of(tx, draft.channel, {line.variant_id for line in cart.lines})
    ids = {line.id: tx.new_id() for line in cart.lines}
    priced, delivery = price_and_delivery(tx, cart, draft.channel, ids)
    draft = structs.replace(
        draft,
        promise=promise_for(tx, kind=cart.kind, location=cart.location_id, delivery=delivery),
        picked_up=frozenset(ids[line.id] for line in cart.picked_up),
    )
    order = tx.new_id()
    promised = promise(tx, cart, ids, order=order)
    placed = store_order(tx, draft, priced, goods, promised, order=order)
    _close(tx, cart, placed)
    return placed


def draft_of(
    tx: Tx, cart: Cart, *, total_minor: int | None = None, is_authorized: bool = False
) -> Draft:
    """What the order will be. Raises what the customer has left open."""
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
        expected_total_minor=total_minor,
        is_authorized=is_authorized,
    )


def _close(tx: Tx, cart: Cart, placed: Placed) -> None:
    fact = CartOrdered(
        order_id=placed.order_id, currency=placed.currency, total_minor=placed.total_minor
    )
    close(tx, structs.replace(without_hold(cart), state="ordered"), fact)
