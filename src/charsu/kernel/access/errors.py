"""What is refused at the door, and why."""

from datetime import timedelta
from uuid import UUID

from charsu.kernel.errors import Conflict, Forbidden, Invalid, Limited, NotFound, Unauthorized


class EmailTaken(Conflict):
    """Another account has this e-mail address; addresses that differ only in case are one."""

    code = "email_taken"

    def __init__(self) -> None:
        super().__init__("Another account has this e-mail address.")


class PasswordTooShort(Invalid):
    """The password has too few characters."""

    code = "password_too_short"

    def __init__(self, least: int) -> None:
        super().__init__("A password has {least} characters or more.", least=least)


class PasswordTooLong(Invalid):
    """The password has too many characters."""

    code = "password_too_long"

    def __init__(self, most: int) -> None:
        super().__init__("A password has {most} characters or fewer.", most=most)


class PasswordTooObvious(Invalid):
    """The password would be among the first that anybody tries."""

    code = "password_too_obvious"

    def __init__(self) -> None:
        super().__init__("This password is too easy to guess.")


class SignInRefused(Unauthorized):
    """The e-mail address and the password do not belong together; it is not said which is wrong."""

    code = "sign_in_refused"

    def __init__(self) -> None:
        super().__init__("The e-mail address or the password is wrong.")


class TooManyAttempts(Limited):
    """Too many failed sign-ins with this name or from this address."""

    code = "too_many_attempts"

    def __init__(self, wait: timedelta) -> None:
        seconds = max(1, round(wait.total_seconds()))
        super().__init__(
            "Too many attempts; try again in {retry_after} seconds.", retry_after=seconds
        )


class KeyRefused(Unauthorized):
    """The API key is unknown, has expired or was revoked."""

    code = "key_refused"

    def __init__(self) -> None:
        super().__init__("This API key is unknown or no longer valid.")


class SessionEnded(Unauthorized):
    """The session is unknown, has expired or was signed out."""

    code = "session_ended"

    def __init__(self) -> None:
        super().__init__("You are no longer signed in.")


class InvitationRefused(Unauthorized):
    """The one-time token is unknown, was used, or has expired."""

    code = "invitation_refused"

    def __init__(self) -> None:
        super().__init__("This invitation is unknown, was used, or has expired.")


class AccountUnknown(NotFound):
    """There is no such account."""

    code = "account_unknown"

    def __init__(self, account_id: UUID) -> None:
        super().__init__("account", account_id)


class KeyUnknown(NotFound):
    """There is no such API key."""

    code = "api_key_unknown"

    def __init__(self, key_id: UUID) -> None:
        super().__init__("API key", key_id)


class GrantUnknown(NotFound):
    """There is no such grant."""

    code = "grant_unknown"

    def __init__(self, grant_id: UUID) -> None:
        super().__init__("grant", grant_id)


class RoleUnknown(Invalid):
    """No role has this name."""

    code = "role_unknown"

    def __init__(self, role: str) -> None:
        super().__init__("There is no role {role}.", role=role)


class MoreThanOwn(Forbidden):
    """Nobody can give a role that allows more than they may do themselves."""

    code = "more_than_own"

    def __init__(self, role: str) -> None:
        super().__init__("The role {role} allows more than you may do yourself.", role=role)


class AlreadyGranted(Conflict):
    """The holder has this role there already."""

    code = "already_granted"

    def __init__(self, role: str) -> None:
        super().__init__("The role {role} is granted there already.", role=role)


class LastAdmin(Conflict):
    """Somebody must be left who can let others in."""

    code = "last_admin"

    def __init__(self) -> None:
        super().__init__("The shop would be left without an administrator.")


class AccountNotInvited(Conflict):
    """A disabled account gets no invitation; enable it first."""

    code = "account_disabled"

    def __init__(self) -> None:
        super().__init__("The account is disabled.")


class AdminExists(Conflict):
    """The shop has its first administrator already."""

    code = "admin_exists"

    def __init__(self) -> None:
        super().__init__("The shop has an administrator already.")


class SecretTaken(Conflict):
    """The digest belongs to a secret that was used before; make a new one."""

    code = "secret_taken"

    def __init__(self) -> None:
        super().__init__("This secret was used before; make a new one.")
