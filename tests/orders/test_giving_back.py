"""Goods and money go back in whatever parts: the tax adds up, and the books come to zero."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from charsu.kernel import SYSTEM, Forbidden, Hub, NotFound
from charsu.kernel.access import ROLES
from charsu.kernel.actors import Actor, Grant
from charsu.orders import (
    CancelOrder,
    OrderView,
    Pieces,
    Rate,
    RefundOrder,
    RefundTooLarge,
    Reroute,
    ReturnGoods,
    ReturnLine,
    cancel_order,
    put_delivery_method,
    refund_order,
    reroute,
    return_goods,
)
from charsu.orders.delivery import PutDeliveryMethod
from tests.shop import Shop
from tests.shopping.driver import coupon, problems_of_all


@pytest.fixture
def shop(open_shop: Callable[..., Hub]) -> Iterator[Shop]:
    shop = Shop(open_shop())
    for sku, minor in (("mug", 1_999), ("cup", 333)):
        shop.has(sku, 50, at="north")
        shop.costs(sku, minor)
    rates = (Rate(currency="EUR", amount_minor=399),)
    ask = PutDeliveryMethod(code="post", titles={"en": "By post"}, kind="ship", rates=rates)
    shop.hub.run(put_delivery_method, ask, actor=SYSTEM)
    yield shop
    assert problems_of_all(shop) == []


def sold(shop: Shop, **pieces: int) -> OrderView:
    """An order by post that is paid and sent."""
    order = shop.order(shop.buys(delivery_method="post", **pieces))
    shop.pays_cash(order.id, order.total_minor)
    shop.ships(order)
    return shop.order(order.id)


def gives(shop: Shop, order: OrderView, **what: Any) -> Any:
    ask = RefundOrder(order_id=order.id, reason="returned", **what)
    return shop.hub.run(refund_order, ask, actor=SYSTEM)


def brings(shop: Shop, order: OrderView, pieces: int, *, at: str = "north", line: int = 0) -> Any:
    part = ReturnLine(line_id=order.lines[line].id, quantity=pieces)
    ask = ReturnGoods(
        order_id=order.id, location_id=shop.location(at), lines=(part,), reason="too_small"
    )
    return shop.hub.run(return_goods, ask, actor=SYSTEM)


def test_an_order_that_is_given_back_in_thirds_leaves_nothing_in_the_books(shop: Shop) -> None:
    order = sold(shop, mug=1)
    back = brings(shop, order, 1)
    gives(shop, order, goods_minor=back.refund_minor, return_id=back.return_id)
    for _ in range(3):
        gives(shop, order, delivery_minor=133)

    order = shop.order(order.id)
    assert order.payment_state == "refunded"
    assert sum(refund.tax_minor for refund in order.refunds) == order.tax_minor == 333 + 67
    assert shop.books() == {}


@pytest.mark.parametrize("parts", [1, 3, 7, 11])
def test_the_tax_in_refunds_is_the_orders_tax_however_they_are_cut(shop: Shop, parts: int) -> None:
    order = sold(shop, mug=3, cup=2)
    goods = order.total_minor - order.delivery_minor
    for number in range(parts):
        amount = goods * (number + 1) // parts - goods * number // parts
        gives(shop, order, goods_minor=amount)
    gives(shop, order, delivery_minor=order.delivery_minor)

    order = shop.order(order.id)
    assert sum(refund.tax_minor for refund in order.refunds) == order.tax_minor
    assert shop.books() == {}


def test_kindness_first_and_the_goods_after_give_back_what_was_paid_and_no_more(
    shop: Shop,
) -> None:
    order = sold(shop, mug=1)
    gives(shop, order, goods_minor=500)
    back = brings(shop, order, 1)
    with pytest.raises(RefundTooLarge):
        gives(shop, order, goods_minor=1_999, delivery_minor=399, return_id=back.return_id)
    gives(shop, order, goods_minor=1_499, delivery_minor=399, return_id=back.return_id)

    assert shop.order(order.id).payment_state == "refunded"
    assert shop.books() == {}


def test_a_refund_names_a_return_of_the_same_order_and_its_worth_is_the_limit(shop: Shop) -> None:
    order, other = sold(shop, mug=2, cup=1), sold(shop, cup=3)
    back, elsewhere = brings(shop, order, 1), brings(shop, other, 1)
    for stranger in (uuid4(), elsewhere.return_id):
        with pytest.raises(NotFound):
            gives(shop, order, goods_minor=1, return_id=stranger)
    with pytest.raises(RefundTooLarge):
        gives(shop, order, goods_minor=2_000, return_id=back.return_id)
    gives(shop, order, goods_minor=1_000, return_id=back.return_id)
    with pytest.raises(RefundTooLarge) as refused:
        gives(shop, order, goods_minor=1_000, return_id=back.return_id)

    assert refused.value.data == {"asked": 1_000, "left": 999}


def test_an_order_tells_what_came_back_and_why(shop: Shop) -> None:
    order = sold(shop, mug=2)
    back = brings(shop, order, 1, at="south")
    gives(shop, order, goods_minor=1_999, return_id=back.return_id)

    order = shop.order(order.id)
    [came], [gave] = order.returns, order.refunds
    assert (came.location, came.reason, came.lines[0].quantity) == ("south", "too_small", 1)
    assert (gave.return_id, gave.amount_minor, gave.state) == (back.return_id, 1_999, "done")


def cashier(at: UUID) -> Actor:
    return Actor(uuid4(), "key", (Grant(ROLES["cashier"].permissions, frozenset({at})),))


def test_a_cashier_takes_back_and_refunds_what_another_store_sold(shop: Shop) -> None:
    order = sold(shop, mug=1)
    ana = cashier(shop.location("south"))
    part = ReturnLine(line_id=order.lines[0].id, quantity=1)
    take = ReturnGoods(
        order_id=order.id, location_id=shop.location("south"), lines=(part,), reason="too_small"
    )
    back = shop.hub.run(return_goods, take, actor=ana)

    ask = RefundOrder(
        order_id=order.id,
        goods_minor=back.refund_minor,
        return_id=back.return_id,
        reason="returned",
    )
    shop.hub.run(refund_order, ask, actor=ana)
    without = RefundOrder(order_id=order.id, delivery_minor=399, reason="kindness")
    with pytest.raises(Forbidden):
        shop.hub.run(refund_order, without, actor=ana)

    assert shop.order(order.id).refunded_minor == 1_999


def test_what_is_canceled_and_what_is_returned_never_claim_the_same_cent(shop: Shop) -> None:
    shop.costs("cup", 333)
    coupon(shop, "TEN", discount_ppm=100_000)
    order = shop.order(shop.buys(cup=2, codes=("TEN",)))
    assert order.total_minor == 599
    shop.pays_cash(order.id, 599)
    some = (Pieces(line_id=order.lines[0].id, quantity=1),)
    ask = CancelOrder(order_id=order.id, reason="changed_mind", lines=some)
    canceled = shop.hub.run(cancel_order, ask, actor=SYSTEM)
    gives(shop, order, goods_minor=canceled.to_refund_minor)
    shop.ships(order)
    back = brings(shop, order, 1)
    gives(shop, order, goods_minor=back.refund_minor, return_id=back.return_id)

    assert (canceled.to_refund_minor, back.refund_minor) == (299, 300)
    assert shop.order(order.id).refunded_minor == 599
    assert shop.books() == {}


def test_a_line_that_waits_twice_at_one_place_is_canceled_whole(shop: Shop) -> None:
    """Three of five mugs were moved to where the other two are."""
    shop.has("jug", 3, at="north")
    shop.has("jug", 2, at="south")
    shop.costs("jug", 100)
    order = shop.order(shop.buys(jug=5))
    shop.has("jug", 10, at="south")
    [first] = [one for one in order.fulfillments if one.location == "north"]
    shop.hub.run(reroute, Reroute(fulfillment_id=first.id, reason="broken"), actor=SYSTEM)
    ask = CancelOrder(order_id=order.id, reason="changed_mind")
    shop.hub.run(cancel_order, ask, actor=SYSTEM)

    assert shop.stock("jug", at="south") == (12, 0)


def test_what_is_given_for_goods_beyond_their_worth_comes_from_the_delivery(shop: Shop) -> None:
    order = sold(shop, mug=1)
    gives(shop, order, goods_minor=1_999)
    shop.hub.offset = timedelta(minutes=1)

    gives(shop, order, goods_minor=399)

    assert shop.order(order.id).payment_state == "refunded"
    shop.hub.offset = timedelta()


def test_a_parcel_that_moves_keeps_its_promise(shop: Shop) -> None:
    shop.has("mug", 5, at="south")
    order = shop.order(shop.buys(mug=1))
    [task] = order.fulfillments
    shop.hub.run(reroute, Reroute(fulfillment_id=task.id, reason="broken"), actor=SYSTEM)

    waiting = [one for one in shop.order(order.id).fulfillments if one.state == "waiting"]
    assert [one.due_by for one in waiting] == [task.due_by]
