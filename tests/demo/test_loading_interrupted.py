"""A load that breaks off, and the one that comes after it."""

import psycopg
import pytest

from charsu.assembly import checks, prepare
from charsu.demo.loading import databases, load_demo
from charsu.demo.loading.chain import load_chain
from charsu.demo.loading.progress import silent
from charsu.kernel import Hub
from charsu.kernel.check import run_checks
from tests.conftest import in_database

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


class _PowerCut(Exception):
    """Ends a load at some moment."""


def test_the_chain_goes_on_where_it_broke_off_and_nothing_happens_twice(
    hub: Hub, database: str
) -> None:
    def cut(stage: str, done: int, total: int) -> None:
        if stage == "trade" and done >= total // 2:
            raise _PowerCut

    with pytest.raises(_PowerCut):
        load_chain(hub, cut)
    half = _count(database, "orders.orders")
    load_chain(hub, silent)
    whole = _count(database, "orders.orders")
    load_chain(hub, silent)

    assert 0 < half < whole
    assert _count(database, "orders.orders") == whole
    with psycopg.connect(database) as connection:
        verdicts = run_checks(connection, checks())
    assert [(v.name, v.findings) for v in verdicts if not v.is_clean] == []


@pytest.mark.year
def test_a_year_that_broke_off_is_thrown_away_and_loaded_anew(server: str) -> None:
    conninfo = in_database(server, "cut")
    databases.create(conninfo)
    prepare(conninfo)

    def cut(stage: str, _done: int, _total: int) -> None:
        if stage == "year: receipts":
            raise _PowerCut

    with pytest.raises(_PowerCut):
        load_demo(conninfo, progress=cut)
    summary = load_demo(conninfo)

    assert summary.year is not None
    assert summary.year.sign_ins
    assert _count(summary.year.conninfo, "orders.orders") == 3_569
    databases.drop(summary.year.conninfo)
    databases.drop(conninfo)


def _count(conninfo: str, table: str) -> int:
    with psycopg.connect(conninfo) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row is not None
    return int(row[0])
