"""What must be true of the log, its readers, and the effects of operations."""

from charsu.kernel.check import Check
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
        "No consumer is ahead of the log: every fact is delivered, pending or parked.",
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
