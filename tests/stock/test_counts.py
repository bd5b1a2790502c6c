"""A count is of its own time, however often and however late it is told."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime

import pytest

from charsu.kernel import SYSTEM, Hub
from charsu.stock import count_stock
from charsu.stock.operations.count import Counted, CountedLine, CountStock
from tests.interleaving import wait_until_blocked
from tests.shop import Shop


@pytest.fixture
def shop(open_shop: Callable[..., Hub]) -> Shop:
    shop = Shop(open_shop())
    shop.has("mug", 10, at="store")
    shop.costs("mug", 1_000)
    return shop


def counts(shop: Shop, pieces: int, at: datetime) -> Counted:
    line = CountedLine(sku="mug", on_hand=pieces)
    ask = CountStock(location_id=shop.locations["store"], lines=(line,), counted_at=at)
    return shop.hub.run(count_stock, ask, actor=SYSTEM)


def now(shop: Shop) -> datetime:
    with shop.hub.reading() as tx:
        return tx.now


@contextmanager
def a_parcel_that_waits(shop: Shop) -> Iterator[None]:
    """A parcel of one mug has begun to leave and waits for its order until this ends."""
    order = shop.order(shop.buys(mug=1))
    with ThreadPoolExecutor(1) as threads:
        with shop.hub.writing("test.look") as looking:
            lock = "SELECT FROM orders.orders WHERE id = %(id)s FOR UPDATE"
            looking.run(lock, id=order.id)
            leaving = threads.submit(shop.ships, order)
            wait_until_blocked(shop.hub, unless=leaving.done)
            assert not leaving.done()
            yield
        leaving.result()


def test_a_count_told_again_does_not_find_what_was_on_its_way_out(shop: Shop) -> None:
    with a_parcel_that_waits(shop):
        moment = now(shop)
        assert counts(shop, 10, moment).found == 0
    assert shop.stock("mug", at="store") == (9, 0)

    again = counts(shop, 10, moment)

    assert (again.found, again.lost) == (0, 0)
    assert shop.stock("mug", at="store") == (9, 0)


def test_a_count_first_told_later_does_not_find_what_was_on_its_way_out(shop: Shop) -> None:
    with a_parcel_that_waits(shop):
        moment = now(shop)
    assert shop.stock("mug", at="store") == (9, 0)

    told = counts(shop, 10, moment)

    assert (told.found, told.lost) == (0, 0)
    assert shop.stock("mug", at="store") == (9, 0)


def test_a_count_that_a_later_one_has_overtaken_moves_nothing(shop: Shop) -> None:
    early = now(shop)
    shop.ships(shop.order(shop.buys(mug=2)))
    assert counts(shop, 9, now(shop)).found == 1

    late = counts(shop, 11, early)

    assert (late.found, late.lost) == (0, 0)
    assert shop.stock("mug", at="store") == (9, 0)


def test_a_count_that_was_put_right_counts(shop: Shop) -> None:
    moment = now(shop)
    assert counts(shop, 8, moment).lost == 2
    assert counts(shop, 9, moment).found == 1
    assert shop.stock("mug", at="store") == (9, 0)
