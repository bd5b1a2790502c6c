"""Why there are so many."""

from datetime import datetime
from typing import Annotated, Any, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import Tx, query


class AskMovements(Struct, frozen=True, kw_only=True):
    """Why there are so many of a variant at a location."""

    location_id: UUID
    variant_id: UUID
    before: Annotated[datetime, Meta(tz=True)] | None = None  # the last of the page before
    limit: Annotated[int, Meta(ge=1, le=500)] = 50


class Movement(Struct, frozen=True, kw_only=True):
    """One change, newest first, with the stand after it."""

    at: datetime
    pieces: int  # more (positive) or fewer
    reason: str
    cause_id: UUID
    actor_id: UUID
    on_hand_after: int


class Movements(Struct, frozen=True):
    """The history of one number."""

    on_hand: int
    items: tuple[Movement, ...]


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
        SELECT at, pieces::bigint, reason, cause_id, actor_id,
               (sum(pieces) OVER (ORDER BY at, id))::bigint AS on_hand_after
        FROM moved
    )
    SELECT *, (SELECT coalesce(sum(posted), 0)::bigint FROM here) AS on_hand FROM told
    WHERE %(before)s::timestamptz IS NULL OR at < %(before)s
    ORDER BY at DESC LIMIT %(limit)s
"""


@query(
    "stock.movements",
    permission="stock.movements",
    at="location_id",
    http="GET /v1/locations/{location_id}/stock/{variant_id}/movements",
)
def movements(tx: Tx, ask: AskMovements) -> Movements:
    """Why is this 47? Each change of what is for sale of a variant at a location, newest first."""
    rows = tx.all(
        _MOVEMENTS,
        location=ask.location_id,
        variant=ask.variant_id,
        before=ask.before,
        limit=ask.limit,
    )
    items = tuple(Movement(**_without_total(row)) for row in rows)
    return Movements(rows[0].on_hand if rows else 0, items)


def _without_total(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row._asdict().items() if name != "on_hand"}
