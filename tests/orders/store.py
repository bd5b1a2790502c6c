"""A store's side of an order, in the trade's words."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from charsu.assembly import checks
from charsu.kernel import SYSTEM, Hub
from charsu.kernel.check import run_checks
from charsu.orders import (
    AcceptFulfillment,
    Address,
    CheckPickupCode,
    ChooseInstead,
    HandOver,
    MakeReady,
    PickFulfillment,
    Pieces,
    Placed,
    PutBack,
    RejectFulfillment,
    accept,
    check_pickup_code,
    choose,
    hand_over,
    make_ready,
    pick,
    put_back,
    reject,
)
from charsu.orders.queries.exceptions import (
    AskOrderExceptions,
    OrderExceptionView,
    order_exceptions,
)
from charsu.orders.queries.pickup_code import AskPickupCode, PickupCode, pickup_code
from charsu.orders.queries.read_order import FulfillmentView, OrderView
from charsu.orders.watching import watch_exceptions, watch_steps
from tests.shop import Shop


@dataclass
class Counter:
    """What people do about one order at its counter."""

    shop: Shop
    order_id: UUID

    @property
    def hub(self) -> Hub:
        return self.shop.hub

    @property
    def order(self) -> OrderView:
        return self.shop.order(self.order_id)

    @property
    def task(self) -> FulfillmentView:
        """The first thing that was asked for the order."""
        return self.order.fulfillments[0]

    def do(self, verb: Any, ask: type, **fields: Any) -> Any:
        return self.hub.run(verb, ask(fulfillment_id=self.task.id, **fields), actor=SYSTEM)

    def accepts(self) -> Any:
        return self.do(accept, AcceptFulfillment)

    def rejects(self, reason: str = "not_found") -> Any:
        return self.do(reject, RejectFulfillment, reason=reason)

    def finds(self, *, reason: str = "not_found", **pieces: int) -> Any:
        """So many pieces by SKU; without any, everything."""
        lines = {line.sku: line.id for line in self.order.lines}
        found = tuple(Pieces(line_id=lines[sku], quantity=n) for sku, n in pieces.items())
        return self.do(pick, PickFulfillment, lines=found, reason=reason)

    def lays_out(self) -> Any:
        return self.do(make_ready, MakeReady)

    def prepares(self) -> None:
        self.accepts()
        self.finds()
        self.lays_out()

    @property
    def code(self) -> PickupCode:
        return self.hub.run(pickup_code, AskPickupCode(fulfillment_id=self.task.id), actor=SYSTEM)

    def shows(self, code: str) -> Any:
        return self.do(check_pickup_code, CheckPickupCode, code=code)

    def hands_over(self, **fields: Any) -> Any:
        return self.do(hand_over, HandOver, **fields)

    def puts_back(self) -> Any:
        return self.do(put_back, PutBack)

    def exceptions(self) -> list[OrderExceptionView]:
        """What is open about this order."""
        found = self.hub.run(order_exceptions, AskOrderExceptions(), actor=SYSTEM)
        return [one for one in found.items if one.order_id == self.order_id]

    def chooses(self, choice: str, *, store: str = "", address: Address | None = None) -> Any:
        (one,) = [one for one in self.exceptions() if one.options.otherwise]
        ask = ChooseInstead(
            exception_id=one.id,
            choice=choice,
            location_id=self.shop.locations.get(store),
            address=address,
        )
        return self.hub.run(choose, ask, actor=SYSTEM)

    def told(self) -> list[str]:
        """The names of all facts about the order, in order."""
        with self.hub.reading() as tx:
            rows = tx.all(
                "SELECT name FROM kernel.facts WHERE subject_id = %(id)s ORDER BY version",
                id=self.order_id,
            )
        return [row.name.removeprefix("orders.") for row in rows]


def counter_for(shop: Shop, placed: Placed) -> Counter:
    return Counter(shop, placed.order_id)


def later(shop: Shop, **time: float) -> None:
    """So much later, and the chores have been done."""
    shop.hub.offset += timedelta(**time)
    while watch_steps(shop.hub) + watch_exceptions(shop.hub):
        pass


def problems(shop: Shop) -> list[str]:
    """What the checks find wrong."""
    with shop.hub.pool.connection() as connection:
        verdicts = list(run_checks(connection, checks()))
        connection.rollback()
        connection.read_only = None
        connection.isolation_level = None
    return [f"{one.name}: {f.row} {f.problem}" for one in verdicts for f in one.findings]
