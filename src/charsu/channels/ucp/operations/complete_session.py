"""A checkout becomes an order."""

from uuid import UUID

from msgspec import Struct, structs

from charsu.channels.ucp.errors import HandlerUnknown, IdentityRequired, SessionClosed, StoreNeeded
from charsu.channels.ucp.facts import UcpSessionHeldUp
from charsu.channels.ucp.handlers import handlers_of
from charsu.channels.ucp.hers import check_hers
from charsu.channels.ucp.model import (
    LASTING,
    Instrument,
    Outcome,
    filled,
    filled_address,
    recipient,
)
from charsu.channels.ucp.paying import Handler, complete, handler_for, pay
from charsu.channels.ucp.shaping import place_of, told, total_of
from charsu.channels.ucp.stored import Stored, buyer_of, check_open, lock, open_for_cart, save
from charsu.kernel import HubError, NotFound, Tx, operation
from charsu.orders import PriceMoved
from charsu.shopping import (
    AskCart,
    CartView,
    CompleteCart,
    SetDelivery,
    complete_cart,
    lock_cart,
    read_cart,
    set_delivery,
)


class CompleteSession(Struct, frozen=True, kw_only=True):
    """Which checkout, with what the buyer pays, and the customer for whom the platform asks."""

    session_id: UUID
    instrument: Instrument | None
    shopper_id: UUID | None = None


@operation(
    "ucp.complete_session",
    permission="ucp.shop",
    raises=(NotFound, SessionClosed, IdentityRequired),
)
def complete_session(tx: Tx, ask: CompleteSession) -> Outcome:
    """Begin to pay for what is in the checkout, for what the platform was told last.

    When the money is promised it is an order. What stands in the way is kept with the checkout,
    which stays open.
    """
    session = check_hers(tx, lock(tx, ask.session_id, "checkout"), ask.shopper_id)
    if session.state == "paying":
        return Outcome(session_id=session.id)
    check_open(tx, session)
    instrument = ask.instrument
    handler = handler_for(handlers_of(tx), instrument) if instrument is not None else None
    if instrument is None or handler is None:
        return _stays(tx, session, HandlerUnknown())
    try:
        cart = _filled_in(tx, session, handler, instrument)
    except HubError as refusal:
        return _stays(tx, session, refusal)
    if cart.blocks or any(one.code in LASTING for one in session.said):
        return _stays(tx, session)
    if (total := total_of(cart)) != session.seen_total_minor:
        moved = PriceMoved(expected=session.seen_total_minor or 0, actual=total or 0)
        return _stays(tx, structs.replace(session, seen_total_minor=total), moved)
    return _pay(tx, session, handler, instrument, total=total or 0)


def _pay(
    tx: Tx, session: Stored, handler: Handler, instrument: Instrument, *, total: int
) -> Outcome:
    try:
        if total:
            payment = pay(tx, session, handler, instrument, total_minor=total)
            return Outcome(session_id=session.id, payment_id=payment)
        with tx.savepoint():
            ask = CompleteCart(cart_id=session.cart_id, expected_total_minor=0)
            ordered = complete_cart(tx, ask)
    except HubError as refusal:  # sold out or changed a moment ago
        return _stays(tx, session, refusal)
    came_from = open_for_cart(tx, session.cart_id, "cart")
    complete(tx, session, ordered.order_id, came_from=came_from)
    return Outcome(session_id=session.id, order_id=ordered.order_id)


def _filled_in(tx: Tx, session: Stored, handler: Handler, instrument: Instrument) -> CartView:
    """The cart with what the wallet knows of its holder and the platform left open."""
    person, address = buyer_of(tx, session.id)
    was = recipient(person, address)
    known, home = handler.holder(instrument.token)
    person = filled(filled(person, instrument.holder), known)
    address = filled_address(filled_address(address, instrument.address), home)
    look = AskCart(cart_id=session.cart_id)
    lock_cart(tx, session.cart_id)  # as paying does: so it is read once
    cart = read_cart(tx, look)
    if session.picked_up and place_of(cart) is None:
        raise StoreNeeded
    if recipient(person, address) == was:
        return cart
    with tx.savepoint():
        set_delivery(
            tx,
            SetDelivery(
                cart_id=cart.id,
                kind=cart.kind,
                country=cart.country,
                location_id=cart.location_id,
                delivery_method=cart.delivery_method,
                recipient=recipient(person, address),
            ),
        )
    return read_cart(tx, look)


def _stays(tx: Tx, session: Stored, *refusals: HubError) -> Outcome:
    lasting = tuple(one for one in session.said if one.code in LASTING)
    said = (*lasting, *map(told, refusals))
    fact = UcpSessionHeldUp(reasons=tuple(one.code for one in said))
    save(tx, structs.replace(session, said=said), fact)
    return Outcome(session_id=session.id, said=said)
