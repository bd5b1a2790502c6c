"""Verbs that change who may come in."""

from charsu.kernel.access.operations.accounts import (
    create_account,
    disable_account,
    enable_account,
    invite,
)
from charsu.kernel.access.operations.grants import grant_role, revoke_role
from charsu.kernel.access.operations.keys import issue_key, revoke_key
from charsu.kernel.access.operations.own import (
    choose_password,
    create_first_admin,
    end_session,
    start_session,
)

__all__ = [
    "choose_password",
    "create_account",
    "create_first_admin",
    "disable_account",
    "enable_account",
    "end_session",
    "grant_role",
    "invite",
    "issue_key",
    "revoke_key",
    "revoke_role",
    "start_session",
]
