"""How and where the goods should reach the customer."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct, structs

from charsu.kernel import NotFound, Stale, Tx, operation
from charsu.orders import (
    DeliveryUnknown,
    LocationNeeded,
    NoPickupHere,
    Recipient,
    channel_of,
    delivery_for,
)
from charsu.shopping.changed import CartChanged, Revision, changed
from charsu.shopping.errors import CartClosed
from charsu.shopping.facts import CartDeliverySet
from charsu.shopping.holding import rehold, renewed
from charsu.shopping.model import Cart, CartKind, Country
from charsu.shopping.reckoning import check_pickup
from charsu.shopping.stored import lock_open, put_recipient, recipient_of, save, store_lines
from charsu.stock import NotEnoughStock, Place


class SetDelivery(Struct, frozen=True, kw_only=True):
    """How the goods reach the customer; what was said before is replaced.

    location_id      where they are picked up; counts for a pick-up only
    destination      where they go, if that is known: goods come from near there
    recipient        None keeps the one that was named before
    """

    cart_id: UUID
    kind: CartKind
    country: Country
    location_id: UUID | None = None
    delivery_method: Annotated[str, Meta(max_length=64)] | None = None
    destination: Place | None = None
    recipient: Recipient | None = None
    revision: Revision | None = None


@operation(
    "shopping.set_delivery",
    permission="shopping.edit",
    http="PUT /v1/carts/{cart_id}/delivery",
    raises=(
        NotFound,
        Stale,
        CartClosed,
        LocationNeeded,
        NoPickupHere,
        DeliveryUnknown,
        NotEnoughStock,
    ),
)
def set_delivery(tx: Tx, ask: SetDelivery) -> CartChanged:
    """Say how and where the goods should reach the customer.

    A pick-up is of the whole cart; lines that are picked up by themselves stay so where the rest is
    sent. What is held moves with it: it is held where it will come from, or the change is refused.
    """
    was = renewed(tx, lock_open(tx, ask.cart_id, ask.revision))
    cart = structs.replace(
        was,
        kind=ask.kind,
        country=ask.country,
        location_id=ask.location_id if ask.kind == "pickup" else None,
        delivery_method=ask.delivery_method,
        destination=ask.destination,
    )
    if ask.kind == "pickup":
        cart = _together(tx, cart)
    person = ask.recipient or recipient_of(tx, cart.id) or Recipient()
    _check(tx, cart, person.postcode)
    put_recipient(tx, cart.id, person, ask.destination)
    if _places(was) != _places(cart):
        rehold(tx, was, cart)
    fact = CartDeliverySet(kind=cart.kind, country=cart.country, location_id=cart.location_id)
    return changed(tx, save(tx, cart, fact))


def _together(tx: Tx, cart: Cart) -> Cart:
    """The cart with no line going its own way."""
    lines = tuple(structs.replace(line, location_id=None) for line in cart.lines)
    store_lines(tx, cart.id, [line for line in lines if line not in cart.lines])
    return structs.replace(cart, lines=lines, pickup_method=None)


def _places(cart: Cart) -> tuple[object, ...]:
    """What decides where the goods come from."""
    return cart.location_id, cart.destination, [line.location_id for line in cart.lines]


def _check(tx: Tx, cart: Cart, postcode: str) -> None:
    if cart.kind == "pickup" and cart.location_id is None:
        raise LocationNeeded
    check_pickup(tx, cart)
    if cart.delivery_method is not None:
        _check_method(tx, cart, cart.delivery_method, postcode)


def _check_method(tx: Tx, cart: Cart, method: str, postcode: str) -> None:
    code = channel_of(tx, cart.channel_id).code
    delivery = delivery_for(
        tx,
        method,
        channel=code,
        country=cart.country,
        currency=cart.currency,
        postcode=postcode,
    )
    if delivery.kind != cart.kind:
        raise DeliveryUnknown(method)
