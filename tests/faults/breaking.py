"""What goes wrong on purpose: calls that fail at the database, and connections that are cut."""

from collections.abc import Callable
from typing import Any

import psycopg

from charsu.kernel.faults import Faults

CUT: str = "the connection is cut"
DEADLOCK: str = "the database finds a deadlock"
SERIALIZATION: str = "the database cannot serialize"
KINDS = (CUT, DEADLOCK, SERIALIZATION)

OTHERS = """
    FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
      AND backend_type = 'client backend'
"""


class Breaking(Faults):
    """Lets calls fail from the Nth on: so many of them, or all that follow.

    Connections are cut by the server itself, asked by somebody else; the deadlocks are only said.
    """

    def __init__(self, database: str) -> None:
        super().__init__()
        self._database = database
        self._disarmed()

    def _disarmed(self) -> None:
        self._kind, self._calls_left, self._failures_left = "", 0, 0
        self.failures = 0
        self.at: dict[str, Callable[[], None]] = {}  # by point that an operation passes

    def disarm(self) -> None:
        """Nothing fails any more."""
        self._disarmed()

    def arm(self, kind: str, *, at_call: int, times: int = 10**6) -> None:
        """Let calls fail from this one on, counted from now; the first is 1."""
        self._disarmed()
        self._kind, self._calls_left, self._failures_left = kind, at_call, times

    def before_call(self, statement: str) -> None:
        self._calls_left -= 1
        if not self._kind or self._calls_left > 0 or not self._failures_left:
            return
        self._failures_left -= 1
        self.failures += 1
        if self._kind == CUT:
            cut_connections(self._database)
        elif self._kind == DEADLOCK:
            raise psycopg.errors.DeadlockDetected
        else:
            raise psycopg.errors.SerializationFailure

    def reach(self, point: str) -> None:
        if point in self.at:
            self.failures += 1
            self.at.pop(point)()


def cut_connections(database: str) -> None:
    """End every other connection to this database, and return when they are gone."""
    with psycopg.connect(database, autocommit=True) as outside:
        outside.execute(f"SELECT pg_terminate_backend(pid) {OTHERS}")
        while outside.execute(f"SELECT {OTHERS}").fetchone():
            pass  # asking takes about as long as ending; the server's own wait is far coarser


def picture(connection: psycopg.Connection[Any]) -> dict[str, tuple[int, str]]:
    """Every table of the shop: how many rows, and a digest of all that they say."""
    tables = connection.execute(
        """
        SELECT format('%I.%I', n.nspname, c.relname)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema)'
        ORDER BY 1
        """
    ).fetchall()
    question = " UNION ALL ".join(
        f"SELECT '{table}', count(*), md5(coalesce(string_agg(t::text, ' ' ORDER BY t::text), ''))"
        f" FROM {table} t"
        for (table,) in tables
    )
    rows = connection.execute(question).fetchall()
    connection.rollback()
    return {table: (count, digest) for table, count, digest in rows}


def growth(before: dict[str, tuple[int, str]], after: dict[str, tuple[int, str]]) -> dict[str, int]:
    """How many rows each table gained or lost."""
    return {
        table: after[table][0] - before[table][0]
        for table in after
        if after[table][0] != before[table][0]
    }


def changed(before: dict[str, tuple[int, str]], after: dict[str, tuple[int, str]]) -> set[str]:
    """The tables that do not say what they said."""
    return {table for table in after if after[table] != before[table]}
