"""Beginning a process, and storing how far it has come, in the transaction of what was done."""

from datetime import timedelta
from typing import Any, LiteralString
from uuid import UUID

import msgspec

from charsu.kernel.database import Tx
from charsu.kernel.processes.model import LEASE, Process, Running


def begin(
    tx: Tx,
    process: Process,
    *,
    subject: UUID,
    data: dict[str, Any],
    identity: UUID | None = None,
    is_taken: bool = False,
) -> UUID:
    """Begin a process; a worker takes its first step once this transaction has committed.

    data       ids and numbers, never personal data
    identity   the process's own id; without it, a new one
    is_taken   whoever began it takes the first step at once (``go_on``); a worker comes for it only
               when that has not happened for long
    """
    identity = identity or tx.new_id()
    tx.later(
        """
        INSERT INTO kernel.processes
            (id, kind, subject_id, step, data, state, due_at, begun_at, leased_until)
        VALUES (%(id)s, %(kind)s, %(subject)s, %(step)s, %(data)s::jsonb, 'running', %(now)s,
                %(now)s, %(lease)s)
        """,
        lease=tx.now + LEASE if is_taken else None,
        id=identity,
        kind=process.kind,
        subject=subject,
        step=process.first,
        data=msgspec.json.encode(data).decode(),
        now=tx.now,
    )
    return identity


def advance(
    tx: Tx,
    running: Running,
    to: str,
    *,
    after: timedelta = timedelta(),
    **data: Any,
) -> bool:
    """Go on to the next step, with more data; False if another worker went on already.

    Where it is False the caller's transaction must change nothing: the step was done before.
    """
    return _move(tx, running, step=to, state="running", after=after, data=data)


def finish(tx: Tx, running: Running, *, failed: bool = False, **data: Any) -> bool:
    """End the process, well or not; False if it had gone on already."""
    state = "failed" if failed else "done"
    return _move(tx, running, step=running.step, state=state, after=timedelta(), data=data)


def finish_surely(tx: Tx, running: Running) -> None:
    """End the process well where nobody else can have gone on: what it is about was locked before.

    Written with what else the transaction writes at its end, which is undone if that was wrong.
    """
    values = _values(tx, running, step=running.step, state="done", after=timedelta(), data={})
    tx.later_giving(_MOVE + " RETURNING 1", 1, **values)


def wake(tx: Tx, process_id: UUID) -> bool:
    """Let a process that waits take its step now: the outside has told what it waits for."""
    woken = tx.run(
        """
        UPDATE kernel.processes SET due_at = %(now)s
        WHERE id = %(id)s AND state = 'running' AND due_at > %(now)s
        """,
        id=process_id,
        now=tx.now,
    )
    return woken == 1


_MOVE: LiteralString = """
    UPDATE kernel.processes
    SET step = %(to)s, state = %(state)s, attempts = 0, due_at = %(due_at)s,
        leased_until = NULL, last_problem = NULL, data = data || %(data)s::jsonb,
        ended_at = CASE WHEN %(state)s IN ('done', 'failed') THEN %(now)s::timestamptz END
    WHERE id = %(id)s AND step = %(step)s AND state = 'running'
"""


def _move(tx: Tx, running: Running, **how: Any) -> bool:
    return tx.run(_MOVE, **_values(tx, running, **how)) == 1


def _values(
    tx: Tx, running: Running, *, step: str, state: str, after: timedelta, data: dict[str, Any]
) -> dict[str, Any]:
    return {
        "id": running.id,
        "step": running.step,
        "to": step,
        "state": state,
        "due_at": tx.now + after,
        "now": tx.now,
        "data": msgspec.json.encode(data).decode(),
    }
