"""The worker goes on, whatever one of its tasks does to the transaction it was given."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from msgspec import Struct

from charsu.kernel import Fact, Hub, Seen, Tx, append, reaction
from charsu.kernel.log import register
from charsu.kernel.work import Worker, chore
from tests.outlasting import outlast


class Weighed(Fact, frozen=True, kw_only=True):
    grams: int


class WeightSeen(Struct, frozen=True):
    grams: int


NAME = Weighed.fact_name


@pytest.fixture
def hub(open_shop: Callable[..., Hub]) -> Hub:
    return open_shop()


def weigh(hub: Hub, *grams: int) -> None:
    with hub.writing("test") as tx:
        for number, weight in enumerate(grams, start=1):
            append(tx, Weighed(grams=weight), subject=UUID(int=number), version=1)


def scale(carried: list[int], *, most: int) -> Any:
    """A consumer that cannot carry more than so many grams in one transaction."""

    @reaction("test.scale", {NAME: WeightSeen}, from_start=True)
    def carry(tx: Tx, facts: list[Seen[WeightSeen]]) -> None:
        if sum(fact.body.grams for fact in facts) > most:
            outlast(tx)
        carried.extend(fact.body.grams for fact in facts)

    return carry


class _Unstopped(threading.Event):
    """Never set, and waits for nobody."""

    def wait(self, timeout: float | None = None) -> bool:
        return False


def worker_for(hub: Hub, consumer: Any, *chores: Any) -> Worker:
    hub.consumers[consumer.name] = consumer
    with hub.writing("test.register") as tx:
        register(tx, [consumer])
    worker = Worker(hub, chores, threading.Event(), consumers=[consumer.name])
    worker.stop = _Unstopped()
    return worker


def parked(hub: Hub) -> list[Any]:
    with hub.reading() as tx:
        return [
            tuple(row) for row in tx.all("SELECT version, attempts, problem FROM kernel.parked")
        ]


@pytest.mark.slow
def test_a_batch_that_outlasts_its_transaction_is_handed_over_in_smaller_ones(hub: Hub) -> None:
    weigh(hub, *range(1, 10))
    carried: list[int] = []
    worker = worker_for(hub, scale(carried, most=20))

    for _ in range(20):
        worker.turn()

    assert sorted(carried) == list(range(1, 10))
    assert parked(hub) == []


@pytest.mark.slow
def test_a_fact_that_outlasts_its_transaction_is_put_off_and_the_others_go_on(hub: Hub) -> None:
    weigh(hub, 1, 1000, 2)
    carried: list[int] = []
    worker = worker_for(hub, scale(carried, most=20))

    for _ in range(30):
        worker.turn()

    assert sorted(carried) == [1, 2]
    assert parked(hub) == [(1, 1, "TransactionLost")]


def test_chores_are_done_while_a_consumer_loses_its_transactions(hub: Hub) -> None:
    done: list[str] = []

    @chore("test.sweep", every_seconds=0)
    def sweep(_hub: Hub) -> int:
        done.append("swept")
        return 1

    weigh(hub, 1000)
    worker = worker_for(hub, scale([], most=20), sweep)

    worker.turn()

    assert done == ["swept"]
