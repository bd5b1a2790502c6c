"""Taking the steps that are due.

The attempt is committed before the step is taken, so a killed worker leaves a row that another
takes up when the lease has run out. Steps that fail are tried again with pauses that double; after
many the process is stuck and waits for a person.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

import structlog

from charsu.kernel.hub import Hub
from charsu.kernel.processes.model import LEASE, Outside, Process, Running

_log = structlog.get_logger("charsu.processes")

ProcessKinds = Mapping[str, Process]

RETRY_FIRST = timedelta(seconds=2)
RETRY_LONGEST = timedelta(hours=1)
ATTEMPTS_MAX = 25


def run_due(hub: Hub, kinds: ProcessKinds, *, limit: int = 20) -> int:
    """Take the steps that are due by now, each with no transaction open; how many were taken.

    Each is claimed when its turn comes: what waits behind a slow one is free for other workers,
    does not fall with the one that dies, and never begins when its lease has run out already.
    """
    until: datetime | None = None  # what comes due meanwhile is the next run's
    for count in range(limit):
        now, running = _claim(hub, kinds, until)
        if running is None:
            return count
        take(hub, kinds[running.kind], running)
        until = until or now
    return limit


def go_on(hub: Hub, process: Process, identity: UUID) -> None:
    """Take the steps of one process in this thread, as long as one is due and nobody else has it.

    That of which ``begin`` left the first step to the caller is hers until she takes it.
    """
    while taken := _claim_one(hub, process, identity):
        take(hub, process, taken[0])


def take(hub: Hub, process: Process, running: Running) -> None:
    """Take one step that is this thread's; what fails is put off."""
    try:
        process.steps[running.step](hub, running)
    except Outside as problem:
        _put_off(hub, running, str(problem))
    except Exception as problem:
        _log.exception("step_failed", process=str(running.id), step=running.step)
        _put_off(hub, running, type(problem).__name__)


_CLAIM: LiteralString = """
    UPDATE kernel.processes p
    SET attempts = p.attempts + 1, leased_until = %(lease)s
    FROM (
        SELECT id FROM kernel.processes
        WHERE state = 'running' AND due_at <= %(until)s AND kind = ANY(%(kinds)s)
          AND (leased_until IS NULL OR leased_until <= %(now)s)
        ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
    ) due
    WHERE p.id = due.id
    RETURNING p.id, p.kind, p.subject_id, p.step, p.data, p.attempts
"""

_CLAIM_ONE: LiteralString = """
    UPDATE kernel.processes SET attempts = attempts + 1, leased_until = %(lease)s
    WHERE id = %(id)s AND state = 'running' AND due_at <= %(now)s
      AND (leased_until IS NULL OR leased_until <= %(now)s OR (attempts = 0 AND step = %(first)s))
    RETURNING id, kind, subject_id, step, data, attempts
"""


def _claim(
    hub: Hub, kinds: ProcessKinds, until: datetime | None
) -> tuple[datetime, Running | None]:
    """The process that has waited longest, if any is due by then (None: by now); and the time."""
    with hub.writing("kernel.claim_processes") as tx:
        row = tx.first(
            _CLAIM, until=until or tx.now, now=tx.now, lease=tx.now + LEASE, kinds=list(kinds)
        )
    return tx.now, Running(*row) if row else None


def _claim_one(hub: Hub, process: Process, identity: UUID) -> list[Running]:
    with hub.writing("kernel.claim_process") as tx:
        rows = tx.all(
            _CLAIM_ONE, now=tx.now, lease=tx.now + LEASE, id=identity, first=process.first
        )
    return [Running(*row) for row in rows]


def _put_off(hub: Hub, running: Running, problem: str) -> None:
    pause = min(RETRY_FIRST * 2 ** min(running.attempt - 1, 20), RETRY_LONGEST)
    with hub.writing("kernel.put_off_process") as tx:
        tx.run(
            """
            UPDATE kernel.processes
            SET due_at = %(due_at)s, leased_until = NULL, last_problem = %(problem)s,
                state = CASE WHEN attempts >= %(most)s THEN 'stuck' ELSE 'running' END
            WHERE id = %(id)s AND step = %(step)s AND state = 'running'
            """,
            id=running.id,
            step=running.step,
            due_at=tx.now + pause,
            problem=problem[:200],
            most=ATTEMPTS_MAX,
        )
