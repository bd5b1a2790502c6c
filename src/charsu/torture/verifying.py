"""What must be true after a campaign, worked out from what buyers were told."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row

from charsu.assembly import checks
from charsu.kernel.check import run_checks
from charsu.torture.buyers import Acknowledged
from charsu.torture.counting import NAMES
from charsu.torture.goods import Goods

ROWS = {
    "place": ("order_id", "SELECT id FROM orders.orders"),
    "pay": ("payment_id", "SELECT id FROM orders.payments"),
    "ship": ("shipment_id", "SELECT id FROM orders.shipments"),
}


def lost(dsn: str, told: Sequence[Acknowledged]) -> list[str]:
    """What somebody was told and is not there, or not so."""
    with reading(dsn) as connection:
        return [*_rows_gone(connection, told), *_orders_unlike(connection, told)]


def _rows_gone(connection: psycopg.Connection[Any], told: Sequence[Acknowledged]) -> Iterator[str]:
    for verb, (field, statement) in ROWS.items():
        there = {str(row.id) for row in connection.execute(statement)}
        for entry in told:
            if entry.verb == verb and entry.answer[field] not in there:
                yield f"{verb} {entry.key}: {entry.answer[field]} is not there"


def _orders_unlike(
    connection: psycopg.Connection[Any], told: Sequence[Acknowledged]
) -> Iterator[str]:
    """Orders that are not at the version, number and total that the last answer said."""
    orders = {
        str(row.id): row
        for row in connection.execute("SELECT id, number, total_minor, version FROM orders.orders")
    }
    last = Counter[str]()
    for entry in told:
        last[entry.order_id] = max(last[entry.order_id], entry.version)
    for entry in told:
        order = orders.get(entry.order_id)
        if entry.verb == "place" and order is not None:
            said = (entry.answer["number"], entry.answer["total_minor"], last[entry.order_id])
            if said != (order.number, order.total_minor, order.version):
                yield f"order {order.number} is {order}, its buyer was told {said}"


def inconsistent(dsn: str, told: Sequence[Acknowledged], goods: Goods) -> list[str]:
    """What is there and nobody was told of, what does not add up, and what ``check`` finds."""
    with reading(dsn) as connection:
        return [
            *_rows_untold(connection, told),
            *_stock_unlike(connection, told, goods),
            *facts_unlike(connection),
            *checks_failed(connection),
        ]


def _rows_untold(
    connection: psycopg.Connection[Any], told: Sequence[Acknowledged]
) -> Iterator[str]:
    """Every request was answered in the end, so there is nothing that nobody was told of."""
    for verb, (field, statement) in ROWS.items():
        said = {entry.answer[field] for entry in told if entry.verb == verb}
        for row in connection.execute(statement):
            if str(row.id) not in said:
                yield f"{verb}: nobody was told of {row.id}"


def _stock_unlike(
    connection: psycopg.Connection[Any], told: Sequence[Acknowledged], goods: Goods
) -> Iterator[str]:
    pieces = Counter[str]()
    for entry in told:
        pieces[entry.verb] += entry.pieces
    row = connection.execute(
        "SELECT sum(posted)::bigint AS on_hand, sum(held)::bigint AS held FROM ledger.balances"
    ).fetchone()
    assert row is not None, "an aggregate has a row"
    on_hand = goods.pieces - pieces["ship"]
    held = pieces["place"] - pieces["ship"] - pieces["cancel"]
    if (row.on_hand, row.held) != (on_hand, held):
        yield (
            f"stock: {row.on_hand} on hand and {row.held} held; what buyers were told makes "
            f"{on_hand} and {held}"
        )


def facts_unlike(connection: psycopg.Connection[Any]) -> Iterator[str]:
    """Facts that the counting consumer did not get, got twice or out of order, or was parked."""
    rows = connection.execute(
        """
        SELECT f.id, count(c.fact_id) AS times FROM kernel.facts f
        LEFT JOIN torture.counted c ON c.fact_id = f.id
        WHERE f.name = ANY(%s) GROUP BY f.id HAVING count(c.fact_id) <> 1
        """,
        [list(NAMES)],
    )
    yield from (f"fact {row.id} was delivered {row.times} times" for row in rows)
    rows = connection.execute(
        """
        SELECT subject_id FROM (
            SELECT subject_id, version,
                   lag(version) OVER (PARTITION BY subject_id ORDER BY number) AS before
            FROM torture.counted) c
        WHERE before > version
        """
    )
    yield from (f"facts of {row.subject_id} came out of order" for row in rows)
    rows = connection.execute("SELECT consumer, fact_id, problem FROM kernel.parked")
    yield from (f"fact {row.fact_id} is parked for {row.consumer}: {row.problem}" for row in rows)


def checks_failed(connection: psycopg.Connection[Any]) -> Iterator[str]:
    """What ``charsu check`` finds."""
    connection.rollback()
    for verdict in run_checks(connection, checks()):
        for finding in verdict.findings:
            yield f"check {verdict.name}: {finding.row} {finding.problem}"


def reading(dsn: str) -> psycopg.Connection[Any]:
    """A connection for looking."""
    return psycopg.connect(dsn, row_factory=namedtuple_row)
