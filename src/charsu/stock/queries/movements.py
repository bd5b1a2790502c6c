"""Why there are so many."""

from datetime import datetime
from typing import Annotated, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import Mark, Moment, PageUnknown, Tx, cut, query, read_mark


class AskMovements(Struct, frozen=True, kw_only=True):
    """Why there are so many of a variant at a location."""

    location_id: UUID
    variant_id: UUID
    after: Mark | None = None
    limit: Annotated[int, Meta(ge=1, le=500)] = 50


class Movement(Struct, frozen=True, kw_only=True):
    """One change, newest first, with the stand after it."""

    id: UUID
    at: datetime
    pieces: int  # more (positive) or fewer
    reason: str
    cause_id: UUID
    actor_id: UUID
    on_hand_after: int


class Movements(Struct, frozen=True):
    """The history of one number; ``next`` asks for what came before."""

    on_hand: int
    items: tuple[Movement, ...]
    next: str | None


_MOVEMENTS: LiteralString = """
    WITH here AS (
        SELECT account_id, posted FROM ledger.balances
        WHERE place_id = %(location)s AND thing_id = %(variant)s AND kind = 'on_hand'
    ), moved AS (
        SELECT t.id, t.at, t.amount AS pieces, t.reason, t.cause_id, t.actor_id
        FROM ledger.transfers t JOIN here ON here.account_id = t.to_account_id
        UNION ALL
        SELECT t.id, t.at, -t.amount, t.reason, t.cause_id, t.actor_id
        FROM ledger.transfers t JOIN here ON here.account_id = t.from_account_id
    ), told AS (
        SELECT id, at, pieces::bigint, reason, cause_id, actor_id,
               (sum(pieces) OVER (ORDER BY at, id))::bigint AS on_hand_after
        FROM moved
    )
    SELECT * FROM told
    WHERE %(at)s::timestamptz IS NULL OR (at, id) < (%(at)s, %(last)s)
    ORDER BY at DESC, id DESC LIMIT %(limit)s
"""

_ON_HAND: LiteralString = """
    SELECT coalesce(sum(posted), 0)::bigint FROM ledger.balances
    WHERE place_id = %(location)s AND thing_id = %(variant)s AND kind = 'on_hand'
"""


@query(
    "stock.movements",
    permission="stock.movements",
    at="location_id",
    http="GET /v1/locations/{location_id}/stock/{variant_id}/movements",
    raises=(PageUnknown,),
)
def movements(tx: Tx, ask: AskMovements) -> Movements:
    """Why is this 47? Each change of what is for sale of a variant at a location, newest first."""
    at, last = read_mark(ask.after, Moment, UUID)
    here = {"location": ask.location_id, "variant": ask.variant_id}
    rows = tx.all(_MOVEMENTS, **here, at=at, last=last, limit=ask.limit + 1)
    shown, more = cut(rows, ask.limit, "at", "id")
    items = tuple(Movement(**row._asdict()) for row in shown)
    return Movements(tx.value(_ON_HAND, **here), items, more)
