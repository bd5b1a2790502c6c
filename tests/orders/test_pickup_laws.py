"""Whatever a store, its customers and the clock do, nothing is lost and all is seen to."""

from collections import Counter as Tally
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from charsu.kernel import SYSTEM, Hub, HubError
from charsu.orders import CancelOrder, Pieces, Recipient, cancel_order
from charsu.stock import CountedLine, CountStock, count_stock
from tests.orders.store import Counter, counter_for, later, problems
from tests.shop import Shop

HOME = Recipient(name="Ana", street="Nova 1", town="Niš")
ORDERS, STEPS = 5, 40


class Days:
    """Some orders, and people who do what comes into their minds; what is refused is not done."""

    def __init__(self, hub: Hub, seed: int) -> None:
        self.chance = Random(seed)
        self.shop = Shop(hub)
        for store in ("north", "south"):
            for sku in ("mug", "cup"):
                self.shop.has(sku, 12, at=store)
        self.shop.costs("mug", 1_000)
        self.shop.costs("cup", 333)
        self.counters = [self.order(number) for number in range(ORDERS)]
        self.done: list[str] = []

    def order(self, number: int) -> Counter:
        where = {"kind": "pickup", "location_id": self.shop.locations["north"]} if number else {}
        recipient = HOME if number % 2 else None
        placed = self.shop.buys(mug=2, cup=1, recipient=recipient, **where)
        if number % 3:
            self.shop.pays_cash(placed.order_id, placed.total_minor)
        return counter_for(self.shop, placed)

    def goes_on(self) -> None:
        name = self.chance.choice([one for one in vars(Days) if one.startswith("step_")])
        try:
            getattr(self, name)(self.chance.choice(self.counters))
        except HubError as refusal:
            self.done.append(f"{name}: {refusal.code}")
        else:
            self.done.append(name)

    def step_accept(self, counter: Counter) -> None:
        counter.accepts()

    def step_reject(self, counter: Counter) -> None:
        counter.rejects(self.chance.choice(["not_found", "damaged", "busy"]))

    def step_pick_everything(self, counter: Counter) -> None:
        counter.finds()

    def step_pick_fewer(self, counter: Counter) -> None:
        reason = self.chance.choice(["not_found", "damaged", "other"])
        counter.finds(mug=self.chance.choice([1, 2]), reason=reason)

    def step_lay_out(self, counter: Counter) -> None:
        counter.lays_out()

    def step_hand_over(self, counter: Counter) -> None:
        line = self.chance.choice(counter.order.lines).id
        some = self.chance.choice([(), (Pieces(line_id=line, quantity=1),)])
        counter.hands_over(lines=some, proof="document")

    def step_put_back(self, counter: Counter) -> None:
        counter.puts_back()

    def step_send(self, counter: Counter) -> None:
        self.shop.ships(counter.order)

    def step_cancel(self, counter: Counter) -> None:
        line = self.chance.choice(counter.order.lines).id
        ask = CancelOrder(
            order_id=counter.order_id, reason="mind", lines=(Pieces(line_id=line, quantity=1),)
        )
        self.shop.hub.run(cancel_order, ask, actor=SYSTEM)

    def step_choose(self, counter: Counter) -> None:
        if any(one.options.otherwise for one in counter.exceptions()):
            counter.chooses(self.chance.choice(["store", "cancel"]), store="south")

    def step_count(self, _: Counter) -> None:
        line = CountedLine(sku="mug", on_hand=self.chance.randint(0, 9))
        store = self.shop.locations[self.chance.choice(["north", "south"])]
        self.shop.hub.run(count_stock, CountStock(location_id=store, lines=(line,)), actor=SYSTEM)

    def step_wait(self, _: Counter) -> None:
        later(self.shop, hours=self.chance.choice([1, 5, 25, 100]))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_the_books_are_right_and_everything_is_somebodys(
    open_shop: Callable[..., Hub], seed: int
) -> None:
    days = Days(open_shop(), seed)
    for number in range(STEPS):
        days.goes_on()
        if number % 8 == 0:
            assert problems(days.shop) == [], days.done

    print(Tally(days.done))
    later(days.shop, days=40)
    assert problems(days.shop) == []
    assert sum(days.shop.books().values()) == 0
    assert_nothing_waits_unseen(days)


def assert_nothing_waits_unseen(days: Days) -> None:
    """What still waits after its time is an exception; no choice is open for ever."""
    for counter in days.counters:
        kinds: dict[Any, str] = {one.fulfillment_id: one.kind for one in counter.exceptions()}
        for task in counter.order.fulfillments:
            if task.state in {"waiting", "ready"}:
                assert task.id in kinds, days.done
        assert not any(one.options.otherwise for one in counter.exceptions())
