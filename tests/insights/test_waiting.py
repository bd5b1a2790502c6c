"""What orders wait for, each order once."""

from datetime import timedelta

import pytest

from charsu.insights import Waits, waits
from charsu.kernel import SYSTEM, Hub
from charsu.orders import (
    PayOrder,
    ReturnGoods,
    ReturnLine,
    ShipParcel,
    pay_order,
    return_goods,
    ship_parcel,
)
from charsu.orders.operations.place import Placed
from tests.shop import Shop


@pytest.fixture
def shop(hub: Hub) -> Shop:
    """Mugs in two stores."""
    shop = Shop(hub)
    shop.has("mug", 3, at="north")
    shop.has("mug", 3, at="south")
    shop.costs("mug", 1200)
    return shop


def waiting(shop: Shop, *, at: str | None = None) -> dict[str, int]:
    where = None if at is None else (shop.locations[at],)
    with shop.hub.reading() as tx:
        found = waits(tx, locations=where)
    return {one.kind: one.count for one in found}


def pays(shop: Shop, placed: Placed) -> None:
    total = shop.order(placed).total_minor
    ask = PayOrder(
        order_id=placed.order_id, amount_minor=total, method="card", reference=str(placed.number)
    )
    shop.hub.run(pay_order, ask, actor=SYSTEM)


def test_a_parcel_waits_for_its_payment_first_and_then_to_be_sent(shop: Shop) -> None:
    placed = shop.buys(mug=1)
    assert waiting(shop) == {"payment": 1}
    pays(shop, placed)
    assert waiting(shop) == {"ship": 1}
    for part in shop.order(placed).fulfillments:
        ask = ShipParcel(fulfillment_id=part.id, carrier="Post")
        shop.hub.run(ship_parcel, ask, actor=SYSTEM)
    assert waiting(shop) == {}


def test_an_order_that_two_stores_send_is_one_order_and_each_store_sees_it(shop: Shop) -> None:
    pays(shop, shop.buys(mug=5))
    assert waiting(shop) == {"ship": 1}
    assert (waiting(shop, at="north"), waiting(shop, at="south")) == ({"ship": 1}, {"ship": 1})


def test_a_pickup_is_picked_collected_and_then_paid_at_the_counter(shop: Shop) -> None:
    placed = shop.buys(mug=1, kind="pickup", location_id=shop.locations["north"])
    assert waiting(shop) == {"pick": 1}
    shop.lays_out(shop.order(placed))
    assert waiting(shop) == {"collect": 1}
    shop.hands_over(shop.order(placed))
    assert waiting(shop) == {"payment": 1}
    assert waiting(shop, at="south") == {}


def test_two_returns_of_one_order_are_one_order_that_waits_for_its_money(shop: Shop) -> None:
    north = shop.locations["north"]
    placed = shop.buys(mug=2, kind="pickup", location_id=north)
    pays(shop, placed)
    order = shop.order(placed)
    shop.lays_out(order)
    shop.hands_over(order)
    line = ReturnLine(line_id=order.lines[0].id, quantity=1)
    ask = ReturnGoods(
        order_id=placed.order_id, location_id=north, lines=(line,), reason="too_small"
    )
    for _ in range(2):
        shop.hub.run(return_goods, ask, actor=SYSTEM)
    assert waiting(shop) == {"refund": 1}


def test_a_payment_is_late_after_a_day(shop: Shop) -> None:
    placed_at = shop.order(shop.buys(mug=1)).placed_at
    with shop.hub.reading() as tx:
        assert waits(tx) == [Waits("payment", count=1, late=0, oldest_at=placed_at)]
    shop.hub.offset += timedelta(days=1, minutes=1)
    with shop.hub.reading() as tx:
        assert waits(tx) == [Waits("payment", count=1, late=1, oldest_at=placed_at)]
