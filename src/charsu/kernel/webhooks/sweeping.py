"""Old deliveries are forgotten; the facts stay in the log and can be replayed."""

from datetime import timedelta

from charsu.kernel.database import Tx
from charsu.kernel.settings import Setting

KEPT_DAYS = Setting(
    "webhooks.kept_days", int, 30, "How many days the hub remembers what it has delivered."
)


def forget_delivered(tx: Tx, *, limit: int = 5000) -> int:
    """Forget the oldest deliveries past their days; how many. Dead letters are kept."""
    return tx.run(
        """
        DELETE FROM kernel.webhook_deliveries d USING (
            SELECT endpoint_id, fact_id FROM kernel.webhook_deliveries
            WHERE state = 'delivered' AND delivered_at < %(before)s
            ORDER BY delivered_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
        ) old
        WHERE d.endpoint_id = old.endpoint_id AND d.fact_id = old.fact_id
        """,
        before=tx.now - timedelta(days=tx.setting(KEPT_DAYS)),
        limit=limit,
    )
