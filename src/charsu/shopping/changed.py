"""What a verb on a cart answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import Tx
from charsu.shopping.model import Cart
from charsu.shopping.reckoning import reckon

Revision = Annotated[int, Meta(ge=1, description="The cart as you saw it; another is refused")]
Code = Annotated[str, Meta(min_length=1, max_length=64)]


class CartChanged(Struct, frozen=True, kw_only=True):
    """How the cart stands after the change.

    total_minor   to pay, in minor units; None where something cannot be priced
    held_until    what is held is promised until then (UTC)
    """

    cart_id: UUID
    revision: int
    state: str
    lines: int
    currency: str
    total_minor: int | None
    held_until: datetime | None


def changed(tx: Tx, cart: Cart) -> CartChanged:
    """The answer for a cart as it was just saved."""
    reckoning = reckon(tx, cart) if cart.state == "open" else None
    is_whole = reckoning is not None and not reckoning.obstacles
    priced = reckoning.priced if reckoning is not None and is_whole else None
    return CartChanged(
        cart_id=cart.id,
        revision=cart.revision,
        state=cart.state,
        lines=len(cart.lines),
        currency=cart.currency,
        total_minor=None if priced is None else priced.total_minor,
        held_until=cart.hold_until if cart.is_held_at(tx.now) else None,
    )
