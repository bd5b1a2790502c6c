"""Taking due deliveries in hand, in turn over the endpoints, and making their messages."""

from collections.abc import Iterable
from datetime import timedelta
from typing import LiteralString
from uuid import UUID

import structlog
from msgspec import Struct

from charsu.kernel.database import Tx
from charsu.kernel.log import LoggedFact, read_facts
from charsu.kernel.webhooks.rendering import CONTENT_TYPE, Renderers, cloud_event, message_id
from charsu.kernel.webhooks.signing import signed_headers

LEASE = timedelta(minutes=1)  # longer than any call; a killed worker's deliveries wait this long
AT_ONCE_PER_ENDPOINT = 4  # and 1 while it fails, so that a slow receiver holds nobody else up
_log = structlog.get_logger("charsu.webhooks")


class Claim(Struct, frozen=True):
    """A delivery that this worker has until its lease ends."""

    endpoint_id: UUID
    fact_id: UUID
    attempt: int  # this one; the first is 1
    url: str


class Message(Struct, frozen=True):
    """What is to be sent; no body where it could not be rendered."""

    claim: Claim
    headers: dict[str, str]
    body: bytes | None


# An endpoint is locked while its deliveries are chosen, so that two workers together do not send
# it more at once than one would; whoever finds it locked passes it by.
_CLAIM: LiteralString = """
    WITH room AS (
        SELECT e.id, e.url, greatest(0,
            CASE WHEN e.failures_in_row > 0 THEN 1 ELSE %(at_once)s END
            - (SELECT count(*) FROM kernel.webhook_deliveries busy
               WHERE busy.endpoint_id = e.id AND busy.state = 'pending'
                 AND busy.leased_until > %(now)s)) AS free
        FROM kernel.webhook_endpoints e
        WHERE e.state = 'active'
          AND EXISTS (SELECT FROM kernel.webhook_deliveries due
                      WHERE due.endpoint_id = e.id AND due.state = 'pending'
                        AND due.due_at <= %(now)s)
        ORDER BY e.id FOR NO KEY UPDATE OF e SKIP LOCKED
    ), waiting AS (
        SELECT d.endpoint_id, d.fact_id, d.due_at, room.url,
               row_number() OVER (PARTITION BY d.endpoint_id ORDER BY d.due_at, d.fact_id) AS turn
        FROM room CROSS JOIN LATERAL (
            SELECT endpoint_id, fact_id, due_at FROM kernel.webhook_deliveries
            WHERE endpoint_id = room.id AND state = 'pending' AND due_at <= %(now)s
              AND (leased_until IS NULL OR leased_until <= %(now)s)
            ORDER BY due_at, fact_id LIMIT room.free FOR UPDATE SKIP LOCKED) d
    ), chosen AS (
        SELECT endpoint_id, fact_id, url FROM waiting ORDER BY turn, due_at, fact_id LIMIT %(limit)s
    )
    UPDATE kernel.webhook_deliveries d
    SET leased_until = %(now)s + %(lease)s::interval, attempts = d.attempts + 1
    FROM chosen c WHERE d.endpoint_id = c.endpoint_id AND d.fact_id = c.fact_id
    RETURNING d.endpoint_id, d.fact_id, d.attempts, c.url
"""


def claim_messages(tx: Tx, renderers: Renderers, *, limit: int) -> list[Message]:
    """Up to ``limit`` deliveries that are due, leased to this worker, as signed messages."""
    rows = tx.all(_CLAIM, now=tx.now, lease=LEASE, at_once=AT_ONCE_PER_ENDPOINT, limit=limit)
    claims = [Claim(*row) for row in rows]
    if not claims:
        return []
    facts = read_facts(tx, {claim.fact_id for claim in claims})
    bodies = {fact.id: _rendered(tx, fact, renderers) for fact in facts.values()}
    keys = _valid_secrets(tx, {claim.endpoint_id for claim in claims})
    return [
        _message(tx, claim, bodies.get(claim.fact_id), keys[claim.endpoint_id]) for claim in claims
    ]


def _rendered(tx: Tx, fact: LoggedFact, renderers: Renderers) -> bytes | None:
    """A renderer that fails takes no other delivery with it."""
    try:
        with tx.savepoint():
            return cloud_event(tx, fact, renderers)
    except Exception:
        _log.exception("not_rendered", fact=str(fact.id), name=fact.name)
        return None


def _valid_secrets(tx: Tx, endpoint_ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    rows = tx.all(
        """
        SELECT endpoint_id, array_agg(secret ORDER BY valid_until DESC NULLS FIRST) AS secrets
        FROM kernel.webhook_secrets
        WHERE endpoint_id = ANY(%(ids)s) AND (valid_until IS NULL OR valid_until > %(now)s)
        GROUP BY endpoint_id
        """,
        ids=list(endpoint_ids),
        now=tx.now,
    )
    return {row.endpoint_id: row.secrets for row in rows}


def _message(tx: Tx, claim: Claim, body: bytes | None, keys: list[str]) -> Message:
    name = message_id(claim.endpoint_id, claim.fact_id)
    signed = signed_headers(name, body or b"", keys=keys, at=tx.now)
    return Message(claim, {"content-type": CONTENT_TYPE, **signed}, body)
