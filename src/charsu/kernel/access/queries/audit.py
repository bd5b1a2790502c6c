"""What was done and denied."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel.database import Tx
from charsu.kernel.operations import WHOLE_BUSINESS, query
from charsu.kernel.pages import Mark, Moment, PageUnknown, cut, read_mark


class AskAudit(Struct, frozen=True, kw_only=True):
    """A page of what was done and denied, the newest first."""

    actor_id: UUID | None = None
    after: Mark | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class AuditEntry(Struct, frozen=True):
    """Somebody did something, or was not let."""

    at: datetime
    actor_id: UUID
    operation: str
    outcome: str  # done or denied


class Audit(Struct, frozen=True):
    """One page; ``next`` asks for the one after."""

    entries: tuple[AuditEntry, ...]
    next: str | None


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
    raises=(PageUnknown,),
)
def audit(tx: Tx, ask: AskAudit) -> Audit:
    """What was done and what was denied, by whom and when; ids only."""
    at, entry = (tx.now, "~") if ask.after is None else read_mark(ask.after, Moment, str)
    rows = tx.all(_AUDIT, at=at, entry=entry, actor=ask.actor_id, limit=ask.limit + 1)
    shown, more = cut(rows, ask.limit, "at", "entry")
    return Audit(tuple(AuditEntry(*row[:4]) for row in shown), more)
