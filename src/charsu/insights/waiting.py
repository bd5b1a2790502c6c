"""What orders wait for."""

from datetime import datetime
from typing import Literal, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.kernel import Tx

WaitsFor = Literal["payment", "pick", "ship", "collect", "refund"]


class Waits(Struct, frozen=True):
    """How many orders wait for the same thing, how many of them too long, since when the first."""

    kind: WaitsFor
    count: int
    late: int
    oldest_at: datetime


# One row for each thing that an order waits for; of these the order stands under the first alone,
# so that the counts add up to orders. A parcel leaves when it is paid; what is fetched or bought at
# a counter is paid there, so its goods come first.
_WAITS: LiteralString = """
    WITH steps AS (
        SELECT o.id, s.kind, s.place, f.due_by < %(now)s AS is_late, o.placed_at AS since
        FROM orders.fulfillments f JOIN orders.orders o ON o.id = f.order_id
        CROSS JOIN LATERAL (
            SELECT CASE WHEN f.state = 'ready' THEN 'collect' WHEN f.kind = 'ship' THEN 'ship'
                        ELSE 'pick' END,
                   CASE WHEN f.state = 'ready' THEN 3 ELSE 2 END
        ) s (kind, place)
        WHERE f.state IN ('waiting', 'ready')
          AND (%(channel)s::uuid IS NULL OR o.channel_id = %(channel)s)
          AND (%(locations)s::uuid[] IS NULL OR f.location_id = ANY(%(locations)s))
        UNION ALL
        SELECT o.id, 'payment', CASE WHEN o.kind = 'ship' THEN 1 ELSE 4 END,
               o.placed_at < %(now)s - interval '1 day', o.placed_at
        FROM orders.orders o
        WHERE o.payment_state IN ('pending', 'partly_paid') AND o.state <> 'canceled'
          AND NOT o.is_historical
          AND (%(channel)s::uuid IS NULL OR o.channel_id = %(channel)s)
          AND (%(locations)s::uuid[] IS NULL
               OR EXISTS (SELECT FROM orders.fulfillments f
                          WHERE f.order_id = o.id AND f.location_id = ANY(%(locations)s)))
        UNION ALL
        -- goods are back, and of what they are worth less was given back
        SELECT o.id, 'refund', 5, r.at < %(now)s - interval '1 day', r.at
        FROM orders.returns r JOIN orders.orders o ON o.id = r.order_id
        WHERE (SELECT sum(l.refund_minor) FROM orders.return_lines l WHERE l.return_id = r.id)
              > coalesce((SELECT sum(f.amount_minor) FROM orders.refunds f
                          WHERE f.return_id = r.id), 0)
          AND o.captured_minor > o.refunded_minor
          AND (%(channel)s::uuid IS NULL OR o.channel_id = %(channel)s)
          AND (%(locations)s::uuid[] IS NULL OR r.location_id = ANY(%(locations)s))
    ), first AS (
        SELECT DISTINCT ON (id) kind, place, is_late, since FROM steps
        ORDER BY id, place, is_late DESC NULLS LAST, since
    )
    SELECT kind, count(*) AS count, count(*) FILTER (WHERE is_late) AS late,
           min(since) AS oldest_at
    FROM first GROUP BY kind
"""


def waits(
    tx: Tx, *, channel: UUID | None = None, locations: tuple[UUID, ...] | None = None
) -> list[Waits]:
    """Orders by what they wait for next, each order once; kinds without any are left out.

    Late: past what was promised; money that has been due for a day.
    """
    rows = tx.all(
        _WAITS,
        now=tx.now,
        channel=channel,
        locations=None if locations is None else list(locations),
    )
    return [Waits(*row) for row in rows]
