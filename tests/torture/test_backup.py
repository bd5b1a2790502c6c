"""A backup made while selling goes on elsewhere; no reader of the log skips or repeats a fact."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from charsu.assembly import checks, chores, open_hub, prepare
from charsu.kernel import Hub
from charsu.kernel.check import run_checks
from charsu.kernel.log import deliver
from charsu.kernel.server import dump, open_server, restore
from charsu.kernel.work import Worker
from charsu.torture.counting import NAMES, count_facts, prepare_counting
from tests.shop import Shop

DELIVERED = 9  # so many at least were read when the backup begins; the others are pending


@pytest.mark.slow
def test_a_restored_shop_goes_on_where_its_backup_was_made(
    hub: Hub, database: str, tmp_path: Path
) -> None:
    shop = Shop(hub)
    shop.has("mug", 10_000, at="north")
    shop.costs("mug", 1_000)
    prepare_counting(hub)
    before = {shop.buys(mug=1).order_id for _ in range(20)}
    while _counted(hub) < DELIVERED:
        with hub.writing("test.deliver") as tx:
            deliver(tx, count_facts, limit=3)

    archive = tmp_path / "shop.dump"
    during = _selling(shop, lambda: dump(database, archive))

    with open_server(tmp_path / "elsewhere") as server:
        restore(server.dsn, archive)
        prepare(server.dsn)
        with open_hub(server.dsn, connections=4) as restored:
            assert _orders(restored) >= before
            assert DELIVERED <= _counted(restored) < len(before)
            shop.hub = restored
            after = {shop.buys(mug=1).order_id for _ in range(20)}
            skipped = _below_a_naive_cursor(restored)
            print(f"unsafe control: {skipped} facts skipped without epochs")
            _work_off(restored)

            assert _orders(restored) >= before | after
            assert during
            assert _times_delivered(restored) == {1}
            assert skipped > 0
            with restored.reading() as tx:
                assert tx.value("SELECT count(*) FROM kernel.parked") == 0
                assert tx.value("SELECT count(*) FROM kernel.epochs") == 2
        with psycopg.connect(server.dsn) as connection:
            assert [v for v in run_checks(connection, checks()) if not v.is_clean] == []


def _selling(shop: Shop, meanwhile: Callable[[], None]) -> int:
    """Sell as fast as it goes while something is done, and a little before and after."""
    over = threading.Event()
    first = threading.Barrier(4)

    def sell(_: int) -> int:
        shop.buys(mug=1)
        first.wait()
        sold = 1
        while not over.is_set():
            shop.buys(mug=1)
            sold += 1
        return sold

    with ThreadPoolExecutor(3) as buyers:
        selling = buyers.map(sell, range(3))
        first.wait()
        try:
            meanwhile()
        finally:
            over.set()
        return sum(selling)


def _work_off(hub: Hub) -> None:
    """Let a worker do everything that is to be done."""
    hub.consumers[count_facts.name] = count_facts
    worker = Worker(hub, chores(), threading.Event())
    while worker.turn():
        pass


def _orders(hub: Hub) -> set[object]:
    with hub.reading() as tx:
        return {row.id for row in tx.all("SELECT id FROM orders.orders")}


def _counted(hub: Hub) -> int:
    with hub.reading() as tx:
        return tx.value("SELECT count(*) FROM torture.counted")


def _times_delivered(hub: Hub) -> set[int]:
    """How often facts were delivered: each once, if all is well."""
    with hub.reading() as tx:
        rows = tx.all(
            """
            SELECT DISTINCT count(c.fact_id) AS times FROM kernel.facts f
            LEFT JOIN torture.counted c ON c.fact_id = f.id
            WHERE f.name = ANY(%(names)s) GROUP BY f.id
            """,
            names=list(NAMES),
        )
    return {row.times for row in rows}


def _below_a_naive_cursor(hub: Hub) -> int:
    """New facts whose transaction ids lie below those that came with the backup."""
    with hub.reading() as tx:
        return tx.value(
            """
            SELECT count(*) FROM kernel.facts WHERE epoch = 2 AND transaction <=
                (SELECT max(transaction) FROM kernel.facts WHERE epoch = 1)
            """
        )
