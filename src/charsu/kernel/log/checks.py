"""What must be true of the log, its readers, and the effects of operations."""

from collections.abc import Iterable

from charsu.kernel.check import Check, Finding
from charsu.kernel.database import Tx
from charsu.kernel.log.consume import Consumer
from charsu.kernel.log.seals import broken_seals

CHECKS = (
    Check(
        "facts_numbered_once",
        "The facts of each subject are numbered, and each number stands once.",
        "SELECT count(*) FROM kernel.facts",
        """
        SELECT 'subject ' || subject_id AS row,
               'version ' || version || ' stands ' || count(*) || ' times' AS problem
        FROM kernel.facts GROUP BY subject_id, version HAVING count(*) > 1
        """,
    ),
    Check(
        "facts_are_as_they_were_sealed",
        "Every sealed fact is as it was when it was sealed; none went and none came among them.",
        "SELECT sum(facts) FROM kernel.seals",
        broken_seals,
    ),
    Check(
        "parked_facts_exist",
        "Every parked fact is in the log, behind its consumer's cursor.",
        "SELECT count(*) FROM kernel.parked",
        """
        SELECT 'parked fact ' || p.fact_id AS row,
               CASE WHEN f.id IS NULL THEN 'is not in the log'
                    WHEN c.name IS NULL THEN 'has no consumer ' || p.consumer
                    ELSE 'is ahead of its consumer ' || p.consumer END AS problem
        FROM kernel.parked p
        LEFT JOIN kernel.facts f ON f.id = p.fact_id
        LEFT JOIN kernel.consumers c ON c.name = p.consumer
        WHERE f.id IS NULL OR c.name IS NULL
           OR (f.epoch, f.transaction, f.sequence) > (c.epoch, c.transaction, c.sequence)
        """,
    ),
    Check(
        "cursors_within_the_log",
        "No consumer is ahead of the log.",
        "SELECT count(*) FROM kernel.consumers",
        """
        SELECT 'consumer ' || c.name AS row, 'has read facts that are not there' AS problem
        FROM kernel.consumers c
        WHERE (c.epoch, c.transaction, c.sequence) <> (0, '0'::xid8, 0)
          AND NOT EXISTS (
            SELECT FROM kernel.facts f
            WHERE (f.epoch, f.transaction, f.sequence) >= (c.epoch, c.transaction, c.sequence))
        """,
    ),
    Check(
        "every_fact_is_passed_or_to_come",
        "Every fact since a consumer began is delivered, parked or pending; none is skipped.",
        "SELECT sum(passed) FROM kernel.consumers",
        """
        SELECT 'consumer ' || c.name AS row,
               CASE WHEN b.consumer IS NULL THEN 'nobody knows where it began'
                    ELSE 'passed ' || c.passed || ' facts, ' || f.facts
                         || ' stand between its beginning and its place' END AS problem
        FROM kernel.consumers c
        LEFT JOIN kernel.beginnings b ON b.consumer = c.name
        CROSS JOIN LATERAL (
            SELECT count(*) AS facts FROM kernel.facts f
            WHERE (f.epoch, f.transaction, f.sequence) > (b.epoch, b.transaction, b.sequence)
              AND (f.epoch, f.transaction, f.sequence) <= (c.epoch, c.transaction, c.sequence)) f
        WHERE b.consumer IS NULL OR c.passed <> f.facts
        UNION ALL
        SELECT 'consumer ' || b.consumer, 'has begun and has no place in the log'
        FROM kernel.beginnings b
        WHERE NOT EXISTS (SELECT FROM kernel.consumers c WHERE c.name = b.consumer)
        """,
    ),
    Check(
        "parked_facts_are_kept",
        "Every fact that a consumer has put off is parked until it was handled.",
        "SELECT sum(waiting) FROM kernel.consumers",
        """
        WITH parked AS (SELECT consumer, count(*) AS facts FROM kernel.parked GROUP BY consumer)
        SELECT 'consumer ' || c.name AS row,
               'has put off ' || c.waiting || ' facts, ' || coalesce(p.facts, 0)
                   || ' are parked' AS problem
        FROM kernel.consumers c LEFT JOIN parked p ON p.consumer = c.name
        WHERE c.waiting <> coalesce(p.facts, 0)
        """,
    ),
    Check(
        "one_key_one_effect",
        "No idempotency key of one caller for one operation has two effects.",
        "SELECT count(*) FROM kernel.effects",
        """
        SELECT 'key ' || key || ' of ' || operation AS row,
               'has ' || count(*) || ' effects' AS problem
        FROM kernel.effects GROUP BY actor_id, operation, key HAVING count(*) > 1
        """,
    ),
)


def no_consumer_is_missing(consumers: Iterable[Consumer]) -> Check:
    """That each of these reads the log."""
    names = sorted(consumer.name for consumer in consumers)

    def missing(tx: Tx) -> Iterable[Finding]:
        there = {row.name for row in tx.all("SELECT name FROM kernel.consumers")}
        return [
            Finding(f"consumer {name}", "has no place in the log")
            for name in names
            if name not in there
        ]

    return Check(
        "no_consumer_is_missing",
        "Whatever reacts to the log has its place in it.",
        "SELECT count(*) FROM kernel.consumers",
        missing,
    )
