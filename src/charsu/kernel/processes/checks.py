"""What must be true of processes at any moment."""

from charsu.kernel.check import Check

CHECKS = (
    Check(
        "processes_go_on_or_are_seen",
        "Every process ended, or is due, or is stuck with a problem that somebody can read.",
        "SELECT count(*) FROM kernel.processes",
        """
        SELECT 'process ' || id AS row, 'is ' || state || ' without end or problem' AS problem
        FROM kernel.processes
        WHERE (state IN ('done', 'failed') AND ended_at IS NULL)
           OR (state = 'stuck' AND last_problem IS NULL)
           OR (state = 'running' AND ended_at IS NOT NULL)
        """,
    ),
)
