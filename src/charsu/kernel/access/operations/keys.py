"""API keys: how programs come in."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel.access.errors import (
    AlreadyGranted,
    KeyUnknown,
    MoreThanOwn,
    RoleUnknown,
    SecretTaken,
)
from charsu.kernel.access.facts import KeyIssued, KeyRevoked
from charsu.kernel.access.granting import check_may_give, give
from charsu.kernel.access.operations.accounts import Digest
from charsu.kernel.access.operations.grants import RoleName
from charsu.kernel.database import Tx
from charsu.kernel.log import append
from charsu.kernel.operations import WHOLE_BUSINESS, operation


class KeyRole(Struct, frozen=True, kw_only=True):
    """A role for a key, at one location or, without one, everywhere."""

    role: RoleName
    location_id: UUID | None = None


class IssueKey(Struct, frozen=True, kw_only=True):
    """A key for a program. The caller makes the secret and sends only its digest.

    digest   SHA-256 of the whole secret, in hex
    hint     the secret's last letters, to tell keys apart
    """

    label: Annotated[str, Meta(min_length=1, max_length=100)]
    digest: Digest
    hint: Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{0,4}$")] = ""
    roles: Annotated[tuple[KeyRole, ...], Meta(min_length=1, max_length=50)]
    expires_at: Annotated[datetime, Meta(tz=True)] | None = None


class KeyMade(Struct, frozen=True):
    """Where the new key is found, to be revoked."""

    key_id: UUID


class RevokeKey(Struct, frozen=True, kw_only=True):
    """A key that was issued."""

    key_id: UUID


class KeyRevocation(Struct, frozen=True):
    """Since when the key is refused."""

    key_id: UUID
    revoked_at: datetime


def _places_of_key(_tx: Tx, ask: IssueKey) -> Collection[UUID] | None:
    locations = [role.location_id for role in ask.roles]
    return None if None in locations else [place for place in locations if place is not None]


@operation(
    "access.issue_key",
    permission="access.issue_key",
    at=_places_of_key,
    http="POST /v1/api-keys",
    raises=(RoleUnknown, MoreThanOwn, AlreadyGranted, SecretTaken),
)
def issue_key(tx: Tx, ask: IssueKey) -> KeyMade:
    """Let a program in with a key of its own, in one role or several.

    The secret stays with the caller: make 32 random bytes or more, send the SHA-256. Programs send
    the secret itself as ``Authorization: Bearer``.
    """
    for wanted in ask.roles:
        check_may_give(tx, wanted.role, wanted.location_id)
    key_id = _add_key(tx, ask)
    append(tx, KeyIssued(key_id=key_id), subject=key_id, version=1)
    for version, wanted in enumerate(ask.roles, start=2):
        give(tx, role=wanted.role, location_id=wanted.location_id, key_id=key_id, version=version)
    return KeyMade(key_id)


def _add_key(tx: Tx, ask: IssueKey) -> UUID:
    key_id = tx.new_id()
    added = tx.run(
        """
        INSERT INTO kernel.api_keys
            (id, label, digest, hint, issued_by, issued_at, expires_at, version)
        VALUES (%(id)s, %(label)s, %(digest)s, %(hint)s, %(actor)s, %(now)s, %(until)s, %(version)s)
        ON CONFLICT (digest) DO NOTHING
        """,
        id=key_id,
        label=ask.label,
        digest=bytes.fromhex(ask.digest),
        hint=ask.hint,
        actor=tx.actor.id,
        now=tx.now,
        until=ask.expires_at,
        version=1 + len(ask.roles),  # one for the key, one for each role
    )
    if not added:
        raise SecretTaken
    return key_id


@operation(
    "access.revoke_key",
    permission="access.revoke_key",
    at=WHOLE_BUSINESS,
    http="DELETE /v1/api-keys/{key_id}",
    raises=(KeyUnknown,),
)
def revoke_key(tx: Tx, ask: RevokeKey) -> KeyRevocation:
    """Refuse a key from now on. Revoking it again changes nothing."""
    row = tx.first(
        """
        UPDATE kernel.api_keys SET revoked_at = %(now)s, version = version + 1
        WHERE id = %(id)s AND revoked_at IS NULL RETURNING version, revoked_at
        """,
        id=ask.key_id,
        now=tx.now,
    )
    if row is not None:
        append(tx, KeyRevoked(key_id=ask.key_id), subject=ask.key_id, version=row.version)
        return KeyRevocation(ask.key_id, row.revoked_at)
    before = tx.value("SELECT revoked_at FROM kernel.api_keys WHERE id = %(id)s", id=ask.key_id)
    if before is None:
        raise KeyUnknown(ask.key_id)
    return KeyRevocation(ask.key_id, before)
