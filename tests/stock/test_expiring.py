"""What nobody bought in time is on sale again, and what was missing for it is missing no more."""

from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest

from charsu.kernel import SYSTEM, Hub
from charsu.kernel.check import run_checks
from charsu.stock.checks import CHECKS
from charsu.stock.chores import expire_holds
from charsu.stock.documents import StockLine
from charsu.stock.operations.write_off import WriteOffStock, write_off_stock
from tests.shop import Shop


@pytest.fixture
def shop(open_shop: Callable[..., Hub]) -> Shop:
    return Shop(open_shop())


def test_the_exception_closes_when_the_hold_that_was_short_runs_out(
    shop: Shop, database: str
) -> None:
    shop.has("mug", 1, at="north")
    with shop.hub.writing("test.hold") as tx:
        until = tx.now + timedelta(minutes=15)
        shop.hold(tx, shop.wants(mug=1), owner=tx.new_id(), expires_at=until)
    gone = (StockLine(sku="mug", pieces=1),)
    ask = WriteOffStock(location_id=shop.locations["north"], lines=gone, reason="damaged")
    shop.hub.run(write_off_stock, ask, actor=SYSTEM)
    with shop.hub.reading() as tx:
        assert tx.value("SELECT state FROM stock.exceptions") == "open"

    shop.hub.offset = timedelta(minutes=20)

    assert expire_holds.do(shop.hub) == 1
    assert expire_holds.do(shop.hub) == 0
    with shop.hub.reading() as tx:
        assert tx.value("SELECT state FROM stock.exceptions") == "closed"
    with psycopg.connect(database) as connection:
        assert [v for v in run_checks(connection, CHECKS) if not v.is_clean] == []
