"""Facts per second handed to a consumer, beside a loop by hand that keeps a cursor.

Both claim the cursor, read the next facts that can no longer be overtaken, stop before one of which
an earlier version lies ahead, decode and count them, and move the cursor, batch by batch, each in
one transaction. The loop by hand knows no settings and no epochs, asks for nothing parked and sets
no savepoint. Both see the same facts, each subject's in order.
"""

import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from msgspec import Struct

from bench.frame import Result, compared, fresh_shops
from charsu.assembly import open_hub
from charsu.kernel import SYSTEM, Hub
from charsu.kernel.log import Fact, Seen, append, deliver, reaction, register

TARGET = 0.6
PAIRS = 5
SUBJECTS = 500
VERSIONS = 20
FACTS = SUBJECTS * VERSIONS
BATCH = 500


class Counted(Fact, frozen=True, kw_only=True):
    """What is in the log here: something of the size that facts have."""

    channel_id: UUID
    kind: str
    total_minor: int
    lines: int


class Seek(Struct, frozen=True):
    """What the reader wants of it."""

    channel_id: UUID
    total_minor: int


class Tally:
    """What a reader has seen so far."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Nothing has been seen yet."""
        self.facts = self.minor = 0
        self._versions: dict[UUID, int] = {}

    def add(self, subject: UUID, version: int, body: Seek) -> None:
        """One more fact, the next of its subject."""
        assert self._versions.get(subject, 0) == version - 1, "each subject's facts are in order"
        self._versions[subject] = version
        self.facts += 1
        self.minor += body.total_minor


tally = Tally()


@reaction("bench.count", {Counted.fact_name: Seek}, from_start=True)
def count(_tx: Any, facts: list[Seen[Seek]]) -> None:
    """Count, and add up."""
    for fact in facts:
        tally.add(fact.subject_id, fact.version, fact.body)


def run() -> list[Result]:
    """10,000 facts of 500 subjects, in batches of 500, by one reader."""
    with (
        fresh_shops("log") as (shop,),
        open_hub(shop, connections=1) as hub,
        psycopg.connect(shop, prepare_threshold=2) as connection,
    ):
        _fill(hub)
        connection.execute("SET jit = off")
        connection.execute(ADD)
        connection.commit()
        ours, hand = [], []
        for _ in range(PAIRS):
            ours.append(_rate(hub, lambda: _through_the_log(hub)))
            hand.append(_rate(hub, lambda: _by_hand(connection)))
    name = f"log_consumption, {SUBJECTS} subjects"
    return [compared(name, ours, hand, target=TARGET, unit="facts/s")]


def _fill(hub: Hub) -> None:
    subjects = [subject_of(number) for number in range(SUBJECTS)]
    for version in range(1, VERSIONS + 1):
        with hub.writing("bench.fill") as tx:
            for number, subject in enumerate(subjects):
                fact = Counted(channel_id=SYSTEM.id, kind="ship", total_minor=number, lines=3)
                append(tx, fact, subject=subject, version=version)
    with hub.writing("bench.fill") as tx:
        register(tx, [count])


def subject_of(number: int) -> UUID:
    """A subject's id, in the form of those that the hub makes."""
    return UUID(int=0x0194_0000_0000_7000_8000 << 48 | number)


def _rate(hub: Hub, consume: Callable[[], None]) -> float:
    """Read the whole log from its start; facts per second."""
    with hub.writing("bench.rewind") as tx:
        tx.run(REWIND)
    tally.begin()
    start = time.perf_counter()
    consume()
    seconds = time.perf_counter() - start
    expected = (FACTS, VERSIONS * sum(range(SUBJECTS)))
    assert (tally.facts, tally.minor) == expected, "both see every fact once"
    return FACTS / seconds


def _through_the_log(hub: Hub) -> None:
    passed = 1
    while passed:
        with hub.writing("bench.consume") as tx:
            passed = deliver(tx, count, limit=BATCH)


def _by_hand(connection: psycopg.Connection[Any]) -> None:
    while True:
        cursor: Any = connection.execute(CLAIM).fetchone()
        rows = connection.execute(READ, (*cursor, BATCH)).fetchall()
        if rows:
            ids, subjects, versions = ([row[at] for row in rows] for at in (3, 5, 6))
            asked = (ids, subjects, versions, *rows[-1][:3])
            early = {row[0] for row in connection.execute(AHEAD, asked).fetchall()}
            rows = rows[: next((n for n, id_ in enumerate(ids) if id_ in early), len(rows))]
            _count_by_hand(sorted(rows, key=lambda row: row[6]))
            connection.execute(MOVE, (*rows[-1][:3], len(rows), len(rows)))
        connection.commit()
        if not rows:
            return


def _count_by_hand(rows: list[Any]) -> None:
    for row in rows:
        tally.add(row[5], row[6], msgspec.convert(row[-1], Seek))


ADD = """
    INSERT INTO kernel.consumers (name, epoch, transaction, sequence, moved_at)
    VALUES ('bench.by_hand', 0, '0', 0, clock_timestamp())
"""
REWIND = """
    UPDATE kernel.consumers SET epoch = 0, transaction = '0', sequence = 0
    WHERE name LIKE 'bench.%%'
"""
CLAIM = """
    SELECT epoch, transaction::text, sequence FROM kernel.consumers
    WHERE name = 'bench.by_hand' FOR UPDATE SKIP LOCKED
"""
READ = """
    SELECT epoch, transaction::text, sequence, id, name, subject_id, version, at, actor_id,
           operation, is_historical, body
    FROM kernel.facts
    WHERE (epoch, transaction, sequence) > (%s, %s::text::xid8, %s)
      AND transaction < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY epoch, transaction, sequence LIMIT %s
"""
AHEAD = """
    SELECT DISTINCT f.id FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[])
        AS f (id, subject_id, version)
    JOIN kernel.facts e ON e.subject_id = f.subject_id AND e.version < f.version
    WHERE (e.epoch, e.transaction, e.sequence) > (%s, %s::text::xid8, %s)
"""
MOVE = """
    UPDATE kernel.consumers
    SET epoch = %s, transaction = %s::text::xid8, sequence = %s, delivered = delivered + %s,
        passed = passed + %s, moved_at = clock_timestamp()
    WHERE name = 'bench.by_hand'
"""


if __name__ == "__main__":
    for result in run():
        print(result.line())
