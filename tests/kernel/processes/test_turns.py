"""A step is a worker's from the moment in which it begins with it, and nobody else's."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest

from charsu.kernel import Hub
from charsu.kernel.processes import (
    Process,
    ProcessKinds,
    Running,
    advance,
    begin,
    finish,
    run_due,
    running,
    take,
)

LATER = timedelta(minutes=3)  # every lease has run out


class Line:
    """Processes that wait in a line, each for one call outside; and who made which call."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.called: list[UUID] = []
        self.attempts: list[int] = []
        self.meanwhile: Callable[[], object] = lambda: None
        self.run: Callable[[Hub, ProcessKinds], int] = run_due
        self.kinds = {"test.call": Process("test.call", {"call": self._call, "end": self._end})}

    def begins(self, count: int) -> list[UUID]:
        process = self.kinds["test.call"]
        made = []
        for _ in range(count):
            with self.hub.writing("test.begin") as tx:
                made.append(begin(tx, process, subject=tx.new_id(), data={}))
        return made

    def works(self) -> int:
        return self.run(self.hub, self.kinds)

    def _call(self, hub: Hub, one: Running) -> None:
        self.called.append(one.id)
        self.attempts.append(one.attempt)
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        with hub.writing("test.called") as tx:
            advance(tx, one, "end")

    def _end(self, hub: Hub, one: Running) -> None:
        with hub.writing("test.ended") as tx:
            finish(tx, one)


@pytest.fixture
def line(open_shop: Callable[..., Hub]) -> Line:
    return Line(open_shop())


def test_what_waits_behind_a_slow_step_is_free_for_another_worker(line: Line) -> None:
    slow, *others = line.begins(4)
    line.meanwhile = line.works

    line.works()

    assert line.called == [slow, *others]
    assert set(line.attempts) == {1}


def test_what_another_has_begun_behind_a_slow_step_is_not_begun_again(line: Line) -> None:
    assert begun_behind_a_slow_step(line) == 3


def test_who_claims_all_at_once_begins_what_another_has_begun(line: Line) -> None:
    line.run = claim_all_at_once
    assert begun_behind_a_slow_step(line) > 3


def begun_behind_a_slow_step(line: Line) -> int:
    """How many calls are made for three processes behind one whose call outlasts every lease."""
    slow, *_ = line.begins(4)

    def meanwhile() -> None:
        line.hub.offset += LATER
        line.works()

    line.meanwhile = meanwhile
    line.works()
    return len(line.called) - line.called.count(slow)


def claim_all_at_once(hub: Hub, kinds: ProcessKinds) -> int:
    claimed = []
    while one := running._claim(hub, kinds, None)[1]:
        claimed.append(one)
    for one in claimed:
        take(hub, kinds[one.kind], one)
    return len(claimed)


def test_a_worker_that_dies_takes_nothing_along_but_the_step_it_was_at(line: Line) -> None:
    first, *others = line.begins(4)

    with pytest.raises(Killed), killed_at_the_next_call(line):
        line.works()
    line.works()
    assert line.called == [first, *others]

    line.hub.offset += LATER
    line.works()
    assert line.called == [first, *others, first]
    assert line.attempts == [1, 1, 1, 1, 2]


def test_one_run_takes_one_step_of_each_and_ends(line: Line) -> None:
    line.begins(3)

    assert [line.works() for _ in range(3)] == [3, 3, 0]
    assert run_due(line.hub, line.kinds, limit=0) == 0


def test_a_run_ends_after_so_many(line: Line) -> None:
    line.begins(3)

    assert [run_due(line.hub, line.kinds, limit=2) for _ in range(4)] == [2, 2, 2, 0]
    assert len(line.called) == 3


class Killed(BaseException):
    """The worker is gone."""


@contextmanager
def killed_at_the_next_call(line: Line) -> Iterator[None]:
    def die() -> None:
        raise Killed

    line.meanwhile = die
    yield
