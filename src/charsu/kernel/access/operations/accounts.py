"""Accounts of the retailer's own people: made, invited, disabled, enabled."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct
from psycopg.errors import UniqueViolation

from charsu.kernel.access.email import fold_email
from charsu.kernel.access.errors import (
    AccountNotInvited,
    AccountUnknown,
    EmailTaken,
    LastAdmin,
    SecretTaken,
)
from charsu.kernel.access.facts import (
    AccountCreated,
    AccountDisabled,
    AccountEnabled,
    AccountInvited,
    SessionRevoked,
)
from charsu.kernel.access.granting import check_admin_left, has_admin, lock_admins
from charsu.kernel.access.tokens import DIGEST_PATTERN
from charsu.kernel.database import Tx
from charsu.kernel.errors import EmailInvalid
from charsu.kernel.log import Fact, append
from charsu.kernel.operations import WHOLE_BUSINESS, operation

Email = Annotated[str, Meta(min_length=3, max_length=254, extra_json_schema={"format": "email"})]
PersonName = Annotated[str, Meta(min_length=1, max_length=200)]
LanguageTag = Annotated[str, Meta(pattern="^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")]
Digest = Annotated[str, Meta(pattern=DIGEST_PATTERN, description="SHA-256 of the secret, in hex.")]


class CreateAccount(Struct, frozen=True, kw_only=True):
    """Somebody who is to get an account."""

    email: Email
    name: PersonName
    language: LanguageTag = "en"


class AccountMade(Struct, frozen=True):
    """Where the new account is found."""

    account_id: UUID


class Invite(Struct, frozen=True, kw_only=True):
    """A one-time token for an account's owner. The caller makes it and sends only its digest."""

    account_id: UUID
    token_digest: Digest
    valid_hours: Annotated[int, Meta(ge=1, le=720)] = 72


class Invited(Struct, frozen=True):
    """Until when the token is good."""

    expires_at: datetime


class ChooseAccount(Struct, frozen=True, kw_only=True):
    """An account that is there."""

    account_id: UUID


class AccountState(Struct, frozen=True):
    """How the account stands now."""

    account_id: UUID
    state: str
    sessions_ended: int = 0


@operation(
    "access.create_account",
    permission="access.create_account",
    at=WHOLE_BUSINESS,
    http="POST /v1/accounts",
    raises=(EmailInvalid, EmailTaken),
)
def create_account(tx: Tx, ask: CreateAccount) -> AccountMade:
    """Make an account for a member of staff.

    It has no password and no role yet: invite its owner, grant a role.
    """
    account_id = add_account(tx, email=ask.email, name=ask.name, language=ask.language)
    append(tx, AccountCreated(account_id=account_id), subject=account_id, version=1)
    return AccountMade(account_id)


def add_account(
    tx: Tx, *, email: str, name: str, language: str, password_hash: str | None = None
) -> UUID:
    """Store an account at version 1; its id. Raises EmailInvalid or EmailTaken."""
    account_id = tx.new_id()
    folded = fold_email(email)
    try:
        with tx.savepoint():
            tx.run(
                """
                INSERT INTO kernel.accounts
                    (id, email, email_folded, name, language, password_hash, state, made_at)
                VALUES (%(id)s, %(email)s, %(folded)s, %(name)s, %(language)s, %(hash)s,
                        CASE WHEN %(hash)s::text IS NULL THEN 'invited' ELSE 'active' END,
                        %(now)s)
                """,
                id=account_id,
                email=email.strip(),
                folded=folded,
                name=name,
                language=language,
                hash=password_hash,
                now=tx.now,
            )
    except UniqueViolation as twin:
        raise EmailTaken from twin
    return account_id


@operation(
    "access.invite",
    permission="access.invite",
    at=WHOLE_BUSINESS,
    http="POST /v1/accounts/{account_id}/invitations",
    raises=(AccountUnknown, AccountNotInvited, SecretTaken),
)
def invite(tx: Tx, ask: Invite) -> Invited:
    """Let an account's owner choose a password, once, with a token that the caller hands over.

    Serves for the first password and for a forgotten one. Earlier tokens stop working.
    """
    account = change_account(tx, ask.account_id)
    if account.state == "disabled":
        raise AccountNotInvited
    tx.run(
        """
        UPDATE kernel.invitations SET used_at = %(now)s
        WHERE account_id = %(account)s AND used_at IS NULL
        """,
        account=ask.account_id,
        now=tx.now,
    )
    expires_at = tx.now + timedelta(hours=ask.valid_hours)
    _add_invitation(tx, ask, expires_at)
    fact = AccountInvited(account_id=ask.account_id)
    append(tx, fact, subject=ask.account_id, version=account.version)
    return Invited(expires_at)


def _add_invitation(tx: Tx, ask: Invite, expires_at: datetime) -> None:
    added = tx.run(
        """
        INSERT INTO kernel.invitations (digest, account_id, expires_at)
        VALUES (%(digest)s, %(account)s, %(until)s) ON CONFLICT (digest) DO NOTHING
        """,
        digest=bytes.fromhex(ask.token_digest),
        account=ask.account_id,
        until=expires_at,
    )
    if not added:
        raise SecretTaken


@operation(
    "access.disable_account",
    permission="access.disable_account",
    at=WHOLE_BUSINESS,
    http="POST /v1/accounts/{account_id}/disable",
    raises=(AccountUnknown, LastAdmin),
)
def disable_account(tx: Tx, ask: ChooseAccount) -> AccountState:
    """Shut an account and end its sessions. What it did stays told under its id."""
    lock_admins(tx)
    had_admin = has_admin(tx)
    account = change_account(tx, ask.account_id)
    if account.state == "disabled":
        return _unchanged(tx, account)
    _set_state(tx, ask.account_id, "disabled")
    if had_admin:
        check_admin_left(tx)
    ended = end_sessions(tx, ask.account_id)
    fact = AccountDisabled(account_id=ask.account_id, sessions_ended=ended)
    return _told(tx, account, fact, AccountState(ask.account_id, "disabled", ended))


@operation(
    "access.enable_account",
    permission="access.enable_account",
    at=WHOLE_BUSINESS,
    http="POST /v1/accounts/{account_id}/enable",
    raises=(AccountUnknown,),
)
def enable_account(tx: Tx, ask: ChooseAccount) -> AccountState:
    """Open a disabled account again, with the roles and the password it had."""
    account = change_account(tx, ask.account_id)
    if account.state != "disabled":
        return _unchanged(tx, account)
    state = "active" if account.has_password else "invited"
    _set_state(tx, ask.account_id, state)
    fact = AccountEnabled(account_id=ask.account_id)
    return _told(tx, account, fact, AccountState(ask.account_id, state))


def change_account(tx: Tx, account_id: UUID) -> Any:
    """Lock the account for a change: its state, whether it has a password, its next version.

    Raises AccountUnknown.
    """
    row = tx.first(
        """
        UPDATE kernel.accounts SET version = version + 1 WHERE id = %(id)s
        RETURNING id, state, version, password_hash IS NOT NULL AS has_password
        """,
        id=account_id,
    )
    if row is None:
        raise AccountUnknown(account_id)
    return row


def end_sessions(tx: Tx, account_id: UUID) -> int:
    """Sign an account out everywhere, and say so of each session; how many that ended."""
    ended = tx.all(
        """
        UPDATE kernel.sessions SET ended_at = %(now)s, version = version + 1
        WHERE account_id = %(account)s AND ended_at IS NULL
        RETURNING id, version
        """,
        account=account_id,
        now=tx.now,
    )
    for row in ended:
        fact = SessionRevoked(session_id=row.id, account_id=account_id)
        append(tx, fact, subject=row.id, version=row.version)
    return len(ended)


def _set_state(tx: Tx, account_id: UUID, state: str) -> None:
    tx.run(
        "UPDATE kernel.accounts SET state = %(state)s WHERE id = %(id)s",
        id=account_id,
        state=state,
    )


def _unchanged(tx: Tx, account: Any) -> AccountState:
    """Give the version back that was taken for a change that there was not."""
    tx.run("UPDATE kernel.accounts SET version = version - 1 WHERE id = %(id)s", id=account.id)
    return AccountState(account.id, account.state)


def _told(tx: Tx, account: Any, fact: Fact, outcome: AccountState) -> AccountState:
    append(tx, fact, subject=account.id, version=account.version)
    return outcome
