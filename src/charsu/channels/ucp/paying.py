"""How a checkout is paid: who takes the money, and the one place where it happens."""

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from charsu.channels.ucp.model import Address, Instrument, Person
from charsu.kernel import Tx
from charsu.orders import ChargeOrder, charge_order
from charsu.shopping import CartCompleted, CompleteCart, complete_cart

Answer = Literal["taken", "declined", "buyer_needed"]


class Handler(Struct, frozen=True, kw_only=True):
    """Somebody who takes payments for platforms, as the profile tells of it.

    name    reverse-domain name of the kind; ``id`` names this one of the kind
    judge   what it says to a token, before any money moves
    holder  whom the token belongs to, as far as the handler tells: a wallet knows
    """

    name: str
    id: str
    judge: Callable[[str], Answer]
    holder: Callable[[str], tuple[Person, Address]]


def handler_for(handlers: tuple[Handler, ...], instrument: Instrument) -> Handler | None:
    """The handler that the instrument names; the only one where it names none."""
    if instrument.handler_id is None:
        return handlers[0] if len(handlers) == 1 else None
    return next((one for one in handlers if one.id == instrument.handler_id), None)


def pay_and_order(tx: Tx, ask: CompleteCart, _instrument: Instrument) -> CartCompleted:
    """Order what is in the cart and begin to take the money for it, in one transaction.

    The process of payments will stand here: authorise first, between transactions, then order.
    """
    ordered = complete_cart(tx, ask)
    if ordered.total_minor:
        charge_order(
            tx,
            ChargeOrder(
                order_id=ordered.order_id,
                amount_minor=ordered.total_minor,
                token="tok_ucp",  # noqa: S106 (a name at the test provider)
            ),
        )
    return ordered
