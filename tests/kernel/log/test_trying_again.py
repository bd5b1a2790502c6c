"""A reaction that fails is shown, and tried again when a person says so."""

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
from msgspec import Struct

from charsu.kernel import SYSTEM, Fact, Hub, NotFound, Seen, Tx, append, reaction
from charsu.kernel.log import deliver, register, retry_parked
from charsu.kernel.log.consume import ATTEMPTS_MAX, RETRY_LONGEST
from charsu.kernel.log.operations import TryParkedAgain, try_again
from charsu.kernel.log.queries import AskParked, parked

NAME = "test.bell"


class Rung(Fact, frozen=True, kw_only=True):
    """A bell rang."""


class Bell:
    """A reaction that fails while the bell is cracked, and what it has heard."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.is_cracked = True
        self.heard: list[tuple[UUID, int]] = []

        @reaction(NAME, {Rung.fact_name: Struct}, from_start=True)
        def hear(tx: Tx, facts: list[Seen[Struct]]) -> None:
            if self.is_cracked:
                raise ZeroDivisionError
            self.heard.extend((fact.subject_id, fact.version) for fact in facts)

        self.consumer = hear
        with hub.writing("test.register") as tx:
            register(tx, [hear])

    def rings(self, *subjects: int, version: int = 1) -> None:
        with self.hub.writing("test.ring") as tx:
            for number in subjects:
                append(tx, Rung(), subject=UUID(int=number), version=version)
        with self.hub.writing("test.deliver") as tx:
            deliver(tx, self.consumer)

    def is_tried(self, times: int = 1) -> int:
        done = 0
        for _ in range(times):
            self.hub.offset += RETRY_LONGEST
            done += self.is_tried_now()
        return done

    def is_tried_now(self) -> int:
        with self.hub.writing("test.retry") as tx:
            return retry_parked(tx, self.consumer)

    def parked(self) -> Any:
        found = self.hub.run(parked, AskParked(), actor=SYSTEM).items
        return found[0] if found else None


@pytest.fixture
def bell(hub: Hub) -> Bell:
    return Bell(hub)


def again(hub: Hub) -> int:
    return hub.run(try_again, TryParkedAgain(consumer=NAME), actor=SYSTEM).facts


def test_what_fails_is_shown_with_why_and_when_it_is_tried_again(bell: Bell) -> None:
    bell.rings(1, 2)
    bell.rings(1, version=2)

    shown = bell.parked()

    assert (shown.consumer, shown.facts, shown.given_up) == (NAME, 3, 0)
    assert (shown.event, shown.problem) == (Rung.fact_name, "ZeroDivisionError")
    assert shown.next_at == shown.since + timedelta(seconds=5)


def test_what_was_given_up_is_tried_at_once_when_a_person_says_so(bell: Bell) -> None:
    bell.rings(1, 2)
    bell.rings(1, version=2)
    bell.is_tried(ATTEMPTS_MAX)
    given_up = bell.parked()
    assert (given_up.given_up, given_up.attempts, given_up.next_at) == (2, ATTEMPTS_MAX, None)
    bell.is_cracked = False
    assert bell.is_tried() == 0  # nobody does it by himself any more

    assert again(bell.hub) == 3
    assert bell.is_tried_now() == 2
    assert bell.is_tried_now() == 1  # what waited behind it

    assert sorted(bell.heard) == [(UUID(int=1), 1), (UUID(int=1), 2), (UUID(int=2), 1)]
    assert bell.parked() is None


def test_what_fails_again_waits_again_and_is_counted_once(bell: Bell) -> None:
    bell.rings(1)
    bell.is_tried(ATTEMPTS_MAX)
    again(bell.hub)
    assert bell.is_tried_now() == 0

    shown = bell.parked()
    assert (shown.facts, shown.given_up, shown.attempts) == (1, 0, 2)
    assert shown.next_at is not None
    with bell.hub.reading() as tx:
        kept = tx.value("SELECT waiting FROM kernel.consumers WHERE name = %(name)s", name=NAME)
    assert kept == 1


def test_a_reaction_that_waits_for_nothing_has_nothing_to_try(bell: Bell) -> None:
    with pytest.raises(NotFound):
        again(bell.hub)


def test_two_people_who_say_so_at_once_and_a_worker_do_it_once(bell: Bell) -> None:
    bell.rings(*range(1, 13))
    bell.is_tried(ATTEMPTS_MAX)
    again(bell.hub)
    bell.is_cracked = False
    barrier, refused = Barrier(3), []

    def says_so() -> None:
        barrier.wait()
        try:
            again(bell.hub)
        except NotFound as nothing:
            refused.append(nothing)

    def works() -> None:
        barrier.wait()
        bell.is_tried_now()

    threads = [Thread(target=says_so), Thread(target=says_so), Thread(target=works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while bell.is_tried_now():
        pass

    assert sorted(bell.heard) == [(UUID(int=number), 1) for number in range(1, 13)]
    assert bell.parked() is None
