"""Transactions on PostgreSQL: the only way to the data.

Statements are constants with named parameters (``%(name)s``); values are never joined into
the text. Rows come back as named tuples. Nobody commits inside a verb: the frame that opened
the transaction commits once, or nothing happened.
"""

import random
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, LiteralString, TypeVar
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import namedtuple_row

from charsu.kernel.actors import SYSTEM, Actor
from charsu.kernel.ids import uuid7
from charsu.kernel.lasting import TABLES, Lasting, kept_of, look_up, written_by
from charsu.kernel.later import Write, check_given, together
from charsu.kernel.settings import Setting

Key = TypeVar("Key", bound=Hashable)
Result = TypeVar("Result")
Value = TypeVar("Value")


def _for_ever(_found: object) -> None:
    """Until lasting data changes, whatever the time."""


class Careful(Exception):
    """Asks the frame to run the whole operation once more, with ``tx.is_careful``.

    Raised where the fast way found something contended or run out, and the slow way needs locks in
    an order that this transaction can no longer keep.
    """


class Tx:
    """One open transaction, with the hub's time and the caller on whose behalf it runs.

    now             hub time (UTC): the database's clock when the transaction began plus the hub's
                    offset. It does not move while the transaction is open; business SQL takes it
                    as a parameter.
    actor           on whose behalf; SYSTEM for the hub's own work
    operation       name of the operation that the edge asked for
    is_careful      the second try after Careful: lock what is contended first, then decide
    pending_facts   what ``append`` has said so far; stored by the frame just before the commit
    """

    __slots__ = (
        "_before_call",
        "_chance",
        "_cursor",
        "_kept",
        "_lasting",
        "_offset",
        "_place",
        "_queued",
        "_read",
        "_settings",
        "_written",
        "actor",
        "connection",
        "is_careful",
        "now",
        "operation",
        "pending_facts",
    )

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        *,
        now: datetime,
        actor: Actor = SYSTEM,
        operation: str = "",
        offset: timedelta = timedelta(),
        is_careful: bool = False,
        chance: random.Random | None = None,
        settings: dict[str, Any] | None = None,
        lasting: Lasting | None = None,
        state: str | None = None,
        before_call: Callable[[str], None] | None = None,
    ) -> None:
        self.connection = connection
        self.now = now
        self.actor = actor
        self.operation = operation
        self.is_careful = is_careful
        self.pending_facts: list[tuple[Any, ...]] = []
        self._offset = offset
        self._chance = chance or random.SystemRandom()
        self._settings = settings or {}
        self._before_call = before_call
        self._place = self._chance.getrandbits(11)  # where its ids begin; half of the room is left
        self._queued: list[Write] = []
        self._read: dict[Hashable, Any] = {}
        self._lasting = lasting or Lasting()
        self._kept = self._lasting.as_of(state)
        self._written: set[str] = set()
        self._cursor = connection.cursor(row_factory=namedtuple_row)

    @property
    def is_lost(self) -> bool:
        """Whether the connection has broken, and with it whatever this transaction has done."""
        return self.connection.closed

    def new_id(self) -> UUID:
        """A UUIDv7 from the hub's time and chance. It sorts after those that this transaction made
        before: lines stay in the order in which they were asked for."""
        self._place += 1
        return uuid7(self.now, self._chance, place=self._place)

    def read_clock(self) -> datetime:
        """Hub time at this moment, for what must be judged after a wait."""
        return self.value("SELECT clock_timestamp()") + self._offset  # type: ignore[no-any-return]

    def setting(self, setting: Setting[Value]) -> Value:
        """The value in force in this transaction."""
        return setting.read(self._settings)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What is inside happens whole or, if it raises, not at all; the rest is untouched."""
        facts_before = len(self.pending_facts)
        try:
            self.announce("SAVEPOINT")
            with self.connection.transaction():
                yield
                self.announce("RELEASE SAVEPOINT")
        except BaseException:
            del self.pending_facts[facts_before:]
            self._queued.clear()
            self._read.clear()  # it may have been read from what is undone
            raise

    def once(self, key: Hashable, read: Callable[[], Result]) -> Result:
        """What this gives, read once in this transaction.

        For what many steps of one transaction need and few change: who changes it, or must see what
        others changed since, says ``forget``.
        """
        if key not in self._read:
            self._read[key] = read()
        found: Result = self._read[key]
        return found

    def once_of_lasting(self, key: Hashable, read: Callable[[], Result]) -> Result:
        """``once`` for what follows from its key and lasting data alone; anew each time where this
        transaction has changed that."""
        return read() if self._has_changed_what_lasts() else self.once(key, read)

    def know(self, key: Hashable, value: Any) -> None:
        """What ``once`` gives from now on: the caller has just written it."""
        self._read[key] = value

    def known(self, key: Hashable) -> Any | None:
        """What was read or written under this key in this transaction; None where nothing was."""
        return self._read.get(key)

    def forget(self, key: Hashable) -> None:
        """It is read anew when it is next asked for."""
        self._read.pop(key, None)

    def lasting(
        self,
        key: Hashable,
        read: Callable[[], Result],
        *,
        until: Callable[[Result], datetime | None] = _for_ever,
    ) -> Result:
        """What this gives, read once in this process until lasting data changes.

        For what is read of nothing but lasting data (``kernel.lasting``), and of ``now`` only where
        ``until`` names the moment (UTC) from which the answer may be another one, or None.
        """
        found = self.lasting_each(key, (None,), lambda _: {None: read()}, until=until)
        return found[None]

    def lasting_each(
        self,
        kind: Hashable,
        keys: Iterable[Key],
        read: Callable[[list[Key]], Mapping[Key, Result]],
        *,
        until: Callable[[Result], datetime | None] = _for_ever,
    ) -> dict[Key, Result]:
        """``lasting`` for many things of a kind: those that are not kept are read together.

        What is not there is left out, and looked for anew each time.
        """
        wanted = dict.fromkeys(keys)
        if self._has_changed_what_lasts():
            return dict(read(list(wanted)))
        found, missing = look_up(self._kept, kind, wanted, self.now)
        if missing:
            fresh = read(missing)
            self._kept.update(kept_of(kind, fresh, self.now, until))
            found |= fresh
        return found

    def _has_changed_what_lasts(self) -> bool:
        """Whether this transaction wrote to lasting data: then what is kept is not its own."""
        if self._lasting.tables is None and self._written:
            self._lasting.tables = frozenset(row[0] for row in self.all(TABLES))
        return not self._written.isdisjoint(self._lasting.tables or ())

    def writes(self, table: str) -> None:
        """Say that this transaction writes to ``schema.table``, where no statement says so."""
        self._written.add(table)

    def all(self, statement: LiteralString, /, **values: Any) -> list[Any]:
        """Every row of the answer."""
        return self._execute(statement, values).fetchall()

    def first(self, statement: LiteralString, /, **values: Any) -> Any | None:
        """The first row, or None."""
        return self._execute(statement, values).fetchone()

    def value(self, statement: LiteralString, /, **values: Any) -> Any:
        """The first column of the first row, or None."""
        row = self._execute(statement, values).fetchone()
        return None if row is None else row[0]

    def run(self, statement: LiteralString, /, **values: Any) -> int:
        """How many rows the statement changed."""
        return self._execute(statement, values).rowcount

    def later(self, statement: LiteralString, /, **values: Any) -> None:
        """Write this before anything else is asked of the database, together with what else is to
        be written later; at the latest with what the frame stores before the commit.

        For writes that nobody waits for, without WITH of their own. Those that go together see
        none of each other: one that writes to the same table as another goes after it; one that
        reads what another writes must not be sent this way. What is wrong with a write is raised
        by whoever calls next.
        """
        self._put_off(Write(statement, values, None))

    def later_giving(self, statement: LiteralString, number: int, /, **values: Any) -> None:
        """``later`` for a write whose RETURNING gives this number if all is as the caller knows it.

        Anything else ends the transaction (Unforeseen): the row was not locked.
        """
        self._put_off(Write(statement, values, number))

    def _put_off(self, write: Write) -> None:
        if any(not write.tables.isdisjoint(other.tables) for other in self._queued):
            self.flush()
        self._written |= write.tables
        self._queued.append(write)

    def flush(self) -> None:
        """Send what was to be written later."""
        writes, self._queued = self._queued, []
        if not writes:
            return
        if len(writes) == 1:
            (write,) = writes
            cursor = self._execute(write.statement, write.values)
        else:
            whole = together(
                tuple(write.statement for write in writes),
                tuple(write.gives is not None for write in writes),
            )
            cursor = self._execute(whole.statement, whole.values(writes))
        check_given(cursor.fetchone() if cursor.description else None, writes)

    def copy_in(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        """COPY rows into a table named ``schema.table`` and return how many went in."""
        target = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(*table.split(".")), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        count = 0
        self.writes(table)
        self.announce("COPY")
        with self.connection.cursor() as cursor, cursor.copy(target) as copy:
            for row in rows:
                copy.write_row(row)
                count += 1
        return count

    def _execute(self, statement: LiteralString, values: dict[str, Any]) -> psycopg.Cursor[Any]:
        """The one cursor with the answer, which is read before the next call; a cursor for each
        call would cost a third of a short statement's time."""
        self.announce(statement)
        if written := written_by(statement):
            self._written |= written
        return self._cursor.execute(statement, values or None)

    def announce(self, call: str) -> None:
        """Say that the database is about to be called, so that a test may let it fail; what was to
        be written later goes before."""
        if self._queued:
            self.flush()
        if self._before_call is not None:
            self._before_call(call)
