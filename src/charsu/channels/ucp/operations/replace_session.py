"""A platform says anew what a session should be."""

from uuid import UUID

from msgspec import Struct

from charsu.channels.ucp.errors import SessionClosed
from charsu.channels.ucp.facts import UcpSessionReplaced
from charsu.channels.ucp.model import Outcome, SessionKind, Wish
from charsu.channels.ucp.shaping import NothingLeft, keep, shaped
from charsu.channels.ucp.stored import lock_open
from charsu.kernel import NotFound, Tx, operation


class ReplaceSession(Struct, frozen=True, kw_only=True):
    """Which session, and all that it should be."""

    session_id: UUID
    kind: SessionKind
    wish: Wish


@operation("ucp.replace_session", permission="ucp.shop", raises=(NotFound, SessionClosed))
def replace_session(tx: Tx, ask: ReplaceSession) -> Outcome:
    """Make a session exactly this, as far as it can be done; nothing where none of it can."""
    was = lock_open(tx, ask.session_id, ask.kind)
    try:
        with tx.savepoint():
            session = shaped(tx, was, ask.wish)
    except NothingLeft as nothing:
        return Outcome(session_id=None, said=nothing.said)
    keep(tx, session, ask.wish, UcpSessionReplaced(lines=len(ask.wish.items)))
    return Outcome(session_id=session.id)
