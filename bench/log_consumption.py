"""Facts per second handed to a consumer, beside a loop by hand that keeps a cursor.

Both claim the cursor, read the next facts that can no longer be overtaken, decode and count them,
and move the cursor, batch by batch, each in one transaction. The loop by hand neither keeps the
versions of a subject in order nor parks what cannot be handled. Both see the same facts.
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


seen = {"facts": 0, "minor": 0}


@reaction("bench.count", {Counted.fact_name: Seek}, from_start=True)
def count(_tx: Any, facts: list[Seen[Seek]]) -> None:
    """Count, and add up."""
    seen["facts"] += len(facts)
    seen["minor"] += sum(fact.body.total_minor for fact in facts)


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
    seen.update(facts=0, minor=0)
    start = time.perf_counter()
    consume()
    seconds = time.perf_counter() - start
    expected = {"facts": FACTS, "minor": VERSIONS * sum(range(SUBJECTS))}
    assert seen == expected, "both see every fact once"
    return FACTS / seconds


def _through_the_log(hub: Hub) -> None:
    passed = 1
    while passed:
        with hub.writing("bench.consume") as tx:
            passed = deliver(tx, count, limit=BATCH)


def _by_hand(connection: psycopg.Connection[Any]) -> None:
    decode = msgspec.convert
    while True:
        cursor: Any = connection.execute(CLAIM).fetchone()
        rows = connection.execute(READ, (*cursor, BATCH)).fetchall()
        for *_, body in rows:
            seen["facts"] += 1
            seen["minor"] += decode(body, Seek).total_minor
        if rows:
            connection.execute(MOVE, (*rows[-1][:3], len(rows)))
        connection.commit()
        if not rows:
            return


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
MOVE = """
    UPDATE kernel.consumers
    SET epoch = %s, transaction = %s::text::xid8, sequence = %s, delivered = delivered + %s,
        moved_at = clock_timestamp()
    WHERE name = 'bench.by_hand'
"""


if __name__ == "__main__":
    for result in run():
        print(result.line())
