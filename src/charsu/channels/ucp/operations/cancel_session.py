"""A platform gives a session up."""

from uuid import UUID

from msgspec import Struct, structs

from charsu.channels.ucp.errors import IdentityRequired, SessionClosed
from charsu.channels.ucp.facts import UcpSessionCanceled
from charsu.channels.ucp.hers import check_hers
from charsu.channels.ucp.model import Outcome, SessionKind
from charsu.channels.ucp.stored import (
    Stored,
    check_open,
    find,
    forget_buyers,
    lock,
    open_for_cart,
    save,
)
from charsu.kernel import NotFound, Tx, operation
from charsu.shopping import AbandonCart, ReleaseCart, abandon_cart, release_cart


class CancelSession(Struct, frozen=True, kw_only=True):
    """Which session, and the customer for whom the platform asks."""

    session_id: UUID
    kind: SessionKind
    shopper_id: UUID | None = None


@operation(
    "ucp.cancel_session", permission="ucp.shop", raises=(NotFound, SessionClosed, IdentityRequired)
)
def cancel_session(tx: Tx, ask: CancelSession) -> Outcome:
    """End a cart or checkout without an order; a cart of which a checkout was made goes with it.

    A customer's own cart stays hers with what is in it: she has not given it up.
    """
    session = check_hers(tx, lock(tx, ask.session_id, ask.kind), ask.shopper_id)
    check_open(tx, session)
    if session.customer_id is not None:
        release_cart(tx, ReleaseCart(cart_id=session.cart_id))
    else:
        abandon_cart(tx, AbandonCart(cart_id=session.cart_id))
    for one in (session, *others(tx, session)):
        save(tx, structs.replace(one, state="canceled"), UcpSessionCanceled(reason="asked"))
        forget_buyers(tx, [one.id])
    return Outcome(session_id=session.id)


def others(tx: Tx, session: Stored) -> list[Stored]:
    """The other open session on the same cart, if there is one."""
    kind: SessionKind = "cart" if session.kind == "checkout" else "checkout"
    other = open_for_cart(tx, session.cart_id, kind)
    return [] if other is None else [find(tx, other, kind)]
