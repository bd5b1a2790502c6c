"""The goods in the cart are promised for a while."""

from uuid import UUID

from msgspec import Struct

from charsu.kernel import NotFound, Stale, Tx, ledger, operation
from charsu.shopping.changed import CartChanged, Revision, changed
from charsu.shopping.errors import CartClosed, CartEmpty
from charsu.shopping.facts import CartHeld, CartReleased
from charsu.shopping.holding import hold_lines, let_all_go, with_hold, without_hold
from charsu.shopping.stored import lock_open, save
from charsu.stock import NotEnoughStock


class HoldCart(Struct, frozen=True, kw_only=True):
    """Which cart."""

    cart_id: UUID
    revision: Revision | None = None


@operation(
    "shopping.hold",
    permission="shopping.hold",
    http="POST /v1/carts/{cart_id}/hold",
    raises=(NotFound, Stale, CartClosed, CartEmpty, NotEnoughStock),
)
def hold_cart(tx: Tx, ask: HoldCart) -> CartChanged:
    """Promise everything in the cart for a while, or nothing; the refusal says what is left.

    What is held lasts longer with each change of the cart, up to a limit, and with holding again.
    """
    cart = with_hold(tx, lock_open(tx, ask.cart_id, ask.revision))
    assert cart.hold_until is not None, "a held cart has an end"
    if not cart.lines:
        raise CartEmpty
    ledger.extend(tx, owner=cart.id, expires_at=cart.hold_until)
    hold_lines(tx, cart, cart.lines)
    fact = CartHeld(pieces=sum(line.quantity for line in cart.lines))
    return changed(tx, save(tx, cart, fact))


class ReleaseCart(Struct, frozen=True, kw_only=True):
    """Which cart."""

    cart_id: UUID
    revision: Revision | None = None


@operation(
    "shopping.release",
    permission="shopping.hold",
    http="DELETE /v1/carts/{cart_id}/hold",
    raises=(NotFound, Stale, CartClosed),
)
def release_cart(tx: Tx, ask: ReleaseCart) -> CartChanged:
    """Put what is held for the cart on sale again; the cart keeps its lines."""
    cart = lock_open(tx, ask.cart_id, ask.revision)
    pieces = let_all_go(tx, cart)
    return changed(tx, save(tx, without_hold(cart), CartReleased(pieces=pieces)))
