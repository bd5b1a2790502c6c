"""What was sealed stays as it was, or ``check`` names what did not."""

import hashlib
from collections.abc import Callable, Iterator
from uuid import UUID

import msgspec
import psycopg
import pytest

from charsu.kernel import Fact, Hub, append
from charsu.kernel.check import Verdict, run_checks
from charsu.kernel.log import chores, open_epoch, read_after
from charsu.kernel.log.checks import CHECKS
from charsu.kernel.log.read import START
from charsu.kernel.log.seals import LEAF_BYTES

(SEALED,) = [check for check in CHECKS if check.name == "facts_are_as_they_were_sealed"]
FACTS = 23


class Tolled(Fact, frozen=True, kw_only=True):
    number: int


@pytest.fixture
def tower(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """Facts in three transactions each of several subjects, sealed by tens; three are not yet."""
    monkeypatch.setattr(chores, "BATCH", 10)
    with hub.writing("test") as tx:
        open_epoch(tx)
    toll(hub, range(20))
    while chores.seal_log.do(hub):
        pass
    toll(hub, range(20, FACTS))
    return hub


def toll(hub: Hub, numbers: range) -> None:
    for number in numbers:
        with hub.writing("test") as tx:
            append(tx, Tolled(number=number), subject=UUID(int=number % 3), version=number)


@pytest.fixture
def judge(database: str) -> Callable[[], Verdict]:
    def verdict() -> Verdict:
        with psycopg.connect(database, options="-c timezone=Asia/Baku") as connection:
            return run_checks(connection, [SEALED])[0]

    return verdict


@pytest.fixture
def by_hand(tower: Hub, database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


def fact_at(connection: psycopg.Connection, number: int) -> UUID:
    row = connection.execute(
        "SELECT id FROM kernel.facts WHERE body->>'number' = %s", [str(number)]
    ).fetchone()
    assert row is not None
    return row[0]


def test_a_log_that_was_left_alone_is_as_it_was_sealed(
    tower: Hub, judge: Callable[[], Verdict]
) -> None:
    verdict = judge()

    assert (verdict.is_clean, verdict.looked_at) == (True, 20)
    with tower.reading() as tx:
        assert tx.value("SELECT count(*) FROM kernel.seals") == 2


CHANGES = {
    "body": "body = jsonb_set(body, '{number}', '99')",
    "time": "at = at - interval '1 microsecond'",
    "actor": "actor_id = gen_random_uuid()",
    "operation": "operation = 'orders.place'",
    "name": "name = 'orders.order_placed'",
    "history": "is_historical = true",
    "version": "version = 77",
    "subject": "subject_id = gen_random_uuid()",
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("number", [0, 9, 10, 19])
def test_a_sealed_fact_that_was_changed_is_named(
    by_hand: psycopg.Connection, judge: Callable[[], Verdict], change: str, number: int
) -> None:
    fact = fact_at(by_hand, number)
    by_hand.execute(f"UPDATE kernel.facts SET {CHANGES[change]} WHERE id = %s", [fact])

    (finding,) = judge().findings

    assert finding.row == f"fact {fact}"
    assert finding.problem.startswith("is not what it was when it was sealed")


@pytest.mark.parametrize("number", [0, 9, 10, 19])
def test_a_sealed_fact_that_was_removed_is_named(
    by_hand: psycopg.Connection, judge: Callable[[], Verdict], number: int
) -> None:
    fact = fact_at(by_hand, number)
    by_hand.execute("DELETE FROM kernel.facts WHERE id = %s", [fact])

    (finding,) = judge().findings

    assert finding.row == f"fact {fact}"
    assert finding.problem.startswith("is not in the log where it was sealed")


@pytest.mark.parametrize("number", [0, 8, 10, 18])
def test_a_fact_that_was_put_in_below_a_seal_is_named(
    by_hand: psycopg.Connection, judge: Callable[[], Verdict], number: int
) -> None:
    fact = UUID(int=0xFAC7)
    by_hand.execute(
        """
        INSERT INTO kernel.facts (id, epoch, transaction, sequence, name, subject_id, version, at,
                                  actor_id, operation, body)
        OVERRIDING SYSTEM VALUE
        SELECT %s, epoch, transaction, sequence + 1, name, gen_random_uuid(), 1, at, actor_id,
               operation, body
        FROM kernel.facts WHERE id = %s
        """,
        [fact, fact_at(by_hand, number)],
    )

    (finding,) = judge().findings

    assert finding.row == f"fact {fact}"
    assert finding.problem.startswith("was put in after")


def test_a_fact_that_was_moved_beyond_the_seals_is_named(
    by_hand: psycopg.Connection, judge: Callable[[], Verdict]
) -> None:
    fact = fact_at(by_hand, 4)
    by_hand.execute("UPDATE kernel.facts SET epoch = 9 WHERE id = %s", [fact])

    assert [finding.row for finding in judge().findings] == [f"fact {fact}"]


def test_what_is_not_sealed_yet_may_not_be_judged(
    by_hand: psycopg.Connection, judge: Callable[[], Verdict]
) -> None:
    by_hand.execute("DELETE FROM kernel.facts WHERE id = %s", [fact_at(by_hand, 21)])

    assert judge().is_clean


FORGED = {
    "the leaves follow the fact": (
        "UPDATE kernel.seals SET leaves = overlay(leaves PLACING"
        " '\\x00000000000000000000000000000000'::bytea FROM 17) WHERE number = 1",
        "seal 1",
    ),
    "a leaf is taken out": (
        f"UPDATE kernel.seals SET leaves = substr(leaves, {LEAF_BYTES} + 1) WHERE number = 1",
        "seal 1",
    ),
    "the first seal is removed": ("DELETE FROM kernel.seals WHERE number = 1", "seal 1"),
    "the newest seal is removed": ("DELETE FROM kernel.seals WHERE number = 2", "seal 2"),
    "all seals are removed": ("DELETE FROM kernel.seals", "seal 2"),
    "how many were made is forgotten": ("DELETE FROM kernel.seals_made", "seal 2"),
    "a digest is another": ("UPDATE kernel.seals SET digest = sha256(digest)", "seal 1"),
    "the first seal is made anew": (
        "UPDATE kernel.seals SET leaves = substr(leaves, 33), facts = facts - 1,"
        " digest = sha256(substr(leaves, 33)) WHERE number = 1",
        "seal 2",
    ),
}


@pytest.mark.parametrize("forged", FORGED)
def test_a_seal_that_was_forged_is_named(
    by_hand: psycopg.Connection, judge: Callable[[], Verdict], forged: str
) -> None:
    statement, named = FORGED[forged]
    by_hand.execute(statement)

    assert named in {finding.row for finding in judge().findings}


def seal_as_the_first_release(hub: Hub) -> None:
    """Over the facts themselves, in the order in which they were read."""
    with hub.writing("test") as tx:
        tx.run("DELETE FROM kernel.seals")
        facts = read_after(tx, START, limit=20)
        total = hashlib.sha256(b"")
        for fact in facts:
            total.update(msgspec.json.encode(fact, order="deterministic"))
        end = max(fact.cursor for fact in facts)
        tx.run(
            """
            INSERT INTO kernel.seals VALUES (
                1, %(epoch)s, %(transaction)s::text::xid8, %(sequence)s, 20, %(digest)s, %(now)s)
            """,
            digest=total.digest(),
            now=tx.now,
            **msgspec.structs.asdict(end),
        )


def test_seals_of_the_first_release_are_compared_as_a_whole_and_built_upon(
    tower: Hub, by_hand: psycopg.Connection, judge: Callable[[], Verdict]
) -> None:
    seal_as_the_first_release(tower)
    assert chores.seal_log.do(tower) == FACTS - 20
    assert (judge().is_clean, judge().looked_at) == (True, FACTS)

    by_hand.execute("DELETE FROM kernel.facts WHERE id = %s", [fact_at(by_hand, 4)])

    assert [finding.row for finding in judge().findings] == ["seal 1"]
