"""What the shopping door looks after by itself."""

from datetime import timedelta
from typing import LiteralString

from charsu.channels.ucp.facts import UcpSessionCanceled
from charsu.kernel import Hub, append
from charsu.kernel.work import chore

BATCH = 200
PLATFORMS_KEPT = timedelta(days=30)  # that have made nothing

# What a session's cart holds runs out by itself, and the cart is abandoned in its own time.
_EXPIRE: LiteralString = """
    WITH due AS (
        SELECT id FROM ucp.sessions
        WHERE state IN ('open', 'escalated') AND expires_at <= %(now)s
        ORDER BY expires_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    ), forgotten AS (
        DELETE FROM ucp.buyers b USING due WHERE b.session_id = due.id
    )
    UPDATE ucp.sessions s SET state = 'canceled', version = s.version + 1
    FROM due WHERE s.id = due.id RETURNING s.id, s.version
"""


@chore("ucp.expire_sessions", every_seconds=60)
def expire_sessions(hub: Hub) -> int:
    """End carts and checkouts to which no platform came back, and forget whom they were for."""
    with hub.writing("ucp.expire_sessions") as tx:
        rows = tx.all(_EXPIRE, now=tx.now, limit=BATCH)
        for row in rows:
            fact = UcpSessionCanceled(reason="expired")
            append(tx, fact, subject=row.id, version=row.version)
    return len(rows)


_FORGET: LiteralString = """
    DELETE FROM ucp.platforms WHERE id IN (
        SELECT p.id FROM ucp.platforms p
        WHERE p.fresh_until <= %(before)s
          AND NOT EXISTS (SELECT FROM ucp.sessions s WHERE s.platform_id = p.id)
        LIMIT %(limit)s)
"""


@chore("ucp.forget_platforms", every_seconds=600)
def forget_platforms(hub: Hub) -> int:
    """Forget platforms that only looked, a month after they did."""
    with hub.writing("ucp.forget_platforms") as tx:
        return tx.run(_FORGET, before=tx.now - PLATFORMS_KEPT, limit=BATCH)
