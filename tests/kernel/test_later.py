"""Writes that nobody waits for go together, and nothing reads past them."""

from collections.abc import Iterator
from typing import LiteralString

import psycopg
import pytest

from charsu.kernel import Hub, Tx
from charsu.kernel.later import Unforeseen, together

LEFT: LiteralString = "INSERT INTO public.left_one (id, n) VALUES (%(id)s, %(n)s)"
RIGHT: LiteralString = "INSERT INTO public.right_one (id, n) VALUES (%(id)s, %(n)s)"
RAISED: LiteralString = "UPDATE public.left_one SET n = n + 1 WHERE id = %(id)s RETURNING n"
CHANNEL: LiteralString = """
    INSERT INTO catalog.channels (id, code, name, kind, currency, tax_mode, language, assortment,
                                  version)
    VALUES (%(id)s, 'late', 'Late', 'web', 'EUR', 'included', 'en', 'everything', 1)
"""
SUM: LiteralString = "SELECT coalesce(sum(n), 0)::int FROM public.left_one"


@pytest.fixture
def calls(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What the database is asked between opening and commit."""
    with hub.writing("test") as tx:
        for table in ("left_one", "right_one"):
            tx.run(f"CREATE TABLE public.{table} (id int PRIMARY KEY, n int CHECK (n < 100))")
    seen: list[str] = []
    monkeypatch.setattr(hub.faults, "before_call", seen.append)
    yield seen
    with hub.writing("test") as tx:
        tx.run("DROP TABLE public.left_one, public.right_one")


def sum_of(hub: Hub) -> int:
    return hub.read(lambda tx: int(tx.value(SUM)))


def test_what_is_written_later_is_one_statement_of_the_transaction(
    hub: Hub, calls: list[str]
) -> None:
    with hub.writing("test") as tx:
        tx.later(LEFT, id=1, n=1)
        tx.later(RIGHT, id=1, n=2)  # the same names for other values
        assert len(calls) == 1, "nothing but the opening"

    assert len(calls) == 2
    assert sum_of(hub) == 1
    assert hub.read(lambda tx: tx.value("SELECT n FROM public.right_one")) == 2


def test_whoever_reads_sees_what_was_to_be_written(hub: Hub, calls: list[str]) -> None:
    with hub.writing("test") as tx:
        tx.later(LEFT, id=1, n=1)
        assert tx.value(SUM) == 1
        tx.later(LEFT, id=2, n=1)
        tx.copy_in("public.left_one", ("id", "n"), [(3, 1)])
        tx.later(LEFT, id=4, n=1)
        with tx.savepoint():
            tx.later(LEFT, id=5, n=1)

    assert sum_of(hub) == 5


def test_two_writes_to_one_table_go_one_after_the_other(hub: Hub, calls: list[str]) -> None:
    with hub.writing("test") as tx:
        tx.later(LEFT, id=1, n=1)
        tx.later_giving(RAISED, 2, id=1)  # in one statement it would find no row
        tx.later(RIGHT, id=1, n=1)
        tx.later_giving(RAISED, 3, id=1)

    assert len(calls) == 4, "the opening, the row, its first raise with the other table, its second"
    assert sum_of(hub) == 3


def test_what_did_not_come_out_as_foreseen_is_not_kept(hub: Hub, calls: list[str]) -> None:
    with hub.writing("test") as tx:
        tx.run(LEFT, id=1, n=1)

    for id, gives in ((1, 7), (2, 2)):  # another number, and no row at all
        with pytest.raises(Unforeseen), hub.writing("test") as tx:
            tx.later(RIGHT, id=1, n=1)
            tx.later_giving(RAISED, gives, id=id)
        with pytest.raises(Unforeseen), hub.writing("test") as tx:
            tx.later_giving(RAISED, gives, id=id)  # alone

    assert sum_of(hub) == 1


def test_what_is_wrong_is_said_by_the_next_call_and_undone_with_its_savepoint(
    hub: Hub, calls: list[str]
) -> None:
    with hub.writing("test") as tx:
        tx.later(LEFT, id=1, n=1)
        with pytest.raises(psycopg.errors.CheckViolation), tx.savepoint():
            tx.later(LEFT, id=2, n=100)
        with pytest.raises(KeyError), tx.savepoint():
            tx.later(LEFT, id=3, n=1)
            raise KeyError
        tx.later(LEFT, id=4, n=1)

    assert sum_of(hub) == 2


def test_a_transaction_that_writes_later_to_what_lasts_reads_it_anew(hub: Hub) -> None:
    def look(tx: Tx) -> int:
        return tx.lasting("prices", lambda: int(tx.value("SELECT count(*) FROM catalog.channels")))

    with hub.writing("test") as tx:
        assert look(tx) == 0
        tx.later(CHANNEL, id=tx.new_id())
        assert look(tx) == 1


def test_a_write_that_would_hide_what_it_writes_is_not_taken() -> None:
    with pytest.raises(AssertionError):
        together(("WITH one AS (DELETE FROM public.left_one) SELECT 1", RIGHT), (False, False))
