"""A customer's own cart, which a platform fills for her: what she has in it stays in it."""

from typing import LiteralString
from uuid import UUID

from msgspec import structs

from charsu.channels.ucp.errors import CartElsewhere, IdentityRequired
from charsu.channels.ucp.facts import UcpSessionCanceled
from charsu.channels.ucp.model import Address, Item, Person, SessionKind, Wish
from charsu.channels.ucp.naming import buyable, variant_name
from charsu.channels.ucp.stored import Stored, find, forget_buyers, save
from charsu.customers import family_of
from charsu.kernel import Tx
from charsu.shopping import AskCart, read_cart


def check_hers(tx: Tx, session: Stored, shopper_id: UUID | None) -> Stored:
    """The session. What is a customer's is touched for her only: raises IdentityRequired.

    shopper_id   the customer whose token came along
    """
    owner = session.customer_id
    if owner is not None and (shopper_id is None or owner not in family_of(tx, shopper_id)):
        raise IdentityRequired(is_shown=shopper_id is not None)
    return session


_USED_BY: LiteralString = """
    SELECT id, kind, platform_id FROM ucp.sessions
    WHERE cart_id = %(cart)s AND state IN ('open', 'paying', 'escalated')
    ORDER BY id FOR UPDATE
"""


def session_on(tx: Tx, cart_id: UUID, kind: SessionKind) -> Stored | None:
    """The platform's session that has the customer's cart already, locked.

    What ran out is ended here, for whoever comes first. Raises CartElsewhere where another platform
    has it, as a cart or as a checkout.
    """
    rows = tx.all(_USED_BY, cart=cart_id)
    there = [find(tx, row.id, row.kind, platform_id=row.platform_id) for row in rows]
    there = [one for one in there if not _ran_out(tx, one)]
    if any(one.platform_id != tx.actor.id for one in there):
        raise CartElsewhere
    return next((one for one in there if one.kind == kind), None)


def _ran_out(tx: Tx, session: Stored) -> bool:
    """Whether it is over by its time; then it is ended. A payment under way is waited for."""
    if session.expires_at > tx.now or not session.is_open:
        return False
    save(tx, structs.replace(session, state="canceled"), UcpSessionCanceled(reason="expired"))
    forget_buyers(tx, [session.id])
    return True


def with_hers(tx: Tx, cart_id: UUID, wish: Wish) -> Wish:
    """The wish, and what she has in her cart that it does not name, by whichever name."""
    named = set(buyable(tx, {item.id for item in wish.items}).values())
    lines = read_cart(tx, AskCart(cart_id=cart_id)).lines
    hers = (
        Item(id=variant_name(line.variant_id), quantity=line.quantity)
        for line in lines
        if line.variant_id not in named
    )
    return structs.replace(wish, items=(*hers, *wish.items))


def gone_on(was: Wish, wish: Wish) -> Wish:
    """A wish for a session that is there: what it does not speak of stays as it was."""
    ways = ("method", "destination_id", "option", "pickup")
    if not any(getattr(wish, name) for name in ways):
        wish = structs.replace(wish, **{name: getattr(was, name) for name in ways})
    return structs.replace(
        wish,
        codes=wish.codes or was.codes,
        person=wish.person if wish.person not in {None, Person()} else was.person,
        address=wish.address if wish.address not in {None, Address()} else was.address,
        consent=wish.consent or was.consent,
        country=wish.country or was.country,
    )
