"""Living through the chain's last weeks: each step at its own time, in order of time."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from msgspec import Struct

from charsu.demo.loading.chain.goods import variant_ids
from charsu.demo.loading.chain.last_pieces import last_orders
from charsu.demo.loading.chain.opening import Opened
from charsu.demo.loading.chain.plan import WEEKS, PlannedOrder, planned_orders
from charsu.demo.loading.chain.steps import Buyer
from charsu.demo.loading.chain.stock import refill
from charsu.demo.loading.chain.trouble import make_trouble
from charsu.demo.loading.progress import Progress
from charsu.kernel import Hub

REFILLED = timedelta(minutes=10)  # ago: the last delivery before the demo opens
TROUBLE = timedelta(minutes=5)


class Step(Struct, frozen=True):
    """Something that happens at a time."""

    at: datetime
    number: int  # tells apart what happens at the same time
    do: Callable[[], None]


def trade(hub: Hub, opened: Opened, progress: Progress) -> None:
    """Run every step that lies in the past; the hub's time moves along."""
    moved = hub.offset
    hub.offset = timedelta()
    with hub.reading() as tx:
        now, ids = tx.now, variant_ids(tx)
    hub.offset = moved
    steps = sorted(_steps(hub, opened, ids, now), key=lambda step: (step.at, step.number))
    due = [step for step in steps if step.at < now]
    for done, step in enumerate(due, 1):
        hub.offset = step.at - now
        step.do()
        if done % 50 == 0 or done == len(due):
            progress("trade", done, len(due))


def _steps(hub: Hub, opened: Opened, ids: dict[str, UUID], now: datetime) -> Iterator[Step]:
    for week in range(1, WEEKS):
        at = now - timedelta(weeks=week)
        yield Step(at, -1, _refill(hub, opened, f"week-{WEEKS - week}"))
    yield Step(now - REFILLED, -1, _refill(hub, opened, "this-morning"))
    yield Step(now - TROUBLE, -1, lambda: make_trouble(hub, opened, ids))
    for order in (*planned_orders(now), *last_orders(now)):
        # what was delivered last is still there when the demo opens, whatever the time of day
        life = _life(order, Buyer(hub, opened, ids, order))
        yield from (step for step in life if step.at < now - REFILLED)


def _refill(hub: Hub, opened: Opened, key: str) -> Callable[[], None]:
    return lambda: refill(hub, opened, key=key)


def _life(order: PlannedOrder, buyer: Buyer) -> Iterator[Step]:
    """What happens to one order, and when."""

    def step(after: timedelta, do: Callable[[], None]) -> Step:
        return Step(order.at + after, order.number, do)

    chance = Random(f"life/{order.number}")
    yield step(timedelta(), buyer.place)
    yield step(timedelta(minutes=2), buyer.pay)
    if order.kind == "counter":
        yield step(timedelta(minutes=4), buyer.take)
    elif order.fate == "canceled":
        yield step(timedelta(hours=3), buyer.cancel)
        return
    elif order.kind == "pickup":
        yield step(timedelta(minutes=95), buyer.lay_out)
        yield step(timedelta(hours=chance.randint(20, 70)), buyer.take)
    else:
        first = timedelta(hours=chance.randint(5, 30))
        if len(order.lines) > 1 and chance.random() < 0.25:
            yield step(first, buyer.send_first_line)
        yield step(first + timedelta(hours=chance.randint(1, 40)), buyer.send)
    if order.fate == "returned":
        yield step(timedelta(days=chance.randint(5, 12)), buyer.bring_back)
