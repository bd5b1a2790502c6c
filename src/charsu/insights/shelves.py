"""Empty shelves: variants with nothing left to promise at a location, the most missed first."""

from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.catalog import shown_choice
from charsu.kernel import Tx

MISSED_OVER = timedelta(days=28)


class SoldOut(Struct, frozen=True):
    """A variant that is sold out at a location."""

    variant_id: UUID
    sku: str
    title: str
    choice: tuple[str, ...]  # what tells it from the product's other variants, as it is shown
    location: str
    since: datetime | None  # None where it is all promised and nothing has left yet
    sold_before: int  # pieces sold there in the four weeks before: what is being missed


class SoldOuts(Struct, frozen=True):
    """The most missed of all that is sold out."""

    items: tuple[SoldOut, ...]
    count: int
    kept: int  # variants that locations have or had, in all


# What never arrived has not run out: a shelf counts once something was put on it.
_COUNTS: LiteralString = """
    SELECT count(*) AS kept, count(*) FILTER (WHERE b.is_gone) AS count
    FROM (
        SELECT b.posted - b.held <= 0 AS is_gone
        FROM ledger.balances b
        WHERE b.kind = 'on_hand' AND b.pool_id IS NULL
          AND (%(locations)s::uuid[] IS NULL OR b.place_id = ANY(%(locations)s))
          AND (b.posted > 0
               OR EXISTS (SELECT FROM ledger.transfers t WHERE t.to_account_id = b.account_id))
    ) b
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
          AND (b.posted > 0
               OR EXISTS (SELECT FROM ledger.transfers t WHERE t.to_account_id = b.account_id))
        ORDER BY pieces DESC, b.account_id LIMIT %(limit)s
    )
    SELECT v.id, v.sku, t.title, p.options AS offered, v.options AS chosen, l.name AS location,
           gone.at, m.pieces
    FROM missed m
    JOIN catalog.variants v ON v.id = m.thing_id
    JOIN catalog.products p ON p.id = v.product_id
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
    """What is sold out where, the most missed first; words in the first language there is."""
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
    items = tuple(
        SoldOut(
            row.id,
            row.sku,
            row.title,
            tuple(shown_choice(row.offered, row.chosen, languages)),
            row.location,
            row.at,
            row.pieces,
        )
        for row in rows
    )
    return SoldOuts(items, counts.count, counts.kept)
