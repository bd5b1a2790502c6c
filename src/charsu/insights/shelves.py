"""Empty shelves: variants with nothing left to promise at a location, the most missed first."""

from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.kernel import Tx

MISSED_OVER = timedelta(days=28)


class SoldOut(Struct, frozen=True):
    """A variant that is sold out at a location."""

    variant_id: UUID
    sku: str
    title: str
    options: dict[str, str]
    location: str
    since: datetime | None  # None where there never was any
    sold_before: int  # pieces sold there in the four weeks before: what is being missed


class SoldOuts(Struct, frozen=True):
    """The most missed of all that is sold out."""

    items: tuple[SoldOut, ...]
    count: int
    kept: int  # variants kept at locations in all


_COUNTS: LiteralString = """
    SELECT count(*) AS kept, count(*) FILTER (WHERE b.posted - b.held <= 0) AS count
    FROM ledger.balances b
    WHERE b.kind = 'on_hand' AND b.pool_id IS NULL
      AND (%(locations)s::uuid[] IS NULL OR b.place_id = ANY(%(locations)s))
"""

_SOLD_OUT: LiteralString = """
    WITH missed AS (  -- sales are looked up for what is empty only: much is sold, little is empty
        SELECT b.account_id, b.thing_id, b.place_id, coalesce(s.pieces, 0) AS pieces
        FROM ledger.balances b
        CROSS JOIN LATERAL (
            SELECT sum(t.amount)::bigint AS pieces FROM ledger.transfers t
            WHERE t.from_account_id = b.account_id AND t.reason = 'sold'
              AND t.at > %(since)s AND t.at <= %(now)s
        ) s
        WHERE b.kind = 'on_hand' AND b.pool_id IS NULL AND b.posted - b.held <= 0
          AND (%(locations)s::uuid[] IS NULL OR b.place_id = ANY(%(locations)s))
        ORDER BY pieces DESC, b.account_id LIMIT %(limit)s
    )
    SELECT v.id, v.sku, t.title, v.options, l.name, gone.at, m.pieces
    FROM missed m
    JOIN catalog.variants v ON v.id = m.thing_id
    JOIN stock.locations l ON l.id = m.place_id
    CROSS JOIN LATERAL (
        SELECT title FROM catalog.product_texts t WHERE t.product_id = v.product_id
        ORDER BY array_position(%(languages)s::text[], t.language), t.language LIMIT 1
    ) t
    CROSS JOIN LATERAL (
        SELECT max(at) AS at FROM ledger.transfers
        WHERE from_account_id = m.account_id
    ) gone
    ORDER BY m.pieces DESC, t.title, v.id
"""


def sold_out(
    tx: Tx,
    *,
    languages: list[str],
    locations: tuple[UUID, ...] | None = None,
    limit: int = 8,
) -> SoldOuts:
    """What is sold out where, the most missed first; titles in the first language there is."""
    places = None if locations is None else list(locations)
    counts = tx.first(_COUNTS, locations=places)
    rows = tx.all(
        _SOLD_OUT,
        since=tx.now - MISSED_OVER,
        now=tx.now,
        locations=places,
        languages=languages,
        limit=limit,
    )
    assert counts is not None
    return SoldOuts(tuple(SoldOut(*row) for row in rows), counts.count, counts.kept)
