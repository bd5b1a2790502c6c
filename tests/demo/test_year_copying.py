"""The year in a real PostgreSQL: what COPY takes in is what the frames hold."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import LiteralString

import polars as pl
import psycopg
import pytest

from charsu.catalog import put_category, put_many_products
from charsu.demo.year import Year, category_drafts, csv_chunks, product_drafts
from charsu.kernel import Hub

pytestmark = pytest.mark.slow

ORDERS: LiteralString = """
CREATE TEMP TABLE orders (
    id uuid PRIMARY KEY, number text UNIQUE, store_code text, household_code text,
    placed_at timestamptz, business_day date, line_count int, gross_minor bigint,
    discount_minor bigint, total_minor bigint, coupon_minor bigint, paid_minor bigint,
    tax_minor bigint)
"""
LINES: LiteralString = """
CREATE TEMP TABLE lines (
    order_id uuid, id uuid PRIMARY KEY, line_no int, sku text, kind text, quantity bigint,
    unit text, scale smallint, unit_minor bigint, gross_minor bigint, discount_minor bigint,
    total_minor bigint, coupon_minor bigint)
"""
DAYS: LiteralString = """
SELECT count(*) FILTER (
    WHERE (placed_at AT TIME ZONE 'America/New_York')::date <> business_day) FROM orders
"""
TOTALS: LiteralString = """
SELECT count(*), count(*) FILTER (WHERE o.total_minor <> l.total), sum(l.total)::bigint
FROM orders o JOIN (SELECT order_id, sum(total_minor) AS total FROM lines GROUP BY order_id) l
  ON l.order_id = o.id
"""


@pytest.fixture
def connection(server: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(server) as opened:
        yield opened


def copy(connection: psycopg.Connection, table: LiteralString, frame: pl.DataFrame) -> None:
    with connection.cursor().copy(f"COPY {table} FROM STDIN (FORMAT csv)") as target:
        for chunk in csv_chunks(frame):
            target.write(chunk)


def test_the_full_year_goes_in_by_copy_and_adds_up(
    connection: psycopg.Connection, year: Year
) -> None:
    connection.execute(ORDERS)
    connection.execute(LINES)

    copy(connection, "orders", year.orders)
    copy(connection, "lines", year.lines)

    assert connection.execute(DAYS).fetchone() == (0,)
    assert connection.execute(TOTALS).fetchone() == (155_848, 0, 459_603_958)
    nulls = connection.execute("SELECT count(*) FROM lines WHERE unit_minor IS NULL").fetchone()
    assert nulls == (44_595 + 8_869,)


def test_nothing_empty_text_quotes_and_times_arrive_as_they_are(
    connection: psycopg.Connection,
) -> None:
    moment = datetime(2026, 3, 8, 7, 30, 0, 250, tzinfo=UTC)
    rows = [("", 'a "b", c\nd', moment), (None, "\\N", None), ("x", "ə ł š", moment)]
    frame = pl.DataFrame(rows, schema=["a", "b", ("c", pl.Datetime("us", "UTC"))], orient="row")
    connection.execute("CREATE TEMP TABLE kept (a text, b text, c timestamptz)")

    copy(connection, "kept", frame)

    assert connection.execute("SELECT a, b, c FROM kept").fetchall() == rows


def test_the_catalog_takes_the_products_of_the_year(hub: Hub, small: Year) -> None:
    drafts = list(product_drafts(small.products))
    with hub.writing("demo") as tx:
        for category in category_drafts(small.categories):
            put_category(tx, category)
        report = put_many_products(tx, drafts[:2_000], historical=True)

    assert len(drafts) == 10_741
    assert [outcome for outcome in report.outcomes if outcome.problems] == []
    assert report.count("created") == 2_000
