"""Sessions as the database has them: found by the platform that made them, locked, written back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

import msgspec
import psycopg
from msgspec import Struct, structs

from charsu.channels.ucp.errors import PlatformUnknown, SessionClosed
from charsu.channels.ucp.model import (
    Address,
    Consent,
    Method,
    Person,
    Said,
    SessionKind,
    SessionState,
)
from charsu.channels.ucp.settings import CART_HOURS, CHECKOUT_HOURS
from charsu.kernel import Fact, NotFound, Tx, append


class Stored(Struct, frozen=True, kw_only=True):
    """A session's own row; what is in it is in its cart."""

    id: UUID
    kind: SessionKind
    platform_id: UUID
    cart_id: UUID
    state: SessionState
    method: Method
    picked_up: tuple[UUID, ...]
    destination_id: str | None
    codes: tuple[str, ...]
    said: tuple[Said, ...]
    consent: Consent
    seen_total_minor: int | None
    order_id: UUID | None
    expires_at: datetime
    version: int
    customer_id: UUID | None = None  # whose own cart it is

    @property
    def is_open(self) -> bool:
        return self.state in {"open", "escalated"}


_FIELDS = Stored.__struct_fields__


class Paying(NamedTuple):
    """A checkout whose payment is under way, and the open cart session that it came from."""

    checkout: Stored
    came_from: UUID | None


def paying_for(tx: Tx, cart_id: UUID) -> Paying | None:
    """The checkout of this cart whose payment is under way, locked; whichever platform made it."""
    row = tx.first(_PAYING, cart=cart_id)
    checkout = _read(row)
    if row is None or checkout is None:
        return None
    tx.know(_locked_key(checkout.id), checkout.version)
    return Paying(checkout, row.came_from)


_COLUMNS: LiteralString = """
    SELECT id, kind, platform_id, cart_id, state, method, picked_up, destination_id, codes, said,
           consent, seen_total_minor, order_id, expires_at, version,
           (SELECT c.owner_id FROM shopping.carts c
            WHERE c.id = s.cart_id AND c.owner_kind = 'customer') AS customer_id
"""

_CAME_FROM: LiteralString = """,
           (SELECT c.id FROM ucp.sessions c
            WHERE c.cart_id = s.cart_id AND c.kind = 'cart'
              AND c.state IN ('open', 'paying', 'escalated')) AS came_from
"""
_OF_CART: LiteralString = """
    FROM ucp.sessions s
    WHERE cart_id = %(cart)s AND kind = 'checkout' AND state IN ('paying', 'escalated') FOR UPDATE
"""
_PAYING: LiteralString = _COLUMNS + _CAME_FROM + _OF_CART

_SESSION: LiteralString = _COLUMNS + "FROM ucp.sessions s WHERE id = %(id)s"

# Whoever waits for the lock has the session as it is then, and its buyer as it was before.
_WITH_BUYER: LiteralString = """
    SELECT one.*, was.version = one.version AS is_as_read, b.person, b.address
    FROM one JOIN ucp.sessions was ON was.id = one.id
    LEFT JOIN ucp.buyers b ON b.session_id = one.id
"""
_LOCK: LiteralString = "WITH one AS MATERIALIZED (" + _SESSION + " FOR UPDATE)" + _WITH_BUYER


def find(tx: Tx, session_id: UUID, kind: SessionKind, *, platform_id: UUID | None = None) -> Stored:
    """The session. Raises NotFound, also where another platform made it.

    platform_id   whose it must be, where the hub itself asks
    """
    found = tx.once(_key(session_id), lambda: _read(tx.first(_SESSION, id=session_id)))
    if found is None or found.kind != kind or found.platform_id != (platform_id or tx.actor.id):
        raise NotFound(kind, session_id)
    return found


def lock_open(tx: Tx, session_id: UUID, kind: SessionKind) -> Stored:
    """The session, to change it. Raises NotFound, or SessionClosed where it is over."""
    session = lock(tx, session_id, kind)
    check_open(tx, session)
    return session


def lock(tx: Tx, session_id: UUID, kind: SessionKind) -> Stored:
    """The session; nobody else changes it until the transaction ends. Raises NotFound."""
    row = tx.first(_LOCK, id=session_id)
    tx.know(_key(session_id), _read(row))
    tx.know(_locked_key(session_id), None if row is None else row.version)
    tx.forget(_buyer_key(session_id))  # others changed it until now
    if row is not None and row.is_as_read:
        tx.know(_buyer_key(session_id), _buyer(row if row.person is not None else None))
    return find(tx, session_id, kind)


def check_open(tx: Tx, session: Stored) -> None:
    """Raises SessionClosed where it is over."""
    if not session.is_open or session.expires_at <= tx.now:
        raise SessionClosed(session.state if not session.is_open else "canceled")


def open_for_cart(tx: Tx, cart_id: UUID, kind: SessionKind) -> UUID | None:
    """The open session of this kind that has the cart."""
    found: UUID | None = tx.value(
        """
        SELECT id FROM ucp.sessions
        WHERE cart_id = %(cart)s AND kind = %(kind)s
          AND state IN ('open', 'paying', 'escalated')
        """,
        cart=cart_id,
        kind=kind,
    )
    return found


def _key(session_id: UUID) -> tuple[str, UUID]:
    return "ucp.session", session_id


def _locked_key(session_id: UUID) -> tuple[str, UUID]:
    return "ucp.locked", session_id


def _read(row: Any | None) -> Stored | None:
    if row is None:
        return None
    columns = {name: getattr(row, name) for name in _FIELDS}
    columns["said"] = msgspec.convert(row.said, tuple[Said, ...])
    columns["consent"] = msgspec.convert(row.consent, Consent)
    columns["codes"], columns["picked_up"] = tuple(row.codes), tuple(row.picked_up)
    return Stored(**columns)


_STORE: LiteralString = """
    INSERT INTO ucp.sessions AS s
        (id, kind, platform_id, cart_id, state, method, picked_up, destination_id, codes, said,
         consent, seen_total_minor, order_id, opened_at, expires_at, version)
    VALUES (%(id)s, %(kind)s, %(platform_id)s, %(cart_id)s, %(state)s, %(method)s,
            %(picked_up)s, %(destination_id)s, %(codes)s, %(said)s::jsonb, %(consent)s::jsonb,
            %(seen_total_minor)s, %(order_id)s, %(now)s, %(expires_at)s, 1)
    ON CONFLICT (id) DO UPDATE
    SET state = excluded.state, method = excluded.method, picked_up = excluded.picked_up,
        destination_id = excluded.destination_id, codes = excluded.codes, said = excluded.said,
        consent = excluded.consent, seen_total_minor = excluded.seen_total_minor,
        order_id = excluded.order_id, expires_at = excluded.expires_at, version = s.version + 1
    RETURNING version
"""


_PUT_BUYER: LiteralString = """
    INSERT INTO ucp.buyers (session_id, person, address)
    VALUES (%(id)s, %(person)s::jsonb, %(address)s::jsonb)
    ON CONFLICT (session_id) DO UPDATE
    SET person = excluded.person, address = excluded.address
"""

_FORGET_BUYERS: LiteralString = "DELETE FROM ucp.buyers WHERE session_id = ANY(%(ids)s)"


def save(
    tx: Tx, session: Stored, fact: Fact, *, buyer: tuple[Person, Address] | None = None
) -> None:
    """Write the session, one version later, and say what happened.

    buyer   who buys, as the platform says it now
    Raises PlatformUnknown.
    """
    version = _stored(tx, session)
    if buyer is not None:
        person, address = map(_json, buyer)
        tx.later(_PUT_BUYER, id=session.id, person=person, address=address)
        tx.know(_buyer_key(session.id), buyer)
    append(tx, fact, subject=session.id, version=version)
    tx.know(_key(session.id), structs.replace(session, version=version))


def _stored(tx: Tx, session: Stored) -> int:
    """Write the session's row; its version then. Raises PlatformUnknown."""
    locked_at: int | None = tx.known(_locked_key(session.id))
    if locked_at is not None:
        version = locked_at + 1
        tx.later_giving(_STORE, version, **_values(tx, session))
    elif session.version:
        version = tx.value(_STORE, **_values(tx, session))
    else:
        version = 1
        _store_new(tx, session)
    tx.know(_locked_key(session.id), version)
    return version


def _store_new(tx: Tx, session: Stored) -> None:
    tx.later_giving(_STORE, 1, **_values(tx, session))
    try:
        tx.flush()
    except psycopg.errors.ForeignKeyViolation as unknown:
        if unknown.diag.constraint_name == "sessions_platform_id_fkey":
            raise PlatformUnknown from unknown
        raise


def _values(tx: Tx, session: Stored) -> dict[str, Any]:
    return {
        "id": session.id,
        "kind": session.kind,
        "platform_id": session.platform_id,
        "cart_id": session.cart_id,
        "state": session.state,
        "method": session.method,
        "picked_up": list(session.picked_up),
        "destination_id": session.destination_id,
        "codes": list(session.codes),
        "said": _json(session.said),
        "consent": _json(session.consent),
        "seen_total_minor": session.seen_total_minor,
        "order_id": session.order_id,
        "now": tx.now,
        "expires_at": session.expires_at,
    }


def expiry(tx: Tx, kind: SessionKind) -> datetime:
    """When a session that was changed now is over."""
    setting = CHECKOUT_HOURS if kind == "checkout" else CART_HOURS
    return tx.now + timedelta(hours=tx.setting(setting))


def buyer_of(tx: Tx, session_id: UUID) -> tuple[Person, Address]:
    """Who buys, as far as it is known and was not forgotten."""
    return tx.once(_buyer_key(session_id), lambda: _buyer(tx.first(_BUYER, id=session_id)))


_BUYER: LiteralString = "SELECT person, address FROM ucp.buyers WHERE session_id = %(id)s"


def _buyer(row: Any | None) -> tuple[Person, Address]:
    if row is None:
        return Person(), Address()
    return msgspec.convert(row.person, Person), msgspec.convert(row.address, Address)


def _buyer_key(session_id: UUID) -> tuple[str, UUID]:
    return "ucp.buyer_of", session_id


def forget_buyers(tx: Tx, session_ids: Sequence[UUID]) -> None:
    """Personal data goes when a session is over."""
    tx.later(_FORGET_BUYERS, ids=list(session_ids))
    for session_id in session_ids:
        tx.know(_buyer_key(session_id), (Person(), Address()))


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
