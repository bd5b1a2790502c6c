"""The one door: permission, one effect for one key, all or nothing."""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from msgspec import Struct

from charsu.kernel import (
    SYSTEM,
    Actor,
    Fact,
    Forbidden,
    Grant,
    Hub,
    Invalid,
    KeyReused,
    Operation,
    TookTooLong,
    Tx,
    append,
    effects,
    operation,
    query,
)
from tests.outlasting import outlast

SHELF = UUID(int=7)


class BellRung(Fact, frozen=True, kw_only=True):
    times: int


class Ring(Struct, frozen=True):
    times: int = 1


class Rang(Struct, frozen=True):
    total: int


class TooLoud(Invalid):
    code = "too_loud"


@operation("bell.ring", permission="bell.ring")
def ring(tx: Tx, ask: Ring) -> Rang:
    """Ring the bell."""
    total = tx.value(
        """
        INSERT INTO bell (id, rung) VALUES (1, %(times)s)
        ON CONFLICT (id) DO UPDATE SET rung = bell.rung + excluded.rung RETURNING rung
        """,
        times=ask.times,
    )
    append(tx, BellRung(times=ask.times), subject=SHELF, version=total)
    if ask.times > 100:
        raise TooLoud("{times} times is too loud.", times=ask.times)
    return Rang(total)


@pytest.fixture
def hub(open_shop: Callable[..., Hub]) -> Hub:
    opened = open_shop()
    with opened.writing("test") as tx:
        tx.run("CREATE TABLE bell (id int PRIMARY KEY, rung bigint NOT NULL)")
    return opened


def facts(hub: Hub) -> int:
    with hub.reading() as tx:
        return tx.value("SELECT count(*) FROM kernel.facts")


def test_one_key_has_one_effect_and_one_answer(hub: Hub) -> None:
    answers = {hub.run(ring, Ring(3), actor=SYSTEM, key="k").total for _ in range(5)}

    assert answers == {3}
    assert hub.run(ring, Ring(3), actor=SYSTEM).total == 6
    assert facts(hub) == 2


def test_twins_at_once_have_one_effect_and_one_answer(hub: Hub) -> None:
    with ThreadPoolExecutor(8) as buyers:
        answers = set(
            buyers.map(lambda _: hub.run(ring, Ring(3), actor=SYSTEM, key="k").total, range(40))
        )

    assert answers == {3}
    assert facts(hub) == 1


def rung(tx: Tx) -> int:
    return tx.value("SELECT coalesce(max(rung), 0) FROM bell")


def test_what_is_seen_is_what_the_operation_left_and_is_seen_anew_by_a_twin(hub: Hub) -> None:
    def once() -> tuple[Rang, int]:
        return hub.run_and_see(ring, Ring(3), lambda tx, _: rung(tx), actor=SYSTEM, key="k")

    assert once() == (Rang(3), 3)
    hub.run(ring, Ring(2), actor=SYSTEM)

    assert once() == (Rang(3), 5)
    assert facts(hub) == 2


def test_where_nothing_can_be_seen_nothing_was_done(hub: Hub) -> None:
    def stumble(_tx: Tx, _answer: Rang) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        hub.run_and_see(ring, Ring(3), stumble, actor=SYSTEM, key="k")

    with hub.reading() as tx:
        assert rung(tx) == 0
    assert hub.run(ring, Ring(3), actor=SYSTEM, key="k") == Rang(3)


@operation("bell.ring_once", permission="bell.ring", raises=(TooLoud,))
def ring_once(tx: Tx, ask: Ring) -> Rang:
    """Ring a bell that rings once only."""
    if tx.value("SELECT count(*) FROM bell"):
        raise TooLoud("{times} times is too loud.", times=ask.times)
    return ring(tx, ask)


HELD = """
    FROM (SELECT pg_advisory_xact_lock(42) OFFSET 0) AS one
"""


def test_a_twin_that_commits_while_another_opens_answers_for_both(
    hub: Hub, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one opens with a view of before the other; what it would be refused, the other did."""
    opening = effects.OPEN
    with (
        psycopg.connect(database, autocommit=True) as gate,
        ThreadPoolExecutor(1) as elsewhere,
    ):
        gate.execute("SELECT pg_advisory_lock(42)")
        monkeypatch.setattr(effects, "OPEN", opening.replace("FROM (VALUES (1)) AS one", HELD))
        late = elsewhere.submit(hub.run, ring_once, Ring(3), actor=SYSTEM, key="k")
        while not gate.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone():
            pass
        monkeypatch.setattr(effects, "OPEN", opening)
        first = hub.run(ring_once, Ring(3), actor=SYSTEM, key="k")
        gate.execute("SELECT pg_advisory_unlock(42)")

        assert late.result(30) == first
    assert facts(hub) == 1
    with pytest.raises(TooLoud):
        hub.run(ring_once, Ring(3), actor=SYSTEM, key="another")


def test_a_key_cannot_be_used_for_something_else(hub: Hub) -> None:
    hub.run(ring, Ring(3), actor=SYSTEM, key="k")
    with pytest.raises(KeyReused):
        hub.run(ring, Ring(4), actor=SYSTEM, key="k")


def test_a_refusal_leaves_nothing_behind_and_its_key_free(hub: Hub) -> None:
    with pytest.raises(TooLoud, match="101 times is too loud"):
        hub.run(ring, Ring(101), actor=SYSTEM, key="k")

    assert facts(hub) == 0
    assert hub.run(ring, Ring(1), actor=SYSTEM, key="k").total == 1


def test_what_no_grant_allows_is_denied_and_remembered(hub: Hub) -> None:
    visitor = Actor(UUID(int=9), "guest", (Grant(frozenset({"drum.*"})),))
    with pytest.raises(Forbidden):
        hub.run(ring, Ring(), actor=visitor)

    assert facts(hub) == 0
    with hub.reading() as tx:
        denied = tx.all("SELECT actor_id, operation FROM kernel.denials")
    assert [(row.actor_id, row.operation) for row in denied] == [(visitor.id, "bell.ring")]


HERE, THERE = UUID(int=1), UUID(int=2)


class RingAt(Struct, frozen=True):
    tower_id: UUID


@operation("bell.ring_at", permission="bell.ring", at="tower_id")
def ring_at(tx: Tx, ask: RingAt) -> Rang:
    """Ring the bell of a tower that the request names."""
    return ring(tx, Ring())


def _moves_when_rung(tx: Tx, ask: Ring) -> tuple[UUID]:
    return (THERE if tx.value("SELECT count(*) FROM bell") else HERE,)


@operation("bell.ring_and_move", permission="bell.ring", at=_moves_when_rung)
def ring_and_move(tx: Tx, ask: Ring) -> Rang:
    """Ring a bell that stands elsewhere afterwards."""
    return ring(tx, ask)


def ringer(*locations: UUID, permission: str = "bell.ring") -> Actor:
    grant = Grant(frozenset({permission}), frozenset(locations))
    return Actor(UUID(int=9), "staff", (grant,))


@pytest.mark.parametrize(
    "since",
    [ringer(HERE, permission="drum.beat"), ringer(THERE)],
    ids=["another permission", "another place"],
)
def test_a_stored_answer_is_denied_to_whom_the_operation_is_no_longer_allowed(
    hub: Hub, since: Actor
) -> None:
    first = hub.run(ring_at, RingAt(HERE), actor=ringer(HERE), key="k")

    with pytest.raises(Forbidden):
        hub.run(ring_at, RingAt(HERE), actor=since, key="k")

    with hub.reading() as tx:
        assert tx.value("SELECT count(*) FROM kernel.denials") == 1
    assert hub.run(ring_at, RingAt(HERE), actor=ringer(HERE), key="k") == first


def test_a_stored_answer_is_told_even_when_the_operation_moved_what_it_was_about(hub: Hub) -> None:
    first = hub.run(ring_and_move, Ring(), actor=ringer(HERE), key="k")

    assert hub.run(ring_and_move, Ring(), actor=ringer(HERE), key="k") == first
    with pytest.raises(Forbidden):
        hub.run(ring_and_move, Ring(), actor=ringer(HERE), key="another")
    with pytest.raises(Forbidden):
        hub.run(ring_and_move, Ring(), actor=ringer(HERE, permission="drum.beat"), key="k")


class Dawdle(Struct, frozen=True):
    pass


@operation("bell.dawdle", permission="bell.ring")
def dawdle(tx: Tx, ask: Dawdle) -> Rang:
    """Take longer than a transaction may."""
    tries.append("dawdle")
    outlast(tx)
    return Rang(0)


@query("bell.ponder", permission="bell.ring")
def ponder(tx: Tx, ask: Dawdle) -> Rang:
    """Look for longer than a transaction may."""
    tries.append("ponder")
    outlast(tx)
    return Rang(0)


tries: list[str] = []


@pytest.mark.parametrize("slow", [dawdle, ponder], ids=["verb", "question"])
def test_what_takes_too_long_is_refused_once_and_the_shop_goes_on(
    hub: Hub, slow: Operation[Any, Any]
) -> None:
    tries.clear()

    with pytest.raises(TookTooLong):
        hub.run(slow, Dawdle(), actor=SYSTEM)

    assert len(tries) == 1
    assert hub.run(ring, Ring(times=2), actor=SYSTEM) == Rang(2)


def test_a_copy_that_outlasts_its_transaction_is_told_as_what_it_is(
    open_shop: Callable[..., Hub],
) -> None:
    """In the middle of a COPY the connection just breaks, and nobody hears why."""
    hub = open_shop(longest=timedelta(milliseconds=200))
    without_end = ((str(number), "1") for number in itertools.count())

    with pytest.raises(TookTooLong), hub.writing("test.copy") as tx:
        tx.copy_in("kernel.settings", ("name", "value"), without_end)

    assert facts(hub) == 0


def test_ids_of_a_transaction_sort_as_they_were_made(hub: Hub) -> None:
    with hub.reading() as tx:
        made = [tx.new_id() for _ in range(10_000)]  # more than 12 bits
        began = int(tx.now.timestamp() * 1000)

    assert made == sorted(set(made))
    assert [one.version for one in made[::1000]] == [7] * 10
    assert 0 <= (made[-1].int >> 80) - began <= 3, "milliseconds ahead of the time at most"
