"""Signing in and out with a password, for the pages.

Known and unknown names get the same answer for the same work, so that nobody learns who works
here. The password is checked with no transaction open, because checking is slow on purpose.
"""

from typing import Any
from uuid import UUID

from msgspec import Struct

from charsu.kernel.access.attempts import begin_attempt, forgive
from charsu.kernel.access.callers import actor_for_session
from charsu.kernel.access.email import fold_email
from charsu.kernel.access.errors import InvitationRefused, SignInRefused
from charsu.kernel.access.granting import has_admin
from charsu.kernel.access.operations.own import (
    ChoosePassword,
    EndSession,
    FirstAdmin,
    SessionStarted,
    StartSession,
    choose_password,
    create_first_admin,
    end_session,
    start_session,
)
from charsu.kernel.access.passwords import check_password, hash_password, is_password
from charsu.kernel.access.tokens import digest_of, is_token, new_token
from charsu.kernel.actors import SYSTEM, Actor, Grant
from charsu.kernel.errors import EmailInvalid
from charsu.kernel.hub import Hub


class Session(Struct, frozen=True):
    """What the browser keeps: the token, and until when it is good."""

    token: str
    account_id: UUID
    started: SessionStarted


def sign_in(hub: Hub, *, email: str, password: str, address: str) -> Session:
    """A new session for whoever knows the password.

    address   of the other end of the connection; only a keyed digest of it is kept, for minutes

    Raises SignInRefused, without saying why, and TooManyAttempts.
    """
    folded = _folded(email)
    attempt = begin_attempt(hub, name=folded, address=address)
    account = _find(hub, folded)
    kept = account.password_hash if account and account.state == "active" else None
    if not is_password(password, kept) or account is None:
        raise SignInRefused
    forgive(hub, attempt)
    return open_session(hub, account.id)


def open_session(hub: Hub, account_id: UUID) -> Session:
    """A new session for an account that has proved who it is in some way."""
    token = new_token("session")
    ask = StartSession(token_digest=digest_of(token).hex())
    return Session(token, account_id, hub.run(start_session, ask, actor=_owner(account_id)))


def sign_out(hub: Hub, token: str) -> None:
    """End the session with this token. Raises SessionEnded where it has ended before."""
    actor = actor_for_session(hub, token)
    hub.run(end_session, EndSession(token_digest=digest_of(token).hex()), actor=actor)


def accept_invitation(hub: Hub, *, token: str, password: str) -> UUID:
    """Choose a password with a one-time token; the account's id.

    Raises InvitationRefused, and what ``check_password`` raises; then the token is still good.
    """
    invited = _invited(hub, token)
    check_password(password, email=invited.email_folded)
    ask = ChoosePassword(
        invitation_digest=digest_of(token).hex(), password_hash=hash_password(password)
    )
    hub.run(choose_password, ask, actor=_owner(invited.id))
    return UUID(int=invited.id.int)


def first_admin(hub: Hub, *, email: str, name: str, password: str, language: str = "en") -> UUID:
    """Make the account that lets all others in; of several at once one is made.

    Raises AdminExists, EmailInvalid, EmailTaken, and what ``check_password`` raises.
    """
    check_password(password, email=fold_email(email))
    ask = FirstAdmin(
        email=email, name=name, language=language, password_hash=hash_password(password)
    )
    return hub.run(create_first_admin, ask, actor=SYSTEM).account_id


def needs_first_admin(hub: Hub) -> bool:
    """Whether nobody can let anybody in yet."""
    with hub.reading() as tx:
        return not has_admin(tx)


def _folded(email: str) -> str:
    """The address folded; of what is none, something that can be counted and is nobody's."""
    try:
        return fold_email(email)
    except EmailInvalid:
        return f"invalid {digest_of(email[:254]).hex()}"


def _find(hub: Hub, folded: str) -> Any | None:
    with hub.reading(operation="access.sign_in") as tx:
        return tx.first(
            """
            SELECT id, password_hash, state FROM kernel.accounts WHERE email_folded = %(email)s
            """,
            email=folded,
        )


def _invited(hub: Hub, token: str) -> Any:
    if not is_token("invitation", token):
        raise InvitationRefused
    with hub.reading(operation="access.accept_invitation") as tx:
        row = tx.first(
            """
            SELECT a.id, a.email_folded FROM kernel.invitations i
            JOIN kernel.accounts a ON a.id = i.account_id AND a.state <> 'disabled'
            WHERE i.digest = %(digest)s AND i.used_at IS NULL AND i.expires_at > %(now)s
            """,
            digest=digest_of(token),
            now=tx.now,
        )
    if row is None:
        raise InvitationRefused
    return row


def _owner(account_id: UUID) -> Actor:
    """The account acting on itself."""
    return Actor(account_id, "staff", (Grant(frozenset({"access.own"})),))
