"""What the door itself does for somebody who has proved who they are; not offered over HTTP.

The proof comes first and outside: no password and no token is part of a request that the hub
keeps a digest of. These verbs act for ``tx.actor`` alone.
"""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from charsu.kernel.access.errors import AdminExists, InvitationRefused, SessionEnded
from charsu.kernel.access.facts import AccountCreated, PasswordChosen, SignedIn, SignedOut
from charsu.kernel.access.granting import give, has_admin, lock_admins
from charsu.kernel.access.operations.accounts import (
    AccountMade,
    Digest,
    Email,
    LanguageTag,
    PersonName,
    add_account,
    change_account,
    end_sessions,
)
from charsu.kernel.database import Tx
from charsu.kernel.log import append
from charsu.kernel.operations import operation
from charsu.kernel.settings import Setting

SESSION_HOURS = Setting(
    "access.session_hours", int, 12, "Hours after which a member of staff signs in again."
)


class FirstAdmin(Struct, frozen=True, kw_only=True):
    """Who runs the shop, with the hash of the password."""

    email: Email
    name: PersonName
    language: LanguageTag
    password_hash: str


class StartSession(Struct, frozen=True, kw_only=True):
    """The digest of a token that only the signed-in browser holds."""

    token_digest: Digest


class SessionStarted(Struct, frozen=True):
    """How long the session lasts."""

    session_id: UUID
    expires_at: datetime


class EndSession(Struct, frozen=True, kw_only=True):
    """The session whose token has this digest."""

    token_digest: Digest


class ChoosePassword(Struct, frozen=True, kw_only=True):
    """The digest of the invitation, and the hash of the password."""

    invitation_digest: Digest
    password_hash: str


@operation("access.create_first_admin", permission="access.first_admin", raises=(AdminExists,))
def create_first_admin(tx: Tx, ask: FirstAdmin) -> AccountMade:
    """Make the account that lets all others in; only where there is no administrator yet."""
    lock_admins(tx)
    if has_admin(tx):
        raise AdminExists
    account_id = add_account(
        tx,
        email=ask.email,
        name=ask.name,
        language=ask.language,
        password_hash=ask.password_hash,
    )
    append(tx, AccountCreated(account_id=account_id), subject=account_id, version=1)
    version = change_account(tx, account_id).version
    give(tx, role="admin", location_id=None, account_id=account_id, version=version)
    return AccountMade(account_id)


@operation("access.start_session", permission="access.own")
def start_session(tx: Tx, ask: StartSession) -> SessionStarted:
    """Sign the caller in."""
    session_id = tx.new_id()
    expires_at = tx.now + timedelta(hours=tx.setting(SESSION_HOURS))
    tx.run(
        """
        INSERT INTO kernel.sessions (id, digest, account_id, made_at, expires_at)
        VALUES (%(id)s, %(digest)s, %(account)s, %(now)s, %(until)s)
        """,
        id=session_id,
        digest=bytes.fromhex(ask.token_digest),
        account=tx.actor.id,
        now=tx.now,
        until=expires_at,
    )
    fact = SignedIn(session_id=session_id, account_id=tx.actor.id)
    append(tx, fact, subject=session_id, version=1)
    return SessionStarted(session_id, expires_at)


@operation("access.end_session", permission="access.own", raises=(SessionEnded,))
def end_session(tx: Tx, ask: EndSession) -> None:
    """Sign the caller out of this session."""
    row = tx.first(
        """
        UPDATE kernel.sessions SET ended_at = %(now)s, version = version + 1
        WHERE digest = %(digest)s AND account_id = %(account)s AND ended_at IS NULL
        RETURNING id, version
        """,
        digest=bytes.fromhex(ask.token_digest),
        account=tx.actor.id,
        now=tx.now,
    )
    if row is None:
        raise SessionEnded
    fact = SignedOut(session_id=row.id, account_id=tx.actor.id)
    append(tx, fact, subject=row.id, version=row.version)


@operation("access.choose_password", permission="access.own", raises=(InvitationRefused,))
def choose_password(tx: Tx, ask: ChoosePassword) -> None:
    """Set the caller's password with a one-time token, and end all sessions before it."""
    used = tx.run(
        """
        UPDATE kernel.invitations SET used_at = %(now)s
        WHERE digest = %(digest)s AND account_id = %(account)s
          AND used_at IS NULL AND expires_at > %(now)s
        """,
        digest=bytes.fromhex(ask.invitation_digest),
        account=tx.actor.id,
        now=tx.now,
    )
    if not used:
        raise InvitationRefused
    version = change_account(tx, tx.actor.id).version
    tx.run(
        """
        UPDATE kernel.accounts SET password_hash = %(hash)s, state = 'active'
        WHERE id = %(id)s AND state <> 'disabled'
        """,
        id=tx.actor.id,
        hash=ask.password_hash,
    )
    ended = end_sessions(tx, tx.actor.id)
    fact = PasswordChosen(account_id=tx.actor.id, sessions_ended=ended)
    append(tx, fact, subject=tx.actor.id, version=version)
