"""Old deliveries are forgotten; the facts stay in the log and can be replayed."""

from datetime import timedelta
from typing import LiteralString

from charsu.kernel.database import Tx
from charsu.kernel.settings import Setting

KEPT_DAYS = Setting(
    "webhooks.kept_days", int, 30, "How many days the hub remembers what it has delivered."
)


# The endpoint comes first and then its deliveries, as everywhere.
_LOCK: LiteralString = """
    SELECT id FROM kernel.webhook_endpoints e
    WHERE EXISTS (SELECT FROM kernel.webhook_deliveries d
                  WHERE d.endpoint_id = e.id AND d.state = 'delivered'
                    AND d.delivered_at < %(before)s)
    ORDER BY id FOR NO KEY UPDATE
"""

_FORGET: LiteralString = """
    WITH old AS (
        SELECT endpoint_id, fact_id FROM kernel.webhook_deliveries
        WHERE endpoint_id = ANY(%(endpoints)s) AND state = 'delivered' AND delivered_at < %(before)s
        ORDER BY delivered_at LIMIT %(limit)s
    ), forgotten AS (
        DELETE FROM kernel.webhook_deliveries d USING old
        WHERE d.endpoint_id = old.endpoint_id AND d.fact_id = old.fact_id
        RETURNING d.endpoint_id, d.delivered_at
    ), kept AS (
        UPDATE kernel.webhook_endpoints e SET kept_since = greatest(e.kept_since, f.newest)
        FROM (SELECT endpoint_id, max(delivered_at) AS newest FROM forgotten
              GROUP BY endpoint_id) f
        WHERE e.id = f.endpoint_id
    )
    SELECT count(*) FROM forgotten
"""


def forget_delivered(tx: Tx, *, limit: int = 5000) -> int:
    """Forget the oldest deliveries past their days; how many. Dead letters are kept."""
    before = tx.now - timedelta(days=tx.setting(KEPT_DAYS))
    endpoints = [row.id for row in tx.all(_LOCK, before=before)]
    if not endpoints:
        return 0
    return int(tx.value(_FORGET, endpoints=endpoints, before=before, limit=limit))
