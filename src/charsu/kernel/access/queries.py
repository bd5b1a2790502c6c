"""Questions about who may come in and what they did."""

import base64
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from charsu.kernel.access.errors import AccountUnknown
from charsu.kernel.access.roles import ROLES
from charsu.kernel.actors import ActorKind
from charsu.kernel.database import Tx
from charsu.kernel.errors import Invalid
from charsu.kernel.operations import WHOLE_BUSINESS, query

PageSize = Annotated[int, Meta(ge=1, le=200)]
CursorText = Annotated[str, Meta(max_length=300)]


class CursorInvalid(Invalid):
    """A cursor is the ``next_cursor`` of an earlier page, unchanged."""

    code = "cursor_invalid"

    def __init__(self) -> None:
        super().__init__("This cursor does not come from an earlier page.")


class WhoAmI(Struct, frozen=True, kw_only=True):
    """Nothing more needs to be said."""


class GrantView(Struct, frozen=True):
    """Permission patterns, everywhere (no locations said) or at these locations."""

    permissions: tuple[str, ...]
    location_ids: tuple[UUID, ...] | None


class Me(Struct, frozen=True):
    """The caller as the hub sees them."""

    id: UUID
    kind: ActorKind
    language: str
    grants: tuple[GrantView, ...]


class AskAccounts(Struct, frozen=True, kw_only=True):
    """A page of accounts, the oldest first."""

    limit: PageSize = 50
    cursor: CursorText | None = None


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
    """One page; without ``next_cursor`` it is the last."""

    accounts: tuple[AccountView, ...]
    next_cursor: str | None


class AskAccount(Struct, frozen=True, kw_only=True):
    """An account that is there."""

    account_id: UUID


class KeyView(Struct, frozen=True):
    """An API key; its secret is known only to its holder."""

    key_id: UUID
    label: str
    hint: str
    issued_by: UUID
    issued_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    roles: tuple[RoleHeld, ...]


class Keys(Struct, frozen=True):
    """One page; without ``next_cursor`` it is the last."""

    keys: tuple[KeyView, ...]
    next_cursor: str | None


class RoleView(Struct, frozen=True):
    """A role and what it allows."""

    role: str
    title: str
    permissions: tuple[str, ...]


class Roles(Struct, frozen=True):
    """Every role."""

    roles: tuple[RoleView, ...]


class AskAudit(Struct, frozen=True, kw_only=True):
    """A page of what was done and denied, the newest first."""

    limit: PageSize = 50
    cursor: CursorText | None = None
    actor_id: UUID | None = None


class AuditEntry(Struct, frozen=True):
    """Somebody did something, or was not let."""

    at: datetime
    actor_id: UUID
    operation: str
    outcome: str  # done or denied


class Audit(Struct, frozen=True):
    """One page; without ``next_cursor`` it is the last."""

    entries: tuple[AuditEntry, ...]
    next_cursor: str | None


class _AuditCursor(Struct, frozen=True, array_like=True):
    at: datetime
    entry: str


@query("access.me", permission="access.me", http="GET /v1/me")
def me(tx: Tx, ask: WhoAmI) -> Me:  # noqa: ARG001
    """Who is asking, and what they may do where."""
    grants = tuple(
        GrantView(
            tuple(sorted(grant.permissions)),
            None if grant.location_ids is None else tuple(sorted(grant.location_ids)),
        )
        for grant in tx.actor.grants
    )
    return Me(tx.actor.id, tx.actor.kind, tx.actor.language, grants)


@query("access.roles", permission="access.roles", http="GET /v1/roles")
def roles(tx: Tx, ask: WhoAmI) -> Roles:  # noqa: ARG001
    """Every role with the permissions it gives."""
    return Roles(
        tuple(
            RoleView(role.name, role.title, tuple(sorted(role.permissions)))
            for role in ROLES.values()
        )
    )


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
    raises=(CursorInvalid,),
)
def accounts(tx: Tx, ask: AskAccounts) -> Accounts:
    """The accounts of the retailer's people."""
    rows = tx.all(_ACCOUNTS, after=_after(ask.cursor), only=None, limit=ask.limit + 1)
    return Accounts(tuple(map(_account, rows[: ask.limit])), _next(rows, ask.limit))


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


@query(
    "access.keys",
    permission="access.keys",
    at=WHOLE_BUSINESS,
    http="GET /v1/api-keys",
    raises=(CursorInvalid,),
)
def keys(tx: Tx, ask: AskAccounts) -> Keys:
    """The keys of programs, also those revoked or run out."""
    rows = tx.all(
        """
        SELECT k.id, k.label, k.hint, k.issued_by, k.issued_at, k.expires_at, k.revoked_at,
               coalesce((SELECT jsonb_agg(jsonb_build_array(g.id, g.role, g.location_id)
                                          ORDER BY g.id)
                         FROM kernel.role_grants g WHERE g.key_id = k.id), '[]') AS roles
        FROM kernel.api_keys k WHERE %(after)s::uuid IS NULL OR k.id > %(after)s
        ORDER BY k.id LIMIT %(limit)s
        """,
        after=_after(ask.cursor),
        limit=ask.limit + 1,
    )
    shown = tuple(map(_key, rows[: ask.limit]))
    return Keys(shown, _next(rows, ask.limit))


# Effects have no id of their own, and their key may hold anything: its digest breaks ties.
_AUDIT = """
    SELECT at, actor_id, operation, outcome, entry FROM (
        SELECT at, actor_id, operation, 'done' AS outcome,
               md5(actor_id::text || operation || key) AS entry FROM kernel.effects
        WHERE at <= %(at)s AND (%(actor)s::uuid IS NULL OR actor_id = %(actor)s)
        UNION ALL
        SELECT at, actor_id, operation, 'denied', md5(id::text) FROM kernel.denials
        WHERE at <= %(at)s AND (%(actor)s::uuid IS NULL OR actor_id = %(actor)s)
    ) AS done_or_denied
    WHERE (at, entry) < (%(at)s, %(entry)s)
    ORDER BY at DESC, entry DESC LIMIT %(limit)s
"""


@query(
    "access.audit",
    permission="access.audit",
    at=WHOLE_BUSINESS,
    http="GET /v1/audit",
    raises=(CursorInvalid,),
)
def audit(tx: Tx, ask: AskAudit) -> Audit:
    """What was done and what was denied, by whom and when; ids only."""
    start = _audit_cursor(ask.cursor) if ask.cursor else _AuditCursor(tx.now, "~")
    rows = tx.all(_AUDIT, at=start.at, entry=start.entry, actor=ask.actor_id, limit=ask.limit + 1)
    shown = tuple(AuditEntry(*row[:4]) for row in rows[: ask.limit])
    if len(rows) <= ask.limit:
        return Audit(shown, None)
    last = rows[ask.limit - 1]
    return Audit(shown, _pack(_AuditCursor(last.at, last.entry)))


def _account(row: Any) -> AccountView:
    return AccountView(
        row.id, row.email, row.name, row.language, row.state, row.made_at, _held(row.roles)
    )


def _key(row: Any) -> KeyView:
    return KeyView(
        row.id,
        row.label,
        row.hint,
        row.issued_by,
        row.issued_at,
        row.expires_at,
        row.revoked_at,
        _held(row.roles),
    )


def _held(roles: list[list[Any]]) -> tuple[RoleHeld, ...]:
    return msgspec.convert(
        [{"grant_id": grant, "role": role, "location_id": place} for grant, role, place in roles],
        tuple[RoleHeld, ...],
    )


def _next(rows: list[Any], limit: int) -> str | None:
    return _pack(rows[limit - 1].id) if len(rows) > limit else None


def _after(cursor: str | None) -> UUID | None:
    return None if cursor is None else _unpack(cursor, UUID)


def _audit_cursor(cursor: str) -> _AuditCursor:
    found: _AuditCursor = _unpack(cursor, _AuditCursor)
    if found.at.tzinfo is None or len(found.entry) > 64:
        raise CursorInvalid
    return found


def _pack(place: object) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def _unpack(cursor: str, kind: Any) -> Any:
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(cursor + "=" * 3), type=kind)
    except (ValueError, msgspec.DecodeError) as problem:
        raise CursorInvalid from problem
