"""Roles given and taken back."""

from collections.abc import Collection
from contextlib import suppress
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel.access.errors import (
    AccountUnknown,
    AlreadyGranted,
    GrantUnknown,
    LastAdmin,
    MoreThanOwn,
    RoleUnknown,
)
from charsu.kernel.access.facts import RoleRevoked
from charsu.kernel.access.granting import check_admin_left, check_may_give, give, lock_admins
from charsu.kernel.access.operations.accounts import change_account
from charsu.kernel.access.roles import ROLES
from charsu.kernel.database import Tx
from charsu.kernel.log import append
from charsu.kernel.operations import operation

RoleName = Annotated[
    str, Meta(pattern="^[a-z][a-z_]{0,39}$", extra_json_schema={"examples": sorted(ROLES)})
]


class GrantRole(Struct, frozen=True, kw_only=True):
    """A role for an account, at one location or, without one, everywhere."""

    account_id: UUID
    role: RoleName
    location_id: UUID | None = None


class Granted(Struct, frozen=True):
    """By which the grant can be revoked."""

    grant_id: UUID


class RevokeRole(Struct, frozen=True, kw_only=True):
    """A grant that is there."""

    grant_id: UUID


class Revoked(Struct, frozen=True):
    """Which role is no longer held, and by whom."""

    holder_id: UUID
    role: str
    location_id: UUID | None


def _place_of_grant(tx: Tx, ask: RevokeRole) -> Collection[UUID] | None:
    location: UUID | None = tx.value(
        "SELECT location_id FROM kernel.role_grants WHERE id = %(id)s", id=ask.grant_id
    )
    return None if location is None else (location,)


@operation(
    "access.grant_role",
    permission="access.grant_role",
    at="location_id",
    http="POST /v1/grants",
    raises=(AccountUnknown, RoleUnknown, MoreThanOwn, AlreadyGranted),
)
def grant_role(tx: Tx, ask: GrantRole) -> Granted:
    """Let an account act in a role, everywhere or at one location.

    Nobody gives more than they hold. It holds from the account's next request on.
    """
    check_may_give(tx, ask.role, ask.location_id)
    lock_admins(tx)
    account = change_account(tx, ask.account_id)
    return Granted(
        give(
            tx,
            role=ask.role,
            location_id=ask.location_id,
            account_id=ask.account_id,
            version=account.version,
        )
    )


@operation(
    "access.revoke_role",
    permission="access.revoke_role",
    at=_place_of_grant,
    http="DELETE /v1/grants/{grant_id}",
    raises=(GrantUnknown, LastAdmin, MoreThanOwn),
)
def revoke_role(tx: Tx, ask: RevokeRole) -> Revoked:
    """Take a role back from an account or a key. The shop keeps at least one administrator.

    Nobody takes what they could not have given.
    """
    lock_admins(tx)
    grant = _take(tx, ask.grant_id)
    if grant.role == "admin" and grant.location_id is None and grant.account_id is not None:
        check_admin_left(tx)
    holder: UUID = grant.account_id or grant.key_id
    fact = RoleRevoked(
        grant_id=ask.grant_id, holder_id=holder, role=grant.role, location_id=grant.location_id
    )
    append(tx, fact, subject=holder, version=_next_version(tx, grant))
    return Revoked(holder, grant.role, grant.location_id)


def _take(tx: Tx, grant_id: UUID) -> Any:
    grant = tx.first(
        """
        DELETE FROM kernel.role_grants WHERE id = %(id)s
        RETURNING account_id, key_id, role, location_id
        """,
        id=grant_id,
    )
    if grant is None:
        raise GrantUnknown(grant_id)
    with suppress(RoleUnknown):  # a role that is gone gives nothing and may always be taken back
        check_may_give(tx, grant.role, grant.location_id)
    return grant


def _next_version(tx: Tx, grant: Any) -> int:
    if grant.account_id is not None:
        return int(change_account(tx, grant.account_id).version)
    return int(
        tx.value(
            "UPDATE kernel.api_keys SET version = version + 1 WHERE id = %(id)s RETURNING version",
            id=grant.key_id,
        )
    )
