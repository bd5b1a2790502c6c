"""What lies at a location."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import Mark, PageUnknown, Tx, cut, query, read_mark


class AskStock(Struct, frozen=True, kw_only=True):
    """What lies at a location."""

    location_id: UUID
    after: Mark | None = None
    limit: Annotated[int, Meta(ge=1, le=500)] = 100


class StockLevel(Struct, frozen=True, kw_only=True):
    """One variant at a location, in every state."""

    variant_id: UUID
    sku: str
    on_hand: int
    held: int
    on_display: int
    quarantine: int
    in_transit: int
    missing: int


class StockLevels(Struct, frozen=True):
    """A page of levels, by variant; ``next`` asks for those after."""

    items: tuple[StockLevel, ...]
    next: str | None


@query(
    "stock.levels",
    permission="stock.levels",
    at="location_id",
    http="GET /v1/locations/{location_id}/stock",
    raises=(PageUnknown,),
)
def levels(tx: Tx, ask: AskStock) -> StockLevels:
    """What lies at a location, in every state, a page at a time."""
    (last,) = read_mark(ask.after, UUID)
    rows = tx.all(
        """
        SELECT v.id AS variant_id, v.sku,
               coalesce(sum(b.posted) FILTER (WHERE b.kind = 'on_hand'), 0)::bigint AS on_hand,
               coalesce(sum(b.held), 0)::bigint AS held,
               coalesce(sum(b.posted) FILTER (WHERE b.kind = 'on_display'), 0)::bigint
                   AS on_display,
               coalesce(sum(b.posted) FILTER (WHERE b.kind = 'quarantine'), 0)::bigint
                   AS quarantine,
               coalesce(sum(b.posted) FILTER (WHERE b.kind = 'in_transit'), 0)::bigint
                   AS in_transit,
               coalesce(sum(b.shortage), 0)::bigint AS missing
        FROM ledger.balances b JOIN catalog.variants v ON v.id = b.thing_id
        WHERE b.place_id = %(location)s AND (%(last)s::uuid IS NULL OR v.id > %(last)s)
        GROUP BY v.id, v.sku ORDER BY v.id LIMIT %(limit)s
        """,
        location=ask.location_id,
        last=last,
        limit=ask.limit + 1,
    )
    shown, more = cut(rows, ask.limit, "variant_id")
    return StockLevels(tuple(StockLevel(**row._asdict()) for row in shown), more)
