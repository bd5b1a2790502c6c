"""No fact is skipped unseen: whoever moves or loses a cursor, or what was put off, is named."""

from collections.abc import Callable

import psycopg
import pytest

from charsu.assembly import checks, open_hub
from charsu.kernel import Hub
from charsu.kernel.check import run_checks
from charsu.kernel.log import Consumer, register
from tests.kernel.log.test_reading import TWO, collector, drain, tick

SEEN: list[int] = []
READER = collector("reader", SEEN, {2})
LOOSE = "ALTER TABLE kernel.beginnings DROP CONSTRAINT beginnings_consumer_fkey;"
AT_THE_END = """
    UPDATE kernel.consumers SET (epoch, transaction, sequence) =
        (SELECT epoch, transaction, sequence FROM kernel.facts
         ORDER BY facts.epoch DESC, facts.transaction DESC, facts.sequence DESC LIMIT 1)
"""
PLANTS = [
    ("every_fact_is_passed_or_to_come", AT_THE_END, "reader"),
    (
        "every_fact_is_passed_or_to_come",
        "UPDATE kernel.consumers SET epoch = 0, transaction = '0', sequence = 0",
        "reader",
    ),
    ("every_fact_is_passed_or_to_come", LOOSE + "DELETE FROM kernel.consumers", "reader"),
    ("every_fact_is_passed_or_to_come", "DELETE FROM kernel.beginnings", "reader"),
    ("parked_facts_are_kept", "DELETE FROM kernel.parked", "reader"),
    ("parked_facts_are_kept", "DELETE FROM kernel.parked WHERE version = 3", "reader"),
    ("parked_facts_are_kept", "UPDATE kernel.parked SET consumer = 'other'", "reader"),
    (
        "no_consumer_is_missing",
        "DELETE FROM kernel.beginnings; DELETE FROM kernel.consumers",
        "webhooks.note_deliveries",
    ),
    (
        "no_consumer_is_missing",
        LOOSE + "DELETE FROM kernel.consumers WHERE name LIKE 'webhooks%'",
        "webhooks.note_deliveries",
    ),
    (
        "no_consumer_is_missing",
        LOOSE + "UPDATE kernel.consumers SET name = 'was ' || name",
        "webhooks.note_deliveries",
    ),
]


@pytest.fixture
def hub(open_shop: Callable[..., Hub]) -> Hub:
    """One has read four facts, put two of them off, and has one to come."""
    hub = open_shop()
    SEEN.clear()
    _register(hub, READER)
    for number in (1, 2, 3):
        tick(hub, number)
    tick(hub, 9, subject=TWO, version=1)
    drain(hub, READER)
    tick(hub, 10, subject=TWO, version=2)
    return hub


def _register(hub: Hub, consumer: Consumer) -> None:
    with hub.writing("test") as tx:
        register(tx, [consumer])


def found(database: str) -> dict[str, list[str]]:
    with psycopg.connect(database) as connection:
        verdicts = run_checks(connection, checks())
    return {one.name: [f.row for f in one.findings] for one in verdicts if not one.is_clean}


def plant(database: str, statement: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute(statement)  # type: ignore[arg-type]


@pytest.mark.usefixtures("hub")
def test_a_reader_that_is_behind_and_has_put_facts_off_breaks_nothing(database: str) -> None:
    assert found(database) == {}


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize(("check", "statement", "named"), PLANTS)
def test_whoever_skips_a_fact_is_named(
    database: str, check: str, statement: str, named: str
) -> None:
    plant(database, statement)

    assert f"consumer {named}" in found(database)[check]


@pytest.mark.usefixtures("hub")
def test_no_cursor_is_deleted_alone(database: str) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        plant(database, "DELETE FROM kernel.consumers")


def test_who_has_lost_its_place_begins_where_it_began(hub: Hub, database: str) -> None:
    lost = "DELETE FROM kernel.parked; DELETE FROM kernel.consumers; DELETE FROM kernel.settings"
    plant(database, LOOSE + lost)
    again = collector("reader", SEEN)

    with open_hub(database, connections=2) as opened, opened.writing("test") as tx:
        register(tx, [*opened.consumers.values(), again])
    SEEN.clear()
    drain(hub, again)

    assert SEEN == [1, 2, 3, 9, 10]
    assert found(database) == {}
