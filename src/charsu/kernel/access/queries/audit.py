"""What was done and denied."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from charsu.kernel.access.queries.pages import CursorInvalid, CursorText, PageSize, pack, unpack
from charsu.kernel.database import Tx
from charsu.kernel.operations import WHOLE_BUSINESS, query


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
    return Audit(shown, pack(_AuditCursor(last.at, last.entry)))


def _audit_cursor(cursor: str) -> _AuditCursor:
    found: _AuditCursor = unpack(cursor, _AuditCursor)
    if found.at.tzinfo is None or len(found.entry) > 64:
        raise CursorInvalid
    return found
