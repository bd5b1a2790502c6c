"""How an attempt came out, and what follows from it."""

import random
from datetime import timedelta
from typing import Any

from msgspec import Struct

from charsu.kernel.database import Tx
from charsu.kernel.log import append
from charsu.kernel.webhooks.claiming import Claim
from charsu.kernel.webhooks.facts import WebhookEndpointGone
from charsu.kernel.webhooks.model import pause_after

GONE = 410


class Outcome(Struct, frozen=True, kw_only=True):
    """Of one attempt.

    problem     a code; None where the receiver took it
    status      of the receiver's reply, if there was one
    wait        what the receiver asked us to wait before the next attempt
    """

    claim: Claim
    latency_ms: int
    problem: str | None = None
    status: int | None = None
    wait: timedelta = timedelta()


def record(tx: Tx, outcome: Outcome, chance: random.Random) -> None:
    """Store the outcome; a failed delivery is due again later, or dead.

    The endpoint comes first and then its deliveries, the order in which everybody locks them.
    """
    if outcome.problem is None:
        _delivered(tx, outcome)
    else:
        _failed(tx, outcome, pause_after(outcome.claim.attempt, chance, asked=outcome.wait))
    if outcome.status == GONE:
        _gone(tx, outcome.claim)


def _delivered(tx: Tx, outcome: Outcome) -> None:
    """Whoever brought it, it is there: even if the lease was over and another has it now."""
    tx.run(
        """
        UPDATE kernel.webhook_endpoints SET failures_in_row = 0, last_delivered_at = %(now)s
        WHERE id = %(endpoint)s
        """,
        **_values(tx, outcome),
    )
    tx.run(
        """
        UPDATE kernel.webhook_deliveries
        SET state = 'delivered', delivered_at = %(now)s, leased_until = NULL,
            last_status = %(status)s, last_problem = NULL, latency_ms = %(latency)s
        WHERE endpoint_id = %(endpoint)s AND fact_id = %(fact)s AND state <> 'delivered'
        """,
        **_values(tx, outcome),
    )


def _failed(tx: Tx, outcome: Outcome, pause: timedelta | None) -> None:
    """Counts only for whoever still has the lease: the attempt is its number."""
    tx.run(
        """
        UPDATE kernel.webhook_endpoints
        SET failures_in_row = failures_in_row + 1, last_failed_at = %(now)s,
            last_problem = %(problem)s
        WHERE id = %(endpoint)s
        """,
        **_values(tx, outcome),
    )
    tx.run(
        """
        UPDATE kernel.webhook_deliveries
        SET state = CASE WHEN %(due)s::timestamptz IS NULL THEN 'dead' ELSE 'pending' END,
            due_at = coalesce(%(due)s, due_at), leased_until = NULL,
            last_status = %(status)s, last_problem = %(problem)s, latency_ms = %(latency)s
        WHERE endpoint_id = %(endpoint)s AND fact_id = %(fact)s
          AND state = 'pending' AND attempts = %(attempt)s
        """,
        due=None if pause is None else tx.now + pause,
        **_values(tx, outcome),
    )


def _gone(tx: Tx, claim: Claim) -> None:
    """The receiver wants nothing any more: it is told nothing until a person resumes it."""
    version = tx.value(
        """
        UPDATE kernel.webhook_endpoints SET state = 'gone', version = version + 1
        WHERE id = %(id)s AND state <> 'gone' RETURNING version
        """,
        id=claim.endpoint_id,
    )
    if version is None:
        return
    given_up = tx.run(
        """
        UPDATE kernel.webhook_deliveries
        SET state = 'dead', leased_until = NULL, last_problem = 'gone'
        WHERE endpoint_id = %(id)s AND state = 'pending'
        """,
        id=claim.endpoint_id,
    )
    fact = WebhookEndpointGone(given_up=given_up)
    append(tx, fact, subject=claim.endpoint_id, version=version)


def _values(tx: Tx, outcome: Outcome) -> dict[str, Any]:
    return {
        "now": tx.now,
        "endpoint": outcome.claim.endpoint_id,
        "fact": outcome.claim.fact_id,
        "attempt": outcome.claim.attempt,
        "status": outcome.status,
        "problem": outcome.problem,
        "latency": outcome.latency_ms,
    }
