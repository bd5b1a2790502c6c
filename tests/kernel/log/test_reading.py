"""The log skips nothing and keeps the order of each subject, whoever writes at the same time."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec import Struct

from charsu.kernel import SYSTEM, Fact, Hub, Seen, Tx, append, reaction
from charsu.kernel.log import Cursor, deliver, read_after, register, retry_parked
from charsu.kernel.log.epochs import begin_epoch
from charsu.kernel.log.read import _AFTER, _BETWEEN, _END

ONE, TWO = UUID(int=1), UUID(int=2)


class Ticked(Fact, frozen=True, kw_only=True):
    number: int


class TickSeen(Struct, frozen=True):
    number: int


NAME = Ticked.fact_name


def collector(name: str, seen: list[int], failing: set[int] | None = None) -> Any:
    @reaction(name, {NAME: TickSeen}, from_start=True)
    def collect(tx: Tx, facts: list[Seen[TickSeen]]) -> None:
        for fact in facts:
            if failing and fact.body.number in failing:
                raise ValueError(fact.body.number)
        for fact in facts:
            tx.run(
                "INSERT INTO kernel.settings VALUES (%(name)s, 'true')",
                name=f"{name}-{fact.subject_id}-{fact.version}",
            )
            seen.append(fact.body.number)

    return collect


def tick(hub: Hub, number: int, *, subject: UUID = ONE, version: int | None = None) -> None:
    with hub.writing("test") as tx:
        append(tx, Ticked(number=number), subject=subject, version=version or number)


def drain(hub: Hub, consumer: Any) -> int:
    total = 0
    while True:
        with hub.writing("test.deliver") as tx:
            passed = deliver(tx, consumer, limit=7)
        total += passed
        if not passed:
            return total


@pytest.fixture
def writer(hub: Hub) -> Iterator[Callable[[], Any]]:
    """Opens transactions that stay open until the test closes them."""
    with ExitStack() as stack:

        def begin() -> Any:
            connection = stack.enter_context(hub.pool.connection())
            connection.execute("SELECT pg_current_xact_id()")
            return connection

        yield begin


def fact_by_hand(connection: Any, number: int, *, subject: UUID, version: int) -> None:
    tx = Tx(connection, now=connection.execute("SELECT now()").fetchone()[0])
    append(tx, Ticked(number=number), subject=subject, version=version)
    from charsu.kernel.log import store_facts

    store_facts(tx)
    tx.flush()


def read(hub: Hub) -> list[int]:
    with hub.reading() as tx:
        return [f.body["number"] for f in read_after(tx, Cursor(), limit=100) if f.name == NAME]


def test_a_fact_that_commits_late_is_not_skipped(hub: Hub, writer: Callable[[], Any]) -> None:
    slow = writer()
    fact_by_hand(slow, 1, subject=ONE, version=1)
    tick(hub, 2, subject=TWO, version=1)

    assert read(hub) == []  # 2 is there, but 1 may still come before it
    slow.commit()
    assert read(hub) == [1, 2]


def test_the_sequence_alone_would_skip_it(hub: Hub, writer: Callable[[], Any]) -> None:
    slow = writer()
    fact_by_hand(slow, 1, subject=ONE, version=1)
    tick(hub, 2, subject=TWO, version=1)
    with hub.reading() as tx:
        naive = tx.value("SELECT max(sequence) FROM kernel.facts")
    slow.commit()

    with hub.reading() as tx:
        seen = tx.value("SELECT count(*) FROM kernel.facts WHERE sequence > %(s)s", s=naive)
    print(f"unsafe control: {1 - seen} facts skipped")
    assert seen == 0


def test_versions_of_a_subject_come_in_order_whichever_transaction_began_first(
    hub: Hub, writer: Callable[[], Any]
) -> None:
    second = writer()  # begins to write before the first, and commits after it
    bystander = writer()
    first = writer()
    fact_by_hand(first, 1, subject=ONE, version=1)
    first.commit()
    fact_by_hand(second, 2, subject=ONE, version=2)
    second.commit()

    assert read(hub) == []  # version 2 is below the horizon, version 1 above it
    bystander.commit()
    assert read(hub) == [1, 2]


def test_a_consumer_sees_each_fact_once_and_in_order_under_many_writers(hub: Hub) -> None:
    seen: list[int] = []
    consumer = collector("many", seen)
    with hub.writing("test") as tx:
        register(tx, [consumer])
    chance = random.Random(5)
    numbers = list(range(1, 201))
    chance.shuffle(numbers)

    with ThreadPoolExecutor(8) as writers:
        done = [writers.submit(tick, hub, n, subject=UUID(int=n), version=1) for n in numbers]
        while not all(one.done() for one in done):
            drain(hub, consumer)
    drain(hub, consumer)

    assert sorted(seen) == sorted(numbers)


def test_a_fact_that_cannot_be_handled_is_parked_with_those_behind_it_and_tried_again(
    hub: Hub,
) -> None:
    seen: list[int] = []
    failing = {2}
    consumer = collector("parking", seen, failing)
    with hub.writing("test") as tx:
        register(tx, [consumer])
    for number in (1, 2, 3):
        tick(hub, number)
    tick(hub, 9, subject=TWO, version=1)

    drain(hub, consumer)
    assert seen == [1, 9]
    with hub.reading() as tx:
        assert tx.value("SELECT count(*) FROM kernel.parked") == 2

    failing.clear()
    hub.offset = timedelta(minutes=1)
    for _ in range(2):
        with hub.writing("test.retry") as tx:
            retry_parked(tx, consumer)
    assert seen == [1, 9, 2, 3]
    with hub.reading() as tx:
        assert tx.value("SELECT count(*) FROM kernel.parked") == 0


def test_a_log_that_moves_to_another_server_goes_on_where_it_was(hub: Hub) -> None:
    seen: list[int] = []
    consumer = collector("moving", seen)
    with hub.writing("test") as tx:
        register(tx, [consumer])
    tick(hub, 1)
    drain(hub, consumer)
    tick(hub, 2)
    with hub.writing("test") as tx:
        tx.run("UPDATE kernel.facts SET transaction = '999999999'::xid8")  # ids of the old server
        tx.run("UPDATE kernel.consumers SET transaction = '999999999'::xid8, sequence = 1")
        tx.run(
            """
            UPDATE kernel.consumers SET sequence =
                (SELECT sequence FROM kernel.facts WHERE body->>'number' = '1')
            """
        )
        begin_epoch(tx, number=2, server="another")
    tick(hub, 3)

    drain(hub, consumer)

    assert seen == [1, 2, 3]
    assert SYSTEM.kind == "system"


@pytest.mark.parametrize("statement", [_AFTER, _BETWEEN, _END], ids=["after", "between", "end"])
def test_the_next_facts_are_found_without_sorting_the_log(hub: Hub, statement: str) -> None:
    """However far behind a reader is: the order comes from the index, not from all that is left."""
    by_what_comes_out = statement.replace("facts.epoch", "epoch").replace("facts.trans", "trans")

    assert "facts_in_reading_order" in plan(hub, statement)
    assert "Sort" not in plan(hub, statement)
    assert "Sort" in plan(hub, by_what_comes_out)  # the control: ordered by the number


def plan(hub: Hub, statement: str) -> str:
    place = {"epoch": 1, "transaction": 1, "sequence": 1, "limit": 7, "current": 1}
    beyond = {"to_epoch": 2, "to_transaction": 1, "to_sequence": 1}
    with hub.reading() as tx:
        tx.run("SET LOCAL enable_seqscan = off")
        tx.run("SET LOCAL enable_bitmapscan = off")
        rows = tx.all("EXPLAIN " + statement, **place, **beyond)
    return "\n".join(row[0] for row in rows)
