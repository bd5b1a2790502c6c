"""What was bought before the shop was here is taken back and refunded like any other order."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from charsu.assembly import checks
from charsu.kernel import SYSTEM, Actor, Forbidden, Grant, Hub
from charsu.kernel.check import run_checks
from charsu.orders import (
    CancelOrder,
    PayOrder,
    RefundOrder,
    RefundTooLarge,
    ReturnGoods,
    ReturnLine,
    WrongStep,
    cancel_order,
    pay_order,
    refund_order,
    return_goods,
)
from charsu.orders.bulk import PastLine, PastOrder, put_many_past_orders
from charsu.orders.errors import AlreadyPaid
from charsu.orders.model import Progress, order_state
from charsu.orders.past_returns import PastReturn, PastReturnLine, put_many_past_returns
from tests.shop import Shop


@pytest.fixture
def shop(open_shop: Callable[..., Hub]) -> Shop:
    shop = Shop(open_shop())
    shop.has("mug", 10, at="north")
    shop.costs("mug", 1_000)
    return shop


def line(shop: Shop, quantity: int, total: int, tax: int = 0) -> PastLine:
    return PastLine(
        variant_id=shop.product("mug"),
        sku="mug",
        title="Mug",
        unit="H87",
        quantity=quantity,
        unit_minor=None,
        subtotal_minor=total,
        discount_minor=0,
        tax_rate_ppm=200_000,
        tax_minor=tax,
        total_minor=total,
    )


def past(shop: Shop, *lines: PastLine, delivery: int = 0, at: str | None = None) -> UUID:
    """An order of last month that was sent, or sold at a location."""
    with shop.hub.writing("test.load") as tx:
        order = PastOrder(
            channel_id=shop.channel(),
            external_id=str(tx.new_id()),
            location_id=shop.location(at) if at else None,
            customer_id=None,
            currency="EUR",
            country="RS",
            placed_at=tx.now - timedelta(days=30),
            lines=lines,
            delivery_minor=delivery,
        )
        assert put_many_past_orders(tx, [order]) == ["created"]
        found: UUID = tx.value(
            "SELECT id FROM orders.orders WHERE external_id = %(number)s", number=order.external_id
        )
    return found


def refund(shop: Shop, order: UUID, goods: int = 0, delivery: int = 0) -> None:
    ask = RefundOrder(order_id=order, reason="x", goods_minor=goods, delivery_minor=delivery)
    shop.hub.run(refund_order, ask, actor=SYSTEM)


def bring_back(shop: Shop, order: UUID, pieces: int) -> int:
    ask = ReturnGoods(
        order_id=order,
        location_id=shop.locations["north"],
        lines=(ReturnLine(line_id=shop.order(order).lines[0].id, quantity=pieces),),
        reason="too_small",
    )
    return shop.hub.run(return_goods, ask, actor=SYSTEM).refund_minor


def assert_sound(database: str) -> None:
    with psycopg.connect(database) as connection:
        verdicts = run_checks(connection, checks())
    assert [(v.name, v.findings) for v in verdicts if not v.is_clean] == []


@pytest.mark.parametrize("at", [None, "north"])
def test_goods_of_a_past_order_come_back_in_parts_and_every_cent_with_them(
    shop: Shop, database: str, at: str | None
) -> None:
    order = past(shop, line(shop, 3, 1_000, tax=167), delivery=300, at=at)

    owed = [bring_back(shop, order, 1) for _ in range(3)]
    for amount in owed:
        refund(shop, order, goods=amount)
    refund(shop, order, delivery=300)

    assert owed == [333, 334, 333]
    assert shop.order(order).payment_state == "refunded"
    assert shop.stock("mug", at="north") == (13, 0)
    books = shop.books()
    assert books == {"clearing:history": -1_300, "revenue": 833, "tax:RS": 167, "delivery": 300}
    assert_sound(database)


def test_more_than_was_paid_for_a_past_order_does_not_go_back(shop: Shop) -> None:
    order = past(shop, line(shop, 2, 500), at="north")
    refund(shop, order, goods=499)

    with pytest.raises(RefundTooLarge):
        refund(shop, order, goods=2)

    assert shop.order(order).refunded_minor == 499


def test_what_was_given_back_before_counts_against_what_was_paid(shop: Shop, database: str) -> None:
    order = past(shop, line(shop, 4, 1_200, tax=200), at="north")
    with shop.hub.writing("test.load") as tx:
        back = PastReturn(
            id=tx.new_id(),
            order_id=order,
            location_id=shop.locations["north"],
            at=tx.now - timedelta(days=20),
            lines=(PastReturnLine(shop.order(order).lines[0].id, 1, 300),),
        )
        put_many_past_returns(tx, [back])

    refund(shop, order, goods=bring_back(shop, order, 3))

    view = shop.order(order)
    assert (view.payment_state, view.refunded_minor) == ("refunded", 1_200)
    assert shop.books() == {"clearing:history": -900, "revenue": 750, "tax:RS": 150}
    assert_sound(database)


def test_a_past_order_is_paid_and_has_nothing_left_to_cancel(shop: Shop) -> None:
    order = past(shop, line(shop, 1, 500), at="north")

    with pytest.raises(AlreadyPaid):
        ask = PayOrder(order_id=order, amount_minor=1, method="cash", reference="r")
        shop.hub.run(pay_order, ask, actor=SYSTEM)
    with pytest.raises(WrongStep):
        shop.hub.run(cancel_order, CancelOrder(order_id=order, reason="late"), actor=SYSTEM)


def test_a_past_order_of_no_location_is_the_whole_business_own(shop: Shop) -> None:
    order = past(shop, line(shop, 1, 500))
    at_north = frozenset({shop.locations["north"]})
    clerk = Actor(UUID(int=7), "staff", (Grant(frozenset({"orders.*"}), at_north),))

    ask = RefundOrder(order_id=order, reason="x", goods_minor=1)
    with pytest.raises(Forbidden):
        shop.hub.run(refund_order, ask, actor=clerk)

    refund(shop, order, goods=1)
    assert shop.order(order).refunded_minor == 1


def test_an_order_of_nothing_but_lines_of_quantity_0_is_fulfilled(
    shop: Shop, database: str
) -> None:
    order = past(shop, line(shop, 0, 0), line(shop, 0, 250), at="north")

    refund(shop, order, goods=250)

    view = shop.order(order)
    assert (view.state, view.payment_state) == ("fulfilled", "refunded")
    with pytest.raises(WrongStep):
        shop.hub.run(cancel_order, CancelOrder(order_id=order, reason="late"), actor=SYSTEM)
    assert_sound(database)


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        ([Progress(0, 0, 0)], "fulfilled"),
        ([Progress(0, 0, 0), Progress(2, 0, 2)], "canceled"),
        ([Progress(0, 0, 0), Progress(2, 2, 0)], "fulfilled"),
        ([Progress(0, 0, 0), Progress(2, 1, 1)], "fulfilled"),
        ([Progress(0, 0, 0), Progress(2, 0, 1)], "open"),
        ([Progress(0, 0, 0), Progress(2, 1, 0)], "partly_fulfilled"),
    ],
    ids=["alone", "beside_canceled", "beside_done", "beside_both", "beside_open", "beside_begun"],
)
def test_a_line_of_quantity_0_asks_for_nothing(lines: list[Progress], state: str) -> None:
    assert order_state(lines) == state
