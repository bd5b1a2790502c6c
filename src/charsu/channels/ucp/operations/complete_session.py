"""A checkout becomes an order."""

from uuid import UUID

from msgspec import Struct, structs

from charsu.channels.ucp.errors import BuyerNeeded, HandlerUnknown, SessionClosed
from charsu.channels.ucp.facts import UcpSessionCompleted, UcpSessionEscalated, UcpSessionHeldUp
from charsu.channels.ucp.model import (
    Instrument,
    Outcome,
    Said,
    filled,
    filled_address,
    recipient,
)
from charsu.channels.ucp.operations.cancel_session import others
from charsu.channels.ucp.paying import Handler, handler_for, pay_and_order
from charsu.channels.ucp.settings import CONTINUE_URL
from charsu.channels.ucp.shaping import told, total_of
from charsu.channels.ucp.stored import Stored, buyer_of, forget_buyers, lock_open, save
from charsu.channels.ucp.trial import handlers
from charsu.kernel import HubError, NotFound, Tx, operation
from charsu.orders import PaymentDeclined, PriceMoved
from charsu.shopping import (
    AskCart,
    CartCompleted,
    CartView,
    CompleteCart,
    SetDelivery,
    read_cart,
    set_delivery,
)


class CompleteSession(Struct, frozen=True, kw_only=True):
    """Which checkout, and with what the buyer pays."""

    session_id: UUID
    instrument: Instrument | None


@operation("ucp.complete_session", permission="ucp.shop", raises=(NotFound, SessionClosed))
def complete_session(tx: Tx, ask: CompleteSession) -> Outcome:
    """Order what is in the checkout, for what the platform was told last, and take the money.

    What stands in the way is kept with the checkout, which stays open.
    """
    session = lock_open(tx, ask.session_id, "checkout")
    instrument = ask.instrument
    handler = handler_for(handlers(), instrument) if instrument is not None else None
    if instrument is None or handler is None:
        return _stays(tx, session, HandlerUnknown())
    try:
        cart = _filled_in(tx, session, handler, instrument)
    except HubError as refusal:
        return _stays(tx, session, refusal)
    if cart.blocks:
        return _stays(tx, session)
    if (total := total_of(cart)) != session.seen_total_minor:
        moved = PriceMoved(expected=session.seen_total_minor or 0, actual=total or 0)
        return _stays(tx, structs.replace(session, seen_total_minor=total), moved)
    return _pay(tx, session, handler, instrument, cart)


def _pay(
    tx: Tx, session: Stored, handler: Handler, instrument: Instrument, cart: CartView
) -> Outcome:
    answer = handler.judge(instrument.token)
    if answer == "buyer_needed" and tx.setting(CONTINUE_URL):
        return _goes_to_the_buyer(tx, session)
    if answer != "taken":
        return _stays(tx, session, PaymentDeclined("declined by the issuer"))
    ask = CompleteCart(cart_id=session.cart_id, expected_total_minor=total_of(cart) or 0)
    try:
        with tx.savepoint():
            ordered = pay_and_order(tx, ask, instrument)
    except HubError as refusal:  # sold out or changed a moment ago
        return _stays(tx, session, refusal)
    return _done(tx, session, ordered)


def _filled_in(tx: Tx, session: Stored, handler: Handler, instrument: Instrument) -> CartView:
    """The cart with what the wallet knows of its holder and the platform left open."""
    person, address = buyer_of(tx, session.id)
    known, home = handler.holder(instrument.token)
    person = filled(filled(person, instrument.holder), known)
    address = filled_address(filled_address(address, instrument.address), home)
    look = AskCart(cart_id=session.cart_id)
    cart = read_cart(tx, look)
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
    said = tuple(map(told, refusals))
    fact = UcpSessionHeldUp(reasons=tuple(one.code for one in said))
    save(tx, structs.replace(session, said=said), fact)
    return Outcome(session_id=session.id, said=said)


def _goes_to_the_buyer(tx: Tx, session: Stored) -> Outcome:
    said: tuple[Said, ...] = (told(BuyerNeeded()),)
    fact = UcpSessionEscalated(reason=BuyerNeeded.code)
    save(tx, structs.replace(session, state="escalated", said=said), fact)
    return Outcome(session_id=session.id, said=said)


def _done(tx: Tx, session: Stored, ordered: CartCompleted) -> Outcome:
    order, fact = ordered.order_id, UcpSessionCompleted(order_id=ordered.order_id)
    save(tx, structs.replace(session, state="completed", order_id=order, said=()), fact)
    carts = others(tx, session)
    for cart in carts:
        save(tx, structs.replace(cart, state="completed"), fact)
    forget_buyers(tx, [session.id, *(cart.id for cart in carts)])
    return Outcome(session_id=session.id, order_id=order)
