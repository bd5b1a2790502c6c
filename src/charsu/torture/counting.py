"""A consumer that writes each fact down once; a second time would be refused and seen."""

from typing import Any

import psycopg
from msgspec import Struct

from charsu.kernel import Hub, Seen, Tx, reaction
from charsu.kernel.log import register

NAMES = (
    "orders.order_placed",
    "orders.order_paid",
    "orders.parcel_shipped",
    "orders.lines_canceled",
)


class _Anything(Struct, frozen=True):
    """Only that it was said counts."""


@reaction("torture.count", on=dict.fromkeys(NAMES, _Anything), from_start=True)
def count_facts(tx: Tx, facts: list[Seen[Any]]) -> None:
    """Write each fact down, in rows that cannot stand twice."""
    tx.run(
        """
        INSERT INTO torture.counted (fact_id, subject_id, version)
        SELECT * FROM unnest(%(ids)s::uuid[], %(subjects)s::uuid[], %(versions)s::bigint[])
        """,
        ids=[fact.id for fact in facts],
        subjects=[fact.subject_id for fact in facts],
        versions=[fact.version for fact in facts],
    )


def prepare_counting(hub: Hub) -> None:
    """Make the table of the counting consumer, and give it a cursor at the log's beginning."""
    with hub.writing("torture.prepare") as tx:
        tx.run("CREATE SCHEMA IF NOT EXISTS torture")
        tx.run(
            """
            CREATE TABLE IF NOT EXISTS torture.counted (
                fact_id uuid PRIMARY KEY, subject_id uuid NOT NULL, version bigint NOT NULL,
                number bigint GENERATED ALWAYS AS IDENTITY)
            """
        )
        register(tx, [count_facts])


_DRAINED = """
    SELECT NOT EXISTS (
        SELECT FROM kernel.facts f, kernel.consumers c
        WHERE (f.epoch, f.transaction, f.sequence) > (c.epoch, c.transaction, c.sequence))
"""


def is_drained(connection: psycopg.Connection[Any]) -> bool:
    """Whether every consumer has passed the last fact."""
    row = connection.execute(_DRAINED).fetchone()
    return row is not None and bool(row[0])


def is_drained_by(tx: Tx) -> bool:
    """The same, for a hub that looks."""
    return bool(tx.value(_DRAINED))
