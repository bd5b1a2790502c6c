"""What orders wait for."""

from datetime import datetime
from typing import Literal, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.kernel import Tx

WaitsFor = Literal["payment", "pick", "ship", "collect", "refund"]


class Waits(Struct, frozen=True):
    """How many wait for the same thing, how many of them too long, and since when the first."""

    kind: WaitsFor
    count: int
    late: int
    oldest_at: datetime


_TASKS: LiteralString = """
    SELECT CASE WHEN f.state = 'ready' THEN 'collect'
                WHEN f.kind = 'ship' THEN 'ship' ELSE 'pick' END AS kind,
           count(*) AS count, count(*) FILTER (WHERE f.due_by < %(now)s) AS late,
           min(o.placed_at) AS oldest_at
    FROM orders.fulfillments f JOIN orders.orders o ON o.id = f.order_id
    WHERE f.state IN ('waiting', 'ready')
      AND (%(channel)s::uuid IS NULL OR o.channel_id = %(channel)s)
      AND (%(locations)s::uuid[] IS NULL OR f.location_id = ANY(%(locations)s))
    GROUP BY 1
"""

_PAYMENTS: LiteralString = """
    SELECT 'payment' AS kind, count(*) AS count,
           count(*) FILTER (WHERE o.placed_at < %(now)s - interval '1 day') AS late,
           min(o.placed_at) AS oldest_at
    FROM orders.orders o
    WHERE o.payment_state IN ('pending', 'partly_paid') AND o.state <> 'canceled'
      AND NOT o.is_historical
      AND (%(channel)s::uuid IS NULL OR o.channel_id = %(channel)s)
      AND (%(locations)s::uuid[] IS NULL
           OR EXISTS (SELECT FROM orders.fulfillments f
                      WHERE f.order_id = o.id AND f.location_id = ANY(%(locations)s)))
    HAVING count(*) > 0
"""

# Goods are back and their money is not: what returns are worth, less what was refunded for them.
_REFUNDS: LiteralString = """
    SELECT 'refund' AS kind, count(*) AS count,
           count(*) FILTER (WHERE r.at < %(now)s - interval '1 day') AS late, min(r.at) AS oldest_at
    FROM orders.returns r JOIN orders.orders o ON o.id = r.order_id
    WHERE (SELECT sum(l.refund_minor) FROM orders.return_lines l WHERE l.return_id = r.id)
          > coalesce((SELECT sum(f.amount_minor) FROM orders.refunds f WHERE f.return_id = r.id), 0)
      AND o.captured_minor > o.refunded_minor
      AND (%(channel)s::uuid IS NULL OR o.channel_id = %(channel)s)
      AND (%(locations)s::uuid[] IS NULL OR r.location_id = ANY(%(locations)s))
    HAVING count(*) > 0
"""


def waits(
    tx: Tx, *, channel: UUID | None = None, locations: tuple[UUID, ...] | None = None
) -> list[Waits]:
    """What waits for payment, picking, sending, collection or a refund; what waits for nothing is
    left out."""
    values = {
        "now": tx.now,
        "channel": channel,
        "locations": None if locations is None else list(locations),
    }
    rows = [
        *tx.all(_PAYMENTS, **values),
        *tx.all(_TASKS, **values),
        *tx.all(_REFUNDS, **values),
    ]
    return [Waits(*row) for row in rows]
