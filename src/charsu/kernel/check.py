"""Proving on a live database that what must be true is true.

A check is a name, the sentence that it proves, a statement that counts what was looked at, and
one that returns each row that breaks the sentence, with what is wrong with it; where SQL cannot do
that, a function does. All checks of one run see the same snapshot, so that a shop that goes on
selling is judged at one moment.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import LiteralString

import psycopg
from msgspec import Struct

from charsu.kernel.database import Tx

PROBLEMS_SHOWN = 20


class Finding(Struct, frozen=True):
    """One thing that is wrong, and where."""

    row: str
    problem: str


class Check(Struct, frozen=True):
    """A sentence that must be true, and how it is proved.

    counts   a statement whose one number says how much was looked at
    breaks   a statement that returns (row, problem) for each thing that breaks the sentence, or
             a function that finds them
    """

    name: str
    sentence: str
    counts: LiteralString
    breaks: LiteralString | Callable[[Tx], Iterable[Finding]]


class Verdict(Struct, frozen=True):
    """What one check found."""

    name: str
    sentence: str
    looked_at: int
    found: int
    findings: tuple[Finding, ...]  # the first of them

    @property
    def is_clean(self) -> bool:
        return not self.found


def run_checks(
    connection: psycopg.Connection[object],
    checks: Iterable[Check],
    *,
    told: Callable[[Verdict], None] = lambda _: None,
) -> list[Verdict]:
    """Judge every check at one moment, in one read-only snapshot."""
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    verdicts = []
    for verdict in _judge(connection, checks):
        told(verdict)
        verdicts.append(verdict)
    connection.rollback()
    return verdicts


def _judge(connection: psycopg.Connection[object], checks: Iterable[Check]) -> Iterator[Verdict]:
    now = connection.execute("SELECT clock_timestamp()").fetchone()
    connection.execute("SET LOCAL transaction_timeout = 0")
    connection.execute("SET LOCAL work_mem = '128MB'")
    tx = Tx(connection, now=now[0])  # type: ignore[index]
    for check in checks:
        looked_at = int(tx.value(check.counts) or 0)
        found, first = 0, []
        for finding in _findings(tx, check):
            found += 1
            if found <= PROBLEMS_SHOWN:
                first.append(finding)
        yield Verdict(check.name, check.sentence, looked_at, found, tuple(first))


def _findings(tx: Tx, check: Check) -> Iterable[Finding]:
    if callable(check.breaks):
        return check.breaks(tx)
    return (Finding(str(row.row), str(row.problem)) for row in tx.all(check.breaks))
