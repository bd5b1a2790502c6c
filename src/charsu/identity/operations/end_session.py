"""A customer signs out, here or on a device that she has lost."""

from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.customers import family_of
from charsu.identity.errors import CustomerNeeded, CustomerSessionUnknown
from charsu.identity.facts import CustomerSignedOut
from charsu.kernel import Tx, append, operation


class EndCustomerSession(Struct, frozen=True, kw_only=True):
    """Which of her sessions."""

    session_id: UUID


class SessionsEnded(Struct, frozen=True):
    """How many."""

    ended: int


class EndAllSessions(Struct, frozen=True, kw_only=True):
    """All of hers, this one too."""


_END: LiteralString = """
    UPDATE identity.sessions SET ended_at = %(now)s, version = version + 1
    WHERE customer_id = ANY(%(family)s) AND ended_at IS NULL
      AND (%(session)s::uuid IS NULL OR id = %(session)s)
    RETURNING id, customer_id, version
"""


@operation(
    "identity.end_session",
    permission="identity.own",
    http="DELETE /v1/me/sessions/{session_id}",
    raises=(CustomerNeeded, CustomerSessionUnknown),
)
def end_customer_session(tx: Tx, ask: EndCustomerSession) -> SessionsEnded:
    """Sign out of a device: its token lets nobody in any more."""
    if not (ended := _end(tx, ask.session_id)):
        raise CustomerSessionUnknown(ask.session_id)
    return SessionsEnded(ended)


@operation(
    "identity.end_all_sessions",
    permission="identity.own",
    http="DELETE /v1/me/sessions",
    raises=(CustomerNeeded,),
)
def end_all_sessions(tx: Tx, _ask: EndAllSessions) -> SessionsEnded:
    """Sign out everywhere, this device too."""
    return SessionsEnded(_end(tx, None))


def _end(tx: Tx, session_id: UUID | None) -> int:
    return end_sessions(tx, family_of(tx, herself(tx)), session=session_id)


def end_sessions(tx: Tx, customers: list[UUID], *, session: UUID | None = None) -> int:
    """End what sessions there are of these customers, or the one of them; how many."""
    rows: list[Any] = tx.all(_END, family=customers, session=session, now=tx.now)
    for row in rows:
        fact = CustomerSignedOut(customer_id=row.customer_id)
        append(tx, fact, subject=row.id, version=row.version)
    return len(rows)


def herself(tx: Tx) -> UUID:
    """The customer who asks. Raises CustomerNeeded for anybody else."""
    if tx.actor.kind != "customer":
        raise CustomerNeeded
    return tx.actor.id
