"""Counts, orders and cancellations at once: there are answers and refusals, and nothing else."""

import random
import threading
from collections.abc import Callable

import pytest

from charsu.kernel import SYSTEM, Hub, HubError
from charsu.orders import CancelOrder, cancel_order
from charsu.stock import count_stock
from charsu.stock.operations.count import CountedLine, CountStock
from tests.shop import Shop
from tests.shopping.driver import problems_of_all

SKUS = [f"thing-{number}" for number in range(6)]
ROUNDS = 400  # with the guard beside the update, not in it, some of these failed

pytestmark = pytest.mark.slow


@pytest.fixture
def shop(open_shop: Callable[..., Hub]) -> Shop:
    shop = Shop(open_shop())
    for sku in SKUS:
        shop.has(sku, 30, at="north")
        shop.costs(sku, 100)
    return shop


def test_nobody_meets_anything_but_an_answer_while_goods_are_counted_and_sold(
    shop: Shop, database: str
) -> None:
    chance = [random.Random(number) for number in range(8)]
    troubles: list[BaseException] = []
    sold, counted = [0] * 8, [0] * 8

    def sell(number: int) -> None:
        pieces = {sku: chance[number].randint(1, 5) for sku in chance[number].sample(SKUS, 3)}
        placed = shop.buys(**pieces)
        sold[number] += 1
        if chance[number].random() < 0.8:
            ask = CancelOrder(order_id=placed.order_id, reason="changed_mind")
            shop.hub.run(cancel_order, ask, actor=SYSTEM)

    def count(number: int) -> None:
        lines = tuple(
            CountedLine(sku=sku, on_hand=chance[number].randint(0, 60))
            for sku in chance[number].sample(SKUS, 4)
        )
        ask = CountStock(location_id=shop.locations["north"], lines=lines)
        shop.hub.run(count_stock, ask, actor=SYSTEM)
        counted[number] += 1

    def work(number: int) -> None:
        for _ in range(ROUNDS):
            try:
                (count if number < 3 else sell)(number)
            except HubError:
                continue
            except BaseException as trouble:
                troubles.append(trouble)
                return

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    print(f"{sum(sold)} sold, {sum(counted)} counts")
    assert troubles == []
    assert sum(sold) > 50 and sum(counted) > 50
    assert problems_of_all(shop) == []
