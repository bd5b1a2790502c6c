"""The keys of programs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from charsu.kernel.access.queries.accounts import AskAccounts, RoleHeld, held_roles
from charsu.kernel.access.queries.pages import CursorInvalid, after_mark, next_mark
from charsu.kernel.database import Tx
from charsu.kernel.operations import WHOLE_BUSINESS, query


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
        after=after_mark(ask.cursor),
        limit=ask.limit + 1,
    )
    shown = tuple(map(_key, rows[: ask.limit]))
    return Keys(shown, next_mark(rows, ask.limit))


def _key(row: Any) -> KeyView:
    return KeyView(
        row.id,
        row.label,
        row.hint,
        row.issued_by,
        row.issued_at,
        row.expires_at,
        row.revoked_at,
        held_roles(row.roles),
    )
