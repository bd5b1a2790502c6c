"""The accounts of people."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from charsu.kernel.access.errors import AccountUnknown
from charsu.kernel.database import Tx
from charsu.kernel.operations import WHOLE_BUSINESS, query
from charsu.kernel.pages import Mark, PageUnknown, cut, read_mark


class AskAccounts(Struct, frozen=True, kw_only=True):
    """A page of accounts, the oldest first."""

    after: Mark | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class RoleHeld(Struct, frozen=True):
    """One grant."""

    grant_id: UUID
    role: str
    location_id: UUID | None


class AccountView(Struct, frozen=True):
    """An account with its roles. Personal data: for those who run accounts."""

    account_id: UUID
    email: str
    name: str
    language: str
    state: str
    made_at: datetime
    roles: tuple[RoleHeld, ...]


class Accounts(Struct, frozen=True):
    """One page; ``next`` asks for the one after."""

    accounts: tuple[AccountView, ...]
    next: str | None


class AskAccount(Struct, frozen=True, kw_only=True):
    """An account that is there."""

    account_id: UUID


_ACCOUNTS = """
    SELECT a.id, a.email, a.name, a.language, a.state, a.made_at,
           coalesce((SELECT jsonb_agg(jsonb_build_array(g.id, g.role, g.location_id) ORDER BY g.id)
                     FROM kernel.role_grants g WHERE g.account_id = a.id), '[]') AS roles
    FROM kernel.accounts a
    WHERE (%(after)s::uuid IS NULL OR a.id > %(after)s)
      AND (%(only)s::uuid IS NULL OR a.id = %(only)s)
    ORDER BY a.id LIMIT %(limit)s
"""


@query(
    "access.accounts",
    permission="access.accounts",
    at=WHOLE_BUSINESS,
    http="GET /v1/accounts",
    raises=(PageUnknown,),
)
def accounts(tx: Tx, ask: AskAccounts) -> Accounts:
    """The accounts of the retailer's people."""
    (last,) = read_mark(ask.after, UUID)
    rows = tx.all(_ACCOUNTS, after=last, only=None, limit=ask.limit + 1)
    shown, more = cut(rows, ask.limit, "id")
    return Accounts(tuple(map(_account, shown)), more)


@query(
    "access.account",
    permission="access.accounts",
    at=WHOLE_BUSINESS,
    http="GET /v1/accounts/{account_id}",
    raises=(AccountUnknown,),
)
def account(tx: Tx, ask: AskAccount) -> AccountView:
    """One account with its roles."""
    row = tx.first(_ACCOUNTS, after=None, only=ask.account_id, limit=1)
    if row is None:
        raise AccountUnknown(ask.account_id)
    return _account(row)


def _account(row: Any) -> AccountView:
    return AccountView(
        row.id, row.email, row.name, row.language, row.state, row.made_at, held_roles(row.roles)
    )


def held_roles(roles: list[list[Any]]) -> tuple[RoleHeld, ...]:
    return msgspec.convert(
        [{"grant_id": grant, "role": role, "location_id": place} for grant, role, place in roles],
        tuple[RoleHeld, ...],
    )
