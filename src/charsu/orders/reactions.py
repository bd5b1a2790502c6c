"""What orders do when the log says something: a count answers whether something was missing."""

from typing import LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.kernel import Seen, Tx, reaction


class _Counted(Struct, frozen=True):
    """A location was counted."""

    location_id: UUID
    variant_ids: tuple[UUID, ...]


# Only what was opened before the count: somebody may have looked in vain since.
_LEFT: LiteralString = """
    WITH counted AS (
        SELECT e.id, coalesce(jsonb_object_agg(l.id, e.lines -> l.id::text)
                              FILTER (WHERE l.variant_id <> ALL(%(variants)s)), '{}') AS left
        FROM orders.exceptions e
        JOIN orders.order_lines l ON e.lines ? l.id::text
        WHERE e.kind = 'recount' AND e.closed_at IS NULL AND e.location_id = %(location)s
          AND e.opened_at <= %(at)s
        GROUP BY e.id
    )
    UPDATE orders.exceptions e
    SET lines = c.left,
        outcome = CASE WHEN c.left = '{}' THEN 'counted' ELSE '' END,
        closed_at = CASE WHEN c.left = '{}' THEN %(at)s::timestamptz END
    FROM counted c WHERE e.id = c.id
"""


@reaction("orders.close_recounts", {"stock.stock_counted": _Counted}, from_start=True)
def close_recounts(tx: Tx, seen: list[Seen[_Counted]]) -> None:
    """Close what asked for a count of what a location could not find, once it was counted."""
    for one in seen:
        tx.run(
            _LEFT,
            location=one.body.location_id,
            variants=list(one.body.variant_ids),
            at=one.at,
        )
