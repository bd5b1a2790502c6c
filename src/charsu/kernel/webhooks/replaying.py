"""Sending again what was sent, given up, or never sent."""

from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

from charsu.kernel.database import Tx
from charsu.kernel.errors import NotFound
from charsu.kernel.webhooks.errors import TooMuchToReplay
from charsu.kernel.webhooks.model import wants

REPLAY_MAX = 20_000

_DEAD: LiteralString = """
    UPDATE kernel.webhook_deliveries
    SET state = 'pending', attempts = 0, due_at = %(now)s, leased_until = NULL
    WHERE endpoint_id = %(endpoint)s AND state = 'dead'
"""

_FACTS: LiteralString = """
    INSERT INTO kernel.webhook_deliveries (endpoint_id, fact_id, created_at, due_at)
    SELECT %(endpoint)s, fact, %(now)s, %(now)s FROM unnest(%(facts)s::uuid[]) AS wanted (fact)
    ON CONFLICT (endpoint_id, fact_id) DO UPDATE
    SET state = 'pending', attempts = 0, due_at = %(now)s, leased_until = NULL, delivered_at = NULL
"""


def replay_dead(tx: Tx, endpoint_id: UUID) -> int:
    """All that was given up; how many."""
    return tx.run(_DEAD, endpoint=endpoint_id, now=tx.now)


def replay_fact(tx: Tx, endpoint_id: UUID, fact_id: UUID) -> int:
    """One fact, wanted or not. Raises NotFound where the log does not know it."""
    if tx.value("SELECT id FROM kernel.facts WHERE id = %(id)s", id=fact_id) is None:
        raise NotFound("fact", fact_id)
    return tx.run(_FACTS, endpoint=endpoint_id, facts=[fact_id], now=tx.now)


def replay_since(tx: Tx, endpoint_id: UUID, since: datetime) -> int:
    """All that the endpoint wants and that happened since, also what it was never sent.

    Raises TooMuchToReplay where that is more than REPLAY_MAX facts.
    """
    facts = tx.all(
        """
        SELECT id, name FROM kernel.facts
        WHERE id >= %(first)s AND at >= %(since)s AND NOT is_historical
        ORDER BY id LIMIT %(limit)s
        """,
        first=_first_id_at(since),
        since=since,
        limit=REPLAY_MAX + 1,
    )
    if len(facts) > REPLAY_MAX:
        raise TooMuchToReplay(REPLAY_MAX)
    events = tx.value(
        "SELECT events FROM kernel.webhook_endpoints WHERE id = %(id)s", id=endpoint_id
    )
    wanted = [fact.id for fact in facts if wants(events, fact.name)]
    return tx.run(_FACTS, endpoint=endpoint_id, facts=wanted, now=tx.now) if wanted else 0


def _first_id_at(time: datetime) -> UUID:
    """No fact of this time or later has a smaller id: its first 48 bits are milliseconds."""
    milliseconds = max(0, int((time - timedelta(seconds=1)).timestamp() * 1000))
    return UUID(int=milliseconds << 80)
