"""What the log may say about who comes in. Ids only; names and addresses are in the tables."""

from uuid import UUID

from charsu.kernel.log import Fact


class AccountCreated(Fact, frozen=True, kw_only=True):
    """Somebody got an account, not yet a password."""

    account_id: UUID


class AccountInvited(Fact, frozen=True, kw_only=True):
    """A one-time token was issued with which the account's owner chooses a password."""

    account_id: UUID


class PasswordChosen(Fact, frozen=True, kw_only=True):
    """The owner of an account chose a password; all sessions before it have ended."""

    account_id: UUID
    sessions_ended: int


class AccountDisabled(Fact, frozen=True, kw_only=True):
    """An account can no longer be used; its sessions have ended."""

    account_id: UUID
    sessions_ended: int


class AccountEnabled(Fact, frozen=True, kw_only=True):
    """A disabled account can be used again."""

    account_id: UUID


class RoleGranted(Fact, frozen=True, kw_only=True):
    """An account or key may act in a role, everywhere or at one location."""

    grant_id: UUID
    holder_id: UUID
    role: str
    location_id: UUID | None


class RoleRevoked(Fact, frozen=True, kw_only=True):
    """An account or key may no longer act in a role there."""

    grant_id: UUID
    holder_id: UUID
    role: str
    location_id: UUID | None


class KeyIssued(Fact, frozen=True, kw_only=True):
    """A program got a key of its own; its roles are told by facts of their own."""

    key_id: UUID


class KeyRevoked(Fact, frozen=True, kw_only=True):
    """A key can no longer be used."""

    key_id: UUID


class SignedIn(Fact, frozen=True, kw_only=True):
    """A session began."""

    session_id: UUID
    account_id: UUID


class SignedOut(Fact, frozen=True, kw_only=True):
    """A session was ended by its owner."""

    session_id: UUID
    account_id: UUID


class SessionRevoked(Fact, frozen=True, kw_only=True):
    """A session ended with all others of its account, which was disabled or got a new password."""

    session_id: UUID
    account_id: UUID
