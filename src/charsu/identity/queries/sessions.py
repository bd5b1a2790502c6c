"""On which devices a customer is signed in."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.customers import family_of
from charsu.identity.errors import CustomerNeeded
from charsu.identity.operations.end_session import herself
from charsu.kernel import Tx, query

SHOWN_MAX = 100

_PROVED: LiteralString = """
    SELECT value FROM customers.identifiers
    WHERE customer_id = ANY(%(family)s) AND kind = 'email' AND proved_at IS NOT NULL
    ORDER BY proved_at DESC, id DESC LIMIT 1
"""


def proved_address(tx: Tx, customer_id: UUID) -> str:
    """The e-mail address by which she came in last, for herself to see; empty where none is."""
    return tx.value(_PROVED, family=family_of(tx, customer_id)) or ""


class AskSessions(Struct, frozen=True, kw_only=True):
    """One's own."""


class CustomerSession(Struct, frozen=True, kw_only=True):
    """A device on which she is signed in."""

    session_id: UUID
    device: str
    made_at: datetime
    expires_at: datetime


class CustomerSessions(Struct, frozen=True):
    """All of hers, the newest hundred, newest first."""

    items: tuple[CustomerSession, ...]


_OPEN: LiteralString = """
    SELECT id AS session_id, device, made_at, expires_at FROM identity.sessions
    WHERE customer_id = ANY(%(family)s) AND ended_at IS NULL AND expires_at > %(now)s
    ORDER BY made_at DESC, id DESC LIMIT %(most)s
"""


@query(
    "identity.sessions",
    permission="identity.own",
    http="GET /v1/me/sessions",
    raises=(CustomerNeeded,),
)
def customer_sessions(tx: Tx, _ask: AskSessions) -> CustomerSessions:
    """The devices on which I am signed in."""
    rows = tx.all(_OPEN, family=family_of(tx, herself(tx)), now=tx.now, most=SHOWN_MAX)
    return CustomerSessions(tuple(CustomerSession(**row._asdict()) for row in rows))
