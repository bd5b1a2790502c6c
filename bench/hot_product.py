"""One product that everybody wants: 500 buyers, 100 units, from eight processes at once."""

import multiprocessing
import time
from typing import Any

import psycopg

from bench.frame import Result, fresh_shops
from bench.stocked import Stocked, stock_shop
from charsu.assembly import open_hub
from charsu.kernel import SYSTEM
from charsu.orders import BuyLine, PlaceOrder, place_order
from charsu.stock import NotEnoughStock

BUYERS = 500
UNITS = 100
PROCESSES = 8


def run() -> list[Result]:
    """Exactly 100 are sold, the others are refused clearly, and how long it takes in all."""
    with fresh_shops("hot") as (shop,):
        stocked = stock_shop(shop, products=1, pieces=UNITS)
        context = multiprocessing.get_context("spawn")
        ready = context.Barrier(PROCESSES + 1)
        answers: Any = context.Queue()
        crowd = [
            context.Process(target=_buy, args=(shop, stocked, count, ready, answers))
            for count in _shares()
        ]
        for process in crowd:
            process.start()
        ready.wait(60)
        start = time.perf_counter()
        outcomes = [answers.get(timeout=120) for _ in crowd]
        seconds = time.perf_counter() - start
        for process in crowd:
            process.join(10)
        return [_result(outcomes, _orders(shop), seconds)]


def _shares() -> list[int]:
    return [BUYERS // PROCESSES + (n < BUYERS % PROCESSES) for n in range(PROCESSES)]


def _buy(conninfo: str, shop: Stocked, buyers: int, ready: Any, answers: Any) -> None:
    sold = refused = 0
    with open_hub(conninfo, connections=1) as hub:
        ask = PlaceOrder(
            channel_id=shop.channel,
            country="RS",
            lines=(BuyLine(variant_id=shop.variants[0], quantity=1),),
        )
        with hub.reading():
            ready.wait(60)
        for _ in range(buyers):
            try:
                hub.run(place_order, ask, actor=SYSTEM)
                sold += 1
            except NotEnoughStock:
                refused += 1
    answers.put((sold, refused))


def _orders(conninfo: str) -> int:
    with psycopg.connect(conninfo) as connection:
        row = connection.execute("SELECT count(*) FROM orders.orders").fetchone()
    assert row is not None
    return int(row[0])


def _result(outcomes: list[tuple[int, int]], orders: int, seconds: float) -> Result:
    sold = sum(one for one, _ in outcomes)
    refused = sum(other for _, other in outcomes)
    return Result(
        name=f"hot_product, {BUYERS} buyers, {UNITS} units",
        ratio=None,
        target=None,
        met=sold == orders == UNITS and refused == BUYERS - UNITS,
        figures={"sold": sold, "orders": orders, "refused": refused, "seconds": round(seconds, 2)},
    )


if __name__ == "__main__":
    for result in run():
        print(result.line())
