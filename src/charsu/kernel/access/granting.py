"""Who holds which role where, and what one may give to another."""

from collections.abc import Collection
from uuid import UUID

from psycopg.errors import UniqueViolation

from charsu.kernel.access.errors import AlreadyGranted, LastAdmin, MoreThanOwn, RoleUnknown
from charsu.kernel.access.facts import RoleGranted
from charsu.kernel.access.roles import ROLES
from charsu.kernel.database import Tx
from charsu.kernel.log import append

_LOCK_ADMINS = 0x61646D696E73  # "admins"

_GRANT = """
    INSERT INTO kernel.role_grants (id, account_id, key_id, role, location_id, granted_at)
    VALUES (%(id)s, %(account)s, %(key)s, %(role)s, %(location)s, %(now)s)
"""

_ADMINS = """
    SELECT count(DISTINCT a.id) FROM kernel.role_grants g
    JOIN kernel.accounts a ON a.id = g.account_id AND a.state <> 'disabled'
    WHERE g.role = 'admin' AND g.location_id IS NULL
"""


def check_may_give(tx: Tx, role: str, location_id: UUID | None) -> None:
    """Raises RoleUnknown, or MoreThanOwn where the caller lacks something that the role allows.

    A role's pattern is held by whoever holds the same or a wider pattern there.
    """
    if role not in ROLES:
        raise RoleUnknown(role)
    there: Collection[UUID] | None = None if location_id is None else (location_id,)
    if not all(tx.actor.may(pattern, there) for pattern in ROLES[role].permissions):
        raise MoreThanOwn(role)


def give(
    tx: Tx,
    *,
    role: str,
    location_id: UUID | None,
    version: int,
    account_id: UUID | None = None,
    key_id: UUID | None = None,
) -> UUID:
    """Give the role and say so; the grant's id. ``version`` is the holder's, just written.

    Raises AlreadyGranted.
    """
    grant_id = tx.new_id()
    try:
        with tx.savepoint():
            tx.run(
                _GRANT,
                id=grant_id,
                account=account_id,
                key=key_id,
                role=role,
                location=location_id,
                now=tx.now,
            )
    except UniqueViolation as twin:
        raise AlreadyGranted(role) from twin
    holder = account_id or key_id
    assert holder is not None, "somebody holds a role"
    fact = RoleGranted(grant_id=grant_id, holder_id=holder, role=role, location_id=location_id)
    append(tx, fact, subject=holder, version=version)
    return grant_id


def lock_admins(tx: Tx) -> None:
    """From here on nobody else adds or takes an administrator until this transaction ends."""
    tx.run("SELECT pg_advisory_xact_lock(%(lock)s)", lock=_LOCK_ADMINS)


def has_admin(tx: Tx) -> bool:
    """Whether some account that is not disabled is administrator of the whole shop."""
    return bool(tx.value(_ADMINS))


def check_admin_left(tx: Tx) -> None:
    """Raises LastAdmin, after a change, where no administrator is left. Needs ``lock_admins``."""
    if not has_admin(tx):
        raise LastAdmin
