"""How a checkout is paid: who takes the money for platforms, and what comes of it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from msgspec import Struct, structs

from charsu.channels.ucp.errors import BuyerNeeded
from charsu.channels.ucp.facts import (
    UcpSessionCompleted,
    UcpSessionEscalated,
    UcpSessionHeldUp,
    UcpSessionPaying,
)
from charsu.channels.ucp.model import Address, Instrument, Person
from charsu.channels.ucp.shaping import told
from charsu.channels.ucp.stored import Stored, find, forget_buyers, paying_for, save
from charsu.kernel import Tx
from charsu.orders import PaymentDeclined
from charsu.shopping import pay_for, standing_of


def _nobody(_token: str) -> tuple[Person, Address]:
    return Person(), Address()


class Handler(Struct, frozen=True, kw_only=True):
    """Somebody who takes payments for platforms, as the profile tells of it.

    name      reverse-domain name of the kind; ``id`` names this one of the kind
    provider  who takes the money for it
    spec      page that describes the kind; ``schema`` that of its configuration
    token     what the provider calls what the platform sent
    holder    whom the token belongs to, as far as the handler tells: a wallet knows
    config    what the kind wants platforms to be told
    """

    name: str
    id: str
    provider: str
    spec: str
    schema: str
    token: Callable[[str], str] = str
    holder: Callable[[str], tuple[Person, Address]] = _nobody
    config: dict[str, Any] = {}


def handler_for(handlers: tuple[Handler, ...], instrument: Instrument) -> Handler | None:
    """The handler that the instrument names; the only one where it names none."""
    if instrument.handler_id is None:
        return handlers[0] if len(handlers) == 1 else None
    return next((one for one in handlers if one.id == instrument.handler_id), None)


def pay(
    tx: Tx, session: Stored, handler: Handler, instrument: Instrument, *, total_minor: int
) -> UUID:
    """Begin to pay for a checkout; the payment. The caller takes its first step herself.

    Raises what keeps the cart from being ordered, and then nothing has changed.
    """
    payment = pay_for(
        tx,
        session.cart_id,
        total_minor=total_minor,
        provider=handler.provider,
        token=handler.token(instrument.token),
        is_taken=True,
    )
    fact = UcpSessionPaying(authorization_id=payment)
    save(tx, structs.replace(session, state="paying", said=()), fact)
    return payment


def settle(tx: Tx, cart_id: UUID) -> Stored | None:
    """Write down how paying for the checkout of this cart came out, as far as it has; how it stands
    then. None where no payment for it is under way."""
    paying = paying_for(tx, cart_id)
    if paying is None:
        return None
    session = paying.checkout
    paid = standing_of(tx, cart_id)
    if paid.standing == "ordered" and paid.order_id is not None:
        complete(tx, session, paid.order_id, came_from=paying.came_from)
    elif paid.standing in {"declined", "given_up"}:
        said = (told(PaymentDeclined(paid.reason or "")),)
        fact = UcpSessionHeldUp(reasons=tuple(one.code for one in said))
        save(tx, structs.replace(session, state="open", said=said), fact)
    elif paid.standing == "to_confirm" and session.state == "paying":
        said = (told(BuyerNeeded()),)
        escalated = UcpSessionEscalated(reason=BuyerNeeded.code)
        save(tx, structs.replace(session, state="escalated", said=said), escalated)
    return find(tx, session.id, session.kind, platform_id=session.platform_id)


def complete(tx: Tx, session: Stored, order: UUID, *, came_from: UUID | None) -> None:
    """The checkout became an order, and the cart session that it came from, where that is still
    open, with it; whom it is for is forgotten here, for the order knows."""
    fact = UcpSessionCompleted(
        order_id=order,
        agreed_to=session.consent.said(yes=True),
        declined=session.consent.said(yes=False),
    )
    over = [one for one in (session.id, came_from) if one is not None]
    save(tx, structs.replace(session, state="completed", order_id=order, said=()), fact)
    forget_buyers(tx, over)
    if came_from is not None:
        save(tx, structs.replace(_of(tx, session, came_from), state="completed"), fact)


def _of(tx: Tx, session: Stored, cart: UUID) -> Stored:
    return find(tx, cart, "cart", platform_id=session.platform_id)
