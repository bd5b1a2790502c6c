"""An order from the promise to the last refund, with balanced books behind it."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from charsu.kernel import SYSTEM, Hub
from charsu.orders import (
    AlreadyPaid,
    CancelOrder,
    LineElsewhere,
    PaymentDeclined,
    PayOrder,
    Pieces,
    RefundOrder,
    RefundTooLarge,
    Reroute,
    ReturnGoods,
    ReturnLine,
    ShipParcel,
    TooMany,
    WrongStep,
    cancel_order,
    pay_order,
    refund_order,
    reroute,
    return_goods,
    ship_parcel,
)
from charsu.stock import NotEnoughStock
from tests.shop import Shop


@pytest.fixture
def shop(open_shop: Callable[..., Hub]) -> Shop:
    shop = Shop(open_shop())
    shop.has("mug", 10, at="north")
    shop.has("cup", 10, at="north")
    shop.costs("mug", 1_000)
    shop.costs("cup", 333)
    return shop


def pay(shop: Shop, order: object, amount: int, reference: str = "r1") -> None:
    ask = PayOrder(order_id=order.order_id, amount_minor=amount, method="card", reference=reference)
    shop.hub.run(pay_order, ask, actor=SYSTEM)


def ship(shop: Shop, order: object, **pieces: int) -> None:
    view = shop.order(order)
    lines = {line.sku: line.id for line in view.lines}
    ask = ShipParcel(
        fulfillment_id=view.fulfillments[0].id,
        carrier="post",
        tracking_number="RS123",
        lines=tuple(Pieces(line_id=lines[sku], quantity=n) for sku, n in pieces.items()),
    )
    shop.hub.run(ship_parcel, ask, actor=SYSTEM)


def test_what_is_bought_is_promised_priced_and_written_down(shop: Shop) -> None:
    placed = shop.buys(mug=2, cup=1)

    order = shop.order(placed)
    assert (order.state, order.payment_state) == ("open", "pending")
    assert (order.subtotal_minor, order.tax_minor, order.total_minor) == (2333, 389, 2333)
    assert shop.stock("mug", at="north") == (10, 2)
    assert shop.books() == {}


def test_an_order_shipped_in_parts_and_paid_in_parts_ends_with_balanced_books(shop: Shop) -> None:
    placed = shop.buys(mug=2, cup=3)
    pay(shop, placed, 1_000)
    ship(shop, placed, mug=1)
    assert shop.order(placed).state == "partly_fulfilled"
    pay(shop, placed, 1_999, "r2")
    with pytest.raises(AlreadyPaid):
        pay(shop, placed, 1, "r3")
    ship(shop, placed)

    order = shop.order(placed)
    assert (order.state, order.payment_state) == ("fulfilled", "paid")
    assert shop.stock("mug", at="north") == (8, 0)
    books = shop.books()
    assert books == {"clearing:counter": 2999, "revenue": -2499, "tax:RS": -500}
    assert sum(books.values()) == 0


def test_canceled_pieces_are_on_sale_again_and_what_was_paid_for_them_goes_back(
    shop: Shop,
) -> None:
    placed = shop.buys(mug=2, cup=3)
    pay(shop, placed, 2_999)
    ship(shop, placed, mug=1)
    view = shop.order(placed)
    cup = next(line.id for line in view.lines if line.sku == "cup")

    canceled = shop.hub.run(
        cancel_order,
        CancelOrder(
            order_id=placed.order_id,
            reason="changed_mind",
            lines=(Pieces(line_id=cup, quantity=2),),
        ),
        actor=SYSTEM,
    )
    assert canceled.to_refund_minor == 666
    assert shop.stock("cup", at="north") == (10, 1)

    refund = RefundOrder(order_id=placed.order_id, reason="canceled", goods_minor=666)
    shop.hub.run(refund_order, refund, actor=SYSTEM)
    ship(shop, placed)
    order = shop.order(placed)
    assert (order.state, order.payment_state) == ("fulfilled", "partly_refunded")
    books = shop.books()
    assert books.get("order", 0) == 0
    assert books["clearing:counter"] == 2333
    assert sum(books.values()) == 0


def test_what_was_canceled_before_it_was_paid_is_not_asked_for(shop: Shop) -> None:
    placed = shop.buys(mug=2, kind="pickup", location_id=shop.locations["north"])
    order = shop.order(placed)
    mug = Pieces(line_id=order.lines[0].id, quantity=1)
    one = CancelOrder(order_id=placed.order_id, reason="changed_mind", lines=(mug,))
    shop.hub.run(cancel_order, one, actor=SYSTEM)

    with pytest.raises(AlreadyPaid):
        pay(shop, placed, 1_001)
    pay(shop, placed, 1_000)

    assert shop.order(placed).payment_state == "paid"
    shop.lays_out(order)
    assert shop.hands_over(order).left_minor == 0
    assert sum(shop.books().values()) == shop.books().get("order", 0) == 0


def test_canceling_the_unpaid_rest_of_an_order_leaves_it_paid(shop: Shop) -> None:
    placed = shop.buys(mug=1, cup=1)
    pay(shop, placed, 1_000)
    assert shop.order(placed).payment_state == "partly_paid"
    cup = next(line.id for line in shop.order(placed).lines if line.sku == "cup")
    rest = (Pieces(line_id=cup, quantity=1),)
    ask = CancelOrder(order_id=placed.order_id, reason="changed_mind", lines=rest)

    assert shop.hub.run(cancel_order, ask, actor=SYSTEM).to_refund_minor == 0

    assert shop.order(placed).payment_state == "paid"


def test_an_order_canceled_before_it_was_paid_waits_for_no_money(shop: Shop) -> None:
    placed = shop.buys(mug=1)
    shop.hub.run(cancel_order, CancelOrder(order_id=placed.order_id, reason="test"), actor=SYSTEM)
    assert shop.order(placed).payment_state == "void"


def test_cash_needs_no_receipt_and_a_provider_needs_a_card(shop: Shop) -> None:
    placed = shop.buys(mug=2)
    half = PayOrder(order_id=placed.order_id, amount_minor=1_000, method="cash")
    for _ in range(2):
        left = shop.hub.run(pay_order, half, actor=SYSTEM).left_minor
    assert left == 0
    other = PayOrder(
        order_id=shop.buys(mug=1).order_id, amount_minor=1_000, method="card", provider="test"
    )
    with pytest.raises(PaymentDeclined):
        shop.hub.run(pay_order, other, actor=SYSTEM)


def test_a_canceled_order_cannot_be_shipped_or_paid(shop: Shop) -> None:
    placed = shop.buys(mug=2)
    shop.hub.run(cancel_order, CancelOrder(order_id=placed.order_id, reason="test"), actor=SYSTEM)

    assert shop.order(placed).state == "canceled"
    assert shop.stock("mug", at="north") == (10, 0)
    with pytest.raises(WrongStep):
        ship(shop, placed)
    with pytest.raises(WrongStep):
        pay(shop, placed, 100)


def test_goods_return_to_any_store_in_parts_and_every_cent_comes_back(shop: Shop) -> None:
    shop.location("south")
    placed = shop.buys(cup=3)
    pay(shop, placed, 999)
    ship(shop, placed)
    line = shop.order(placed).lines[0].id
    refunds = []
    for condition in ("on_hand", "quarantine", "on_hand"):
        taken = shop.hub.run(
            return_goods,
            ReturnGoods(
                order_id=placed.order_id,
                location_id=shop.locations["south"],
                lines=(ReturnLine(line_id=line, quantity=1, condition=condition),),
                reason="too_small",
            ),
            actor=SYSTEM,
        )
        refunds.append(taken.refund_minor)
        shop.hub.run(
            refund_order,
            RefundOrder(
                order_id=placed.order_id,
                reason="returned",
                goods_minor=taken.refund_minor,
                return_id=taken.return_id,
            ),
            actor=SYSTEM,
        )

    assert sum(refunds) == 999
    assert shop.stock("cup", at="south") == (2, 0)
    assert shop.order(placed).payment_state == "refunded"
    assert shop.books() == {}


def test_no_more_returns_or_goes_back_than_left(shop: Shop) -> None:
    placed = shop.buys(cup=2)
    pay(shop, placed, 666)
    ship(shop, placed, cup=1)
    line = shop.order(placed).lines[0].id
    with pytest.raises(TooMany):
        shop.hub.run(
            return_goods,
            ReturnGoods(
                order_id=placed.order_id,
                location_id=shop.locations["north"],
                lines=(ReturnLine(line_id=line, quantity=2),),
                reason="test",
            ),
            actor=SYSTEM,
        )
    with pytest.raises(RefundTooLarge):
        shop.hub.run(
            refund_order,
            RefundOrder(order_id=placed.order_id, reason="test", goods_minor=667),
            actor=SYSTEM,
        )


def test_a_line_of_another_order_does_not_return_with_this_one(shop: Shop) -> None:
    placed, other = shop.buys(cup=1), shop.buys(cup=1)
    for bought in (placed, other):
        pay(shop, bought, 333, reference=str(bought.order_id))
        ship(shop, bought, cup=1)
    own, foreign = (shop.order(bought).lines[0].id for bought in (placed, other))

    for line in (foreign, uuid4()):
        with pytest.raises(LineElsewhere) as refused:
            lines = tuple(ReturnLine(line_id=one, quantity=1) for one in (own, line))
            ask = ReturnGoods(
                order_id=placed.order_id,
                location_id=shop.locations["north"],
                lines=lines,
                reason="test",
            )
            shop.hub.run(return_goods, ask, actor=SYSTEM)
        assert refused.value.data == {"line_id": str(line)}

    assert [shop.order(bought).returns for bought in (placed, other)] == [(), ()]


def test_a_pick_up_is_handed_over_where_it_was_asked_for(shop: Shop) -> None:
    placed = shop.buys(mug=2, kind="pickup", location_id=shop.locations["north"])
    shop.lays_out(shop.order(placed))

    told = shop.hands_over(shop.order(placed))

    assert (told.left_minor, told.currency) == (2_000, "EUR")
    assert shop.order(placed).state == "fulfilled"
    assert shop.stock("mug", at="north") == (8, 0)


def test_what_a_location_cannot_send_another_sends_or_it_stays(shop: Shop) -> None:
    shop.location("south")
    placed = shop.buys(mug=4)
    task = shop.order(placed).fulfillments[0]
    with pytest.raises(NotEnoughStock):
        shop.hub.run(reroute, Reroute(fulfillment_id=task.id, reason="damaged"), actor=SYSTEM)
    assert shop.stock("mug", at="north") == (10, 4)

    shop.has("mug", 5, at="south")
    shop.hub.run(reroute, Reroute(fulfillment_id=task.id, reason="damaged"), actor=SYSTEM)

    assert shop.stock("mug", at="north") == (6, 0)  # what is damaged is not on sale again
    assert shop.stock("mug", at="south") == (5, 4)
    states = [f.state for f in shop.order(placed).fulfillments]
    assert sorted(states) == ["canceled", "waiting"]


def test_the_same_order_twice_is_one_order(shop: Shop) -> None:
    first = shop.buys(mug=1, key="k1")
    again = shop.buys(mug=1, key="k1")

    assert again == first
    assert shop.stock("mug", at="north") == (10, 1)
