"""From a secret to an actor: who is asking, and what they were granted."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from msgspec import Struct

from charsu.kernel.access.errors import KeyRefused, SessionEnded
from charsu.kernel.access.roles import ROLES
from charsu.kernel.access.tokens import digest_of, is_token
from charsu.kernel.actors import Actor, Grant
from charsu.kernel.database import Tx
from charsu.kernel.hub import Hub

_SHOPPER = (Grant(ROLES["shopper"].permissions),)
_HERSELF = Grant(frozenset({"identity.own", "customers.consent"}))
_OWN = Grant(frozenset({"access.me", "access.own"}))

_BY_SESSION = """
    SELECT a.id, a.language, a.name, a.email, g.role, g.location_id
    FROM kernel.sessions s
    JOIN kernel.accounts a ON a.id = s.account_id AND a.state = 'active'
    LEFT JOIN kernel.role_grants g ON g.account_id = a.id
    WHERE s.digest = %(digest)s AND s.ended_at IS NULL AND s.expires_at > %(now)s
"""

_BY_KEY = """
    SELECT k.id, g.role, g.location_id
    FROM kernel.api_keys k
    LEFT JOIN kernel.role_grants g ON g.key_id = k.id
    WHERE k.digest = %(digest)s AND k.revoked_at IS NULL
      AND (k.expires_at IS NULL OR k.expires_at > %(now)s)
"""


class SignedInAccount(Struct, frozen=True):
    """The member of staff behind a session, for pages."""

    id: UUID
    name: str
    email: str
    language: str
    actor: Actor


def actor_for_session(hub: Hub, token: str) -> Actor:
    """The member of staff who holds this session's token. Raises SessionEnded."""
    return account_for_session(hub, token).actor


def account_for_session(hub: Hub, token: str) -> SignedInAccount:
    """The same, with what a page greets by. Raises SessionEnded."""
    if not is_token("session", token):
        raise SessionEnded
    rows = hub.read(
        lambda tx: tx.all(_BY_SESSION, digest=digest_of(token), now=tx.now),
        operation="access.session",
    )
    if not rows:
        raise SessionEnded
    first = rows[0]
    actor = Actor(first.id, "staff", (*_grants(rows), _OWN), first.language)
    return SignedInAccount(first.id, first.name, first.email, first.language, actor)


def actor_for_key(hub: Hub, secret: str) -> Actor:
    """The program that holds this API key. Raises KeyRefused."""
    if not 32 <= len(secret) <= 200:
        raise KeyRefused
    rows = hub.read(
        lambda tx: tx.all(_BY_KEY, digest=digest_of(secret), now=tx.now), operation="access.key"
    )
    if not rows:
        raise KeyRefused
    return Actor(rows[0].id, "key", _grants(rows))


def account_actor(tx: Tx, account_id: UUID) -> Actor | None:
    """An account as an actor, whoever asks; None where it is unknown or not active."""
    rows = tx.all(
        """
        SELECT a.id, a.language, g.role, g.location_id FROM kernel.accounts a
        LEFT JOIN kernel.role_grants g ON g.account_id = a.id
        WHERE a.id = %(id)s AND a.state = 'active'
        """,
        id=account_id,
    )
    return Actor(rows[0].id, "staff", (*_grants(rows), _OWN), rows[0].language) if rows else None


def guest_actor(guest_id: UUID, language: str = "en", *, origin: str = "") -> Actor:
    """Somebody who is not signed in: sees the public face of the shop and owns a cart."""
    return Actor(guest_id, "guest", _SHOPPER, language, origin)


def customer_actor(customer_id: UUID, language: str = "en", *, origin: str = "") -> Actor:
    """A customer who is signed in; what belongs to whom is decided by the verbs."""
    return Actor(customer_id, "customer", (*_SHOPPER, _HERSELF), language, origin)


def _grants(rows: Iterable[Any]) -> tuple[Grant, ...]:
    """One grant for each role held everywhere, and one for each role with all its locations."""
    places: defaultdict[str, set[UUID | None]] = defaultdict(set)
    for row in rows:
        if row.role in ROLES:
            places[row.role].add(row.location_id)
    return tuple(
        Grant(ROLES[role].permissions, _where(held)) for role, held in sorted(places.items())
    )


def _where(held: set[UUID | None]) -> frozenset[UUID] | None:
    return None if None in held else frozenset(place for place in held if place is not None)
