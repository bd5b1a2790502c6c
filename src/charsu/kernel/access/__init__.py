"""Who may come in: accounts, roles, API keys, sessions and guests."""

from charsu.kernel.access.callers import (
    SignedInAccount,
    account_actor,
    account_for_session,
    actor_for_key,
    actor_for_session,
    customer_actor,
    guest_actor,
)
from charsu.kernel.access.email import fold_email
from charsu.kernel.access.errors import (
    AdminExists,
    AlreadyGranted,
    InvitationRefused,
    KeyRefused,
    SessionEnded,
    SignInRefused,
    TooManyAttempts,
)
from charsu.kernel.access.invitations import Invitation, find_invitation
from charsu.kernel.access.operations import (
    create_account,
    disable_account,
    enable_account,
    grant_role,
    invite,
    issue_key,
    revoke_key,
    revoke_role,
)
from charsu.kernel.access.operations.accounts import ChooseAccount, CreateAccount, Invite
from charsu.kernel.access.operations.grants import GrantRole, RevokeRole
from charsu.kernel.access.operations.keys import IssueKey, KeyRole, RevokeKey
from charsu.kernel.access.roles import ROLES, Role
from charsu.kernel.access.signing_in import (
    Session,
    accept_invitation,
    first_admin,
    needs_first_admin,
    open_session,
    sign_in,
    sign_out,
)
from charsu.kernel.access.tokens import (
    digest_of,
    guest_id,
    hint_of,
    hub_secret,
    is_token,
    keyed_digest,
    new_token,
    shop_secret,
)

__all__ = [
    "ROLES",
    "AdminExists",
    "AlreadyGranted",
    "ChooseAccount",
    "CreateAccount",
    "GrantRole",
    "Invitation",
    "InvitationRefused",
    "Invite",
    "IssueKey",
    "KeyRefused",
    "KeyRole",
    "RevokeKey",
    "RevokeRole",
    "Role",
    "Session",
    "SessionEnded",
    "SignInRefused",
    "SignedInAccount",
    "TooManyAttempts",
    "accept_invitation",
    "account_actor",
    "account_for_session",
    "actor_for_key",
    "actor_for_session",
    "create_account",
    "customer_actor",
    "digest_of",
    "disable_account",
    "enable_account",
    "find_invitation",
    "first_admin",
    "fold_email",
    "grant_role",
    "guest_actor",
    "guest_id",
    "hint_of",
    "hub_secret",
    "invite",
    "is_token",
    "issue_key",
    "keyed_digest",
    "needs_first_admin",
    "new_token",
    "open_session",
    "revoke_key",
    "revoke_role",
    "shop_secret",
    "sign_in",
    "sign_out",
]
