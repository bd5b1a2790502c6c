"""A platform says anew what a session should be."""

from uuid import UUID

from msgspec import Struct

from charsu.channels.ucp.errors import IdentityRequired, SessionClosed, StoreUnknown
from charsu.channels.ucp.facts import UcpSessionReplaced
from charsu.channels.ucp.hers import check_hers
from charsu.channels.ucp.model import Outcome, SessionKind, Wish
from charsu.channels.ucp.shaping import NothingLeft, codes_of, keep, shaped, told
from charsu.channels.ucp.stored import check_open, lock
from charsu.kernel import NotFound, Tx, operation


class ReplaceSession(Struct, frozen=True, kw_only=True):
    """Which session, and all that it should be.

    is_strict   it stays as it is where the store cannot be the one that was chosen, and while its
                payment is under way
    shopper_id  the customer for whom the platform asks
    """

    session_id: UUID
    kind: SessionKind
    wish: Wish
    is_strict: bool = False
    shopper_id: UUID | None = None


@operation(
    "ucp.replace_session", permission="ucp.shop", raises=(NotFound, SessionClosed, IdentityRequired)
)
def replace_session(tx: Tx, ask: ReplaceSession) -> Outcome:
    """Make a session exactly this, as far as it can be done; nothing where none of it can."""
    was = check_hers(tx, lock(tx, ask.session_id, ask.kind), ask.shopper_id)
    if ask.is_strict and was.state == "paying":
        return Outcome(session_id=was.id, said=(told(SessionClosed(was.state)),))
    check_open(tx, was)
    try:
        session = shaped(tx, was, ask.wish, is_strict=ask.is_strict)
    except NothingLeft as nothing:
        stays = ask.is_strict and codes_of(nothing.said) == {StoreUnknown.code}
        return Outcome(session_id=was.id if stays else None, said=nothing.said)
    keep(tx, session, ask.wish, UcpSessionReplaced(lines=len(ask.wish.items)))
    return Outcome(session_id=session.id)
