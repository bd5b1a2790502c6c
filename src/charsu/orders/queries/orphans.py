"""Money that providers promised for payments of which no order came."""

from datetime import datetime
from typing import Annotated, Literal, LiteralString
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from charsu.kernel import Mark, PageUnknown, Tx, cut, query, read_mark


class AskOrphans(Struct, frozen=True, kw_only=True):
    """The newest first; ``after`` asks for those before."""

    after: Mark | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class Orphan(Struct, frozen=True, kw_only=True):
    """Money promised by a provider, and no order to take it for.

    reference   the provider's own, where it is known
    state       waiting: to be let go; stuck: that failed again and again; let_go
    """

    authorization_id: UUID
    provider: str
    reference: str | None
    currency: str
    amount_minor: int
    state: Literal["waiting", "stuck", "let_go"]
    reason: str
    asked_at: datetime


class Orphans(Struct, frozen=True):
    """A page; the others count all in each state."""

    items: tuple[Orphan, ...]
    waiting: int
    stuck: int
    let_go: int
    next: str | None


# What was voided without the provider's promise ever being heard of is none: nobody knows of money.
_ORPHANS: LiteralString = """
    FROM orders.authorizations a
    LEFT JOIN LATERAL (
        SELECT state FROM kernel.processes p
        WHERE (p.id = a.id AND p.step = 'void'
               OR p.subject_id = a.id AND p.kind = 'orders.free_orphan')
          AND p.state IN ('running', 'stuck')
        ORDER BY p.state DESC LIMIT 1
    ) letting ON true
    WHERE a.order_id IS NULL AND a.provider <> 'credit'
      AND (a.freed_at IS NOT NULL OR a.authorized_minor > 0 AND a.state = 'voided'
           OR letting.state IS NOT NULL)
"""

_PAGE: LiteralString = (
    """
    SELECT a.id AS authorization_id, a.provider, a.reference, a.currency,
           a.asked_minor AS amount_minor, a.reason, a.asked_at,
           CASE letting.state WHEN 'running' THEN 'waiting' WHEN 'stuck' THEN 'stuck'
                ELSE 'let_go' END AS state
    """
    + _ORPHANS
    + """ AND (%(last)s::uuid IS NULL OR a.id < %(last)s)
    ORDER BY a.id DESC LIMIT %(limit)s
    """
)

_COUNT: LiteralString = (
    """
    SELECT count(*) FILTER (WHERE letting.state = 'running') AS waiting,
           count(*) FILTER (WHERE letting.state = 'stuck') AS stuck,
           count(*) FILTER (WHERE letting.state IS NULL) AS let_go
    """
    + _ORPHANS
)


def count_orphans(tx: Tx) -> dict[str, int]:
    """How many there are in each state."""
    row = tx.first(_COUNT)
    assert row is not None, "an aggregate has a row"
    return {"waiting": row.waiting, "stuck": row.stuck, "let_go": row.let_go}


@query(
    "orders.orphans",
    permission="orders.reconcile",
    http="GET /v1/orphaned-payments",
    raises=(PageUnknown,),
)
def orphans(tx: Tx, ask: AskOrphans) -> Orphans:
    """Money that was promised for payments that became no order, and whether it was let go."""
    (last,) = read_mark(ask.after, UUID)
    rows = tx.all(_PAGE, last=last, limit=ask.limit + 1)
    shown, more = cut(rows, ask.limit, "authorization_id")
    items = tuple(msgspec.convert(row._asdict(), Orphan) for row in shown)
    counted = count_orphans(tx)
    return Orphans(items, counted["waiting"], counted["stuck"], counted["let_go"], more)
