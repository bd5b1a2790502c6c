"""Somebody wants nothing of her cart any more."""

from uuid import UUID

from msgspec import Struct, structs

from charsu.kernel import NotFound, Stale, Tx, operation
from charsu.shopping.changed import CartChanged, Revision, changed
from charsu.shopping.errors import CartClosed
from charsu.shopping.facts import CartAbandoned
from charsu.shopping.holding import let_all_go, without_hold
from charsu.shopping.model import Cart
from charsu.shopping.stored import close, lock_open


class AbandonCart(Struct, frozen=True, kw_only=True):
    """Which cart."""

    cart_id: UUID
    revision: Revision | None = None


@operation(
    "shopping.abandon",
    permission="shopping.edit",
    http="DELETE /v1/carts/{cart_id}",
    raises=(NotFound, Stale, CartClosed),
)
def abandon_cart(tx: Tx, ask: AbandonCart) -> CartChanged:
    """Give the cart up: what was held is on sale again, and whom it was for is forgotten."""
    return changed(tx, give_up(tx, lock_open(tx, ask.cart_id, ask.revision)))


def give_up(tx: Tx, cart: Cart) -> Cart:
    """Close a locked open cart without an order; how it is then."""
    let_all_go(tx, cart)
    closed = structs.replace(without_hold(cart), state="abandoned")
    return close(tx, closed, CartAbandoned(lines=len(cart.lines)))
