"""What one may ask about facts that a reaction could not handle."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.kernel.database import Tx
from charsu.kernel.log.consume import ATTEMPTS_MAX
from charsu.kernel.operations import WHOLE_BUSINESS, query


class AskParked(Struct, frozen=True):
    """Those of all consumers; a shop that is well has none."""


class ParkedFacts(Struct, frozen=True, kw_only=True):
    """What one consumer has put off.

    facts      how many; given_up: how many subjects wait for a person and are tried no more
    fact_id    the one that was tried most often; event: its name, attempts: how often, and
               problem: the class of what it raised last
    next_at    when a worker tries again; None where all was given up
    """

    consumer: str
    facts: int
    given_up: int
    fact_id: UUID
    event: str
    attempts: int
    problem: str
    since: datetime
    next_at: datetime | None


class ParkedByConsumer(Struct, frozen=True):
    """By consumer, the longest first."""

    items: tuple[ParkedFacts, ...]


@query("log.parked", permission="log.view", at=WHOLE_BUSINESS, http="GET /v1/parked-facts")
def parked(tx: Tx, ask: AskParked) -> ParkedByConsumer:  # noqa: ARG001
    """Facts that reactions could not handle, with why, and whether they are still tried."""
    rows = tx.all(_PARKED, most=ATTEMPTS_MAX)
    return ParkedByConsumer(tuple(ParkedFacts(**row._asdict()) for row in rows))


# What waits behind an earlier fact of its subject is not tried and has no problem of its own.
_PARKED: LiteralString = """
    SELECT p.consumer, count(*) AS facts, min(p.parked_at) AS since,
           count(*) FILTER (WHERE p.attempts >= %(most)s) AS given_up,
           (array_agg(p.fact_id ORDER BY p.attempts DESC, p.fact_id))[1] AS fact_id,
           max(p.attempts) AS attempts,
           (array_agg(p.problem ORDER BY p.attempts DESC, p.fact_id))[1] AS problem,
           (array_agg(coalesce(f.name, '') ORDER BY p.attempts DESC, p.fact_id))[1] AS event,
           min(p.due_at) FILTER (WHERE p.attempts < %(most)s AND p.is_first) AS next_at
    FROM (SELECT parked.*,
                 row_number() OVER (PARTITION BY consumer, subject_id ORDER BY version) = 1
                 AS is_first
          FROM kernel.parked) p
    LEFT JOIN kernel.facts f ON f.id = p.fact_id
    GROUP BY p.consumer ORDER BY min(p.parked_at), p.consumer
"""
