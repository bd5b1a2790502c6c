"""What must be true of webhooks at any moment."""

from typing import LiteralString

from charsu.kernel.check import Check
from charsu.kernel.log import Subject, changes_are_told

SUBJECTS = (Subject(table="kernel.webhook_endpoints", named="'webhook endpoint ' || id"),)

_SECRETS: LiteralString = """
    SELECT 'webhook endpoint ' || e.id AS row,
           CASE WHEN count(s.id) = 0 THEN 'no current secret' ELSE 'a secret that cannot sign' END
               AS problem
    FROM kernel.webhook_endpoints e
    LEFT JOIN kernel.webhook_secrets s ON s.endpoint_id = e.id AND s.valid_until IS NULL
    GROUP BY e.id
    HAVING count(s.id) <> 1 OR NOT bool_and(s.secret ~ '^whsec_[A-Za-z0-9+/]{32,86}={0,2}$')
    ORDER BY 1
"""

_FACTS: LiteralString = """
    SELECT 'webhook delivery of ' || d.fact_id || ' to ' || d.endpoint_id AS row,
           'the log has no such fact' AS problem
    FROM kernel.webhook_deliveries d
    WHERE NOT EXISTS (SELECT FROM kernel.facts f WHERE f.id = d.fact_id)
    ORDER BY 1
"""

_STATES: LiteralString = """
    SELECT 'webhook delivery of ' || d.fact_id || ' to ' || d.endpoint_id AS row,
           CASE WHEN d.state = 'pending' AND e.state = 'gone' THEN 'pending, but nobody is there'
                WHEN d.state = 'dead' AND d.last_problem IS NULL THEN 'given up without a reason'
                ELSE 'leased, but not pending' END AS problem
    FROM kernel.webhook_deliveries d JOIN kernel.webhook_endpoints e ON e.id = d.endpoint_id
    WHERE (d.state = 'dead' AND d.last_problem IS NULL)
       OR (d.state <> 'pending' AND d.leased_until IS NOT NULL)
       OR (d.state = 'pending' AND e.state = 'gone')
    ORDER BY 1
"""

# What an endpoint wants counts from the last fact that said so: whoever reads a fact behind that
# one sees the endpoint as it was then. Patterns hold nothing but names, dots and stars.
_WANTED: LiteralString = """
    WITH since AS (
        SELECT DISTINCT ON (e.id) e.id, e.events, e.kept_since, f.epoch, f.transaction
        FROM kernel.webhook_endpoints e
        JOIN kernel.facts f ON f.subject_id = e.id
        WHERE e.state <> 'gone'
          AND (f.name IN ('kernel.webhook_endpoint_added', 'kernel.webhook_endpoint_resumed')
               OR f.name = 'kernel.webhook_endpoint_changed' AND f.body -> 'fields' ? 'events')
        ORDER BY e.id, f.epoch DESC, f.transaction DESC
    ), wanted AS (
        SELECT s.id, s.kept_since, s.epoch, s.transaction, n.name
        FROM since s
        JOIN (SELECT DISTINCT name FROM kernel.facts) n ON EXISTS (
            SELECT FROM unnest(s.events) AS pattern
            WHERE n.name ~ ('^' || replace(replace(pattern, '.', '[.]'), '*', '.*') || '$'))
    )
    SELECT 'webhook delivery of ' || f.id || ' to ' || w.id AS row,
           'was never noted, or is gone' AS problem
    FROM wanted w
    JOIN kernel.facts f ON f.name = w.name AND NOT f.is_historical
        AND (f.epoch, f.transaction) > (w.epoch, w.transaction)
        AND (w.kept_since IS NULL OR f.at > w.kept_since)
    JOIN kernel.consumers c ON c.name = 'webhooks.note_deliveries'
        AND (f.epoch, f.transaction, f.sequence) <= (c.epoch, c.transaction, c.sequence)
    LEFT JOIN kernel.webhook_deliveries d ON d.endpoint_id = w.id AND d.fact_id = f.id
    LEFT JOIN kernel.parked p ON p.consumer = c.name AND p.fact_id = f.id
    WHERE d.fact_id IS NULL AND p.fact_id IS NULL
    ORDER BY 1
"""

_DELIVERIES: LiteralString = "SELECT count(*) FROM kernel.webhook_deliveries"

CHECKS = (
    Check(
        "webhook_secrets",
        "Each webhook endpoint has one current secret that can sign.",
        "SELECT count(*) FROM kernel.webhook_endpoints",
        _SECRETS,
    ),
    Check("webhook_facts", "Each webhook delivery is of a fact in the log.", _DELIVERIES, _FACTS),
    Check(
        "webhook_states",
        "Each webhook delivery is on its way, delivered, or given up for a reason.",
        _DELIVERIES,
        _STATES,
    ),
    Check(
        "webhook_wishes",
        "Each fact that a webhook endpoint wants is on its way to it, and was since it said so.",
        _DELIVERIES,
        _WANTED,
    ),
    changes_are_told(
        "changes_of_webhooks_are_told", "Every change of a webhook endpoint has its fact.", SUBJECTS
    ),
)
