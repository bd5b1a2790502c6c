"""A platform begins to shop for somebody."""

from uuid import UUID

from msgspec import Struct

from charsu.channels.ucp.errors import CartElsewhere, DoorClosed, PlatformUnknown, SessionClosed
from charsu.channels.ucp.facts import UcpSessionOpened, UcpSessionReplaced
from charsu.channels.ucp.hers import check_hers, gone_on, session_on, with_hers
from charsu.channels.ucp.model import Consent, Item, Outcome, PickUp, SessionKind, Wish
from charsu.channels.ucp.naming import STORE, line_name, variant_name
from charsu.channels.ucp.settings import CHANNEL
from charsu.channels.ucp.shaping import NothingLeft, keep, place_of, shaped
from charsu.channels.ucp.stored import (
    Stored,
    buyer_of,
    check_open,
    expiry,
    lock,
    open_for_cart,
)
from charsu.kernel import NotFound, Tx, operation, show_id
from charsu.orders import channel_named, channel_of
from charsu.shopping import AskCart, CartView, open_for, read_cart


class OpenSession(Struct, frozen=True, kw_only=True):
    """What the platform wants; or the cart of which it wants a checkout.

    customer_id   whose cart it is filled into; none for somebody unknown
    """

    kind: SessionKind
    wish: Wish
    from_cart_id: UUID | None = None
    customer_id: UUID | None = None


@operation(
    "ucp.open_session",
    permission="ucp.shop",
    raises=(NotFound, DoorClosed, PlatformUnknown, CartElsewhere, SessionClosed),
)
def open_session(tx: Tx, ask: OpenSession) -> Outcome:
    """Open a cart or a checkout, of a guest of its own, for as much of it as can be sold.

    For a customer it is her own cart: what she has in it already stays in it. Where the platform
    has a session on it, that one goes on with what is wanted now, or SessionClosed while its
    payment is under way.

    A checkout of a cart has what is in the cart, whatever else is asked for; there is one.
    """
    if ask.from_cart_id is not None:
        return _of_cart(tx, ask.from_cart_id, ask.customer_id)
    cart_id, wish = _cart(tx, ask.wish, ask.customer_id), ask.wish
    if ask.customer_id is not None:
        there = session_on(tx, cart_id, ask.kind)
        wish = with_hers(tx, cart_id, wish)
        if there is not None:
            return _gone_on(tx, there, wish)
    try:
        session = shaped(tx, _new(tx, ask.kind, cart_id), wish)
    except NothingLeft as nothing:
        return Outcome(session_id=None, said=nothing.said)
    keep(tx, session, wish, _opened(session))
    return Outcome(session_id=session.id, is_new=True)


def channel_id(tx: Tx) -> UUID:
    """The channel in which platforms shop. Raises DoorClosed where there is none."""
    found = channel_named(tx, tx.setting(CHANNEL))
    if found is None:
        raise DoorClosed
    return found.id


def _cart(tx: Tx, wish: Wish, customer_id: UUID | None) -> UUID:
    channel = channel_of(tx, channel_id(tx))
    return open_for(
        tx,
        channel_id=channel.id,
        owner_kind="guest" if customer_id is None else "customer",
        owner_id=customer_id or tx.new_id(),
        country=wish.country,
        currency=channel.currency,
    ).cart_id


def _gone_on(tx: Tx, was: Stored, wish: Wish) -> Outcome:
    """The session that there is, with what is wanted now. Raises SessionClosed."""
    check_open(tx, was)
    wish = gone_on(_as_it_is(tx, was), wish)
    try:
        session = shaped(tx, was, wish)
    except NothingLeft as nothing:
        return Outcome(session_id=None, said=nothing.said)
    keep(tx, session, wish, UcpSessionReplaced(lines=len(wish.items)))
    return Outcome(session_id=session.id)


def _new(tx: Tx, kind: SessionKind, cart_id: UUID) -> Stored:
    return Stored(
        id=tx.new_id(),
        kind=kind,
        platform_id=tx.actor.id,
        cart_id=cart_id,
        state="open",
        method="ship",
        picked_up=(),
        destination_id=None,
        codes=(),
        said=(),
        consent=Consent(),
        seen_total_minor=None,
        order_id=None,
        expires_at=expiry(tx, kind),
        version=0,
    )


def _opened(session: Stored) -> UcpSessionOpened:
    return UcpSessionOpened(
        kind=session.kind, platform_id=session.platform_id, cart_id=session.cart_id
    )


def _of_cart(tx: Tx, cart_session: UUID, shopper_id: UUID | None) -> Outcome:
    """The checkout that goes on with a cart: the one that there is, or a new one."""
    source = check_hers(tx, lock(tx, cart_session, "cart"), shopper_id)
    check_open(tx, source)
    if (there := open_for_cart(tx, source.cart_id, "checkout")) is not None:
        return Outcome(session_id=there)
    wish = _as_it_is(tx, source)
    try:
        session = shaped(tx, _new(tx, "checkout", source.cart_id), wish)
    except NothingLeft as nothing:  # sold out since it came into the cart
        return Outcome(session_id=None, said=nothing.said)
    keep(tx, session, wish, _opened(session))
    return Outcome(session_id=session.id, is_new=True)


def _as_it_is(tx: Tx, source: Stored) -> Wish:
    """What the cart is, said as a wish: so a way of delivery is chosen where there is none."""
    person, address = buyer_of(tx, source.id)
    cart = read_cart(tx, AskCart(cart_id=source.cart_id))
    return Wish(
        items=tuple(
            Item(id=variant_name(line.variant_id), quantity=line.quantity) for line in cart.lines
        ),
        codes=source.codes,
        person=person,
        address=address,
        consent=source.consent,
        method=source.method,
        destination_id=source.destination_id,
        option=cart.delivery_method if cart.kind == "ship" else None,
        pickup=_pickup(source, cart),
        country=cart.country,
    )


def _pickup(source: Stored, cart: CartView) -> PickUp | None:
    """What of the cart is picked up, said as a wish."""
    if source.method != "pickup" and not source.picked_up:
        return None
    place = place_of(cart)
    return PickUp(
        location=show_id(STORE, place) if place else None,
        option=cart.pickup_method if source.picked_up else cart.delivery_method,
        lines=tuple(line_name(variant) for variant in source.picked_up),
    )
