"""The keys of programs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from charsu.kernel.access.queries.accounts import AskAccounts, RoleHeld, held_roles
from charsu.kernel.database import Tx
from charsu.kernel.operations import WHOLE_BUSINESS, query
from charsu.kernel.pages import PageUnknown, cut, read_mark


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
    """One page; ``next`` asks for the one after."""

    keys: tuple[KeyView, ...]
    next: str | None


@query(
    "access.keys",
    permission="access.keys",
    at=WHOLE_BUSINESS,
    http="GET /v1/api-keys",
    raises=(PageUnknown,),
)
def keys(tx: Tx, ask: AskAccounts) -> Keys:
    """The keys of programs, also those revoked or run out."""
    (last,) = read_mark(ask.after, UUID)
    rows = tx.all(
        """
        SELECT k.id, k.label, k.hint, k.issued_by, k.issued_at, k.expires_at, k.revoked_at,
               coalesce((SELECT jsonb_agg(jsonb_build_array(g.id, g.role, g.location_id)
                                          ORDER BY g.id)
                         FROM kernel.role_grants g WHERE g.key_id = k.id), '[]') AS roles
        FROM kernel.api_keys k WHERE %(after)s::uuid IS NULL OR k.id > %(after)s
        ORDER BY k.id LIMIT %(limit)s
        """,
        after=last,
        limit=ask.limit + 1,
    )
    shown, more = cut(rows, ask.limit, "id")
    return Keys(tuple(map(_key, shown)), more)


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
