"""What a customer may bring back is found by what she has at the counter, and nothing else is."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from charsu.customers import CustomerDraft, PutCustomer, put_customer
from charsu.kernel import SYSTEM, Forbidden, Hub
from charsu.kernel.access import ROLES
from charsu.kernel.actors import Actor, Grant
from charsu.orders import OrderView, Recipient, ReturnGoods, ReturnLine, return_goods
from charsu.orders.queries.returnable import AskReturnable, Returnable, returnable
from tests.shop import Shop

ANA = Recipient(name="Ana", email="Ana@Shop.example", phone="+381 64 123 45 67")


@pytest.fixture
def shop(open_shop: Callable[..., Hub]) -> Shop:
    shop = Shop(open_shop())
    for store in ("north", "south"):
        shop.has("mug", 50, at=store)
    shop.costs("mug", 1_999)
    return shop


def sold(shop: Shop, pieces: int = 2, **more: Any) -> OrderView:
    """An order that was sent."""
    order = shop.order(shop.buys(mug=pieces, **more))
    shop.ships(order)
    return shop.order(order.id)


def found(shop: Shop, text: str, *, at: str = "south", **more: Any) -> Returnable:
    ask = AskReturnable(location_id=shop.locations[at], text=text, **more)
    return shop.hub.run(returnable, ask, actor=SYSTEM)


def ids(answer: Returnable) -> list[UUID]:
    return [order.id for order in answer.items]


@pytest.mark.parametrize(
    "text",
    [
        "{number}",
        " {number} ",
        "#{number}",
        "R-77",
        "ana@shop.example",
        "ANA@SHOP.EXAMPLE",
        "064/123-45-67",
        "+381641234567",
    ],
)
def test_an_order_is_found_in_another_store_by_whatever_she_has(shop: Shop, text: str) -> None:
    order = sold(shop, recipient=ANA, external_id="R-77")
    sold(shop, recipient=Recipient(name="Eva", email="eva@shop.example", phone="+381 64 765 43 21"))

    answer = found(shop, text.format(number=order.number))

    assert ids(answer) == [order.id]
    (line,) = answer.items[0].lines
    assert (line.pieces, line.refund_minor) == (2, order.total_minor)


@pytest.mark.parametrize("text", ["C-4711", "mila@shop.example", "+48 600 700 800"])
def test_all_orders_of_a_customer_are_found_by_her_card_and_her_addresses(
    shop: Shop, text: str
) -> None:
    mila = CustomerDraft(
        source="loyalty", external_id="C-4711", email="mila@shop.example", phone="+48 600 700 800"
    )
    stored = shop.hub.run(put_customer, PutCustomer(customer=mila), actor=SYSTEM)
    orders = [sold(shop, customer_id=stored.customer_id) for _ in range(3)]
    sold(shop)

    first = found(shop, text, limit=2)
    rest = found(shop, text, limit=2, after=first.next)

    newest_first = [order.id for order in reversed(orders)]
    assert (ids(first), ids(rest), rest.next) == (newest_first[:2], newest_first[2:], None)


@pytest.mark.parametrize("text", ["ana", "shop.example", "4567", "%", "_", "R-7", "0", "9" * 200])
def test_what_is_not_said_whole_finds_nothing(shop: Shop, text: str) -> None:
    sold(shop, recipient=ANA, external_id="R-77")

    assert ids(found(shop, text)) == []


def test_only_pieces_that_are_still_with_her_are_shown(shop: Shop) -> None:
    waiting = shop.order(shop.buys(mug=1, external_id="waits"))
    order = sold(shop, 3, external_id="came")
    brought = brings(shop, order, 2)

    assert ids(found(shop, str(waiting.number))) == []
    (left,) = found(shop, "came").items[0].lines
    assert (left.pieces, left.refund_minor) == (1, order.total_minor - brought.refund_minor)

    brings(shop, order, 1)
    assert ids(found(shop, "came")) == []


def brings(shop: Shop, order: OrderView, pieces: int) -> Any:
    line = ReturnLine(line_id=order.lines[0].id, quantity=pieces)
    ask = ReturnGoods(
        order_id=order.id, location_id=shop.locations["south"], lines=(line,), reason="too_big"
    )
    return shop.hub.run(return_goods, ask, actor=SYSTEM)


def test_it_is_found_where_the_cashier_works_and_nowhere_else(shop: Shop) -> None:
    order = sold(shop, external_id="R-77")
    grant = Grant(ROLES["cashier"].permissions, frozenset({shop.locations["south"]}))
    cashier = Actor(uuid4(), "key", (grant,))

    here = AskReturnable(location_id=shop.locations["south"], text="R-77")
    assert ids(shop.hub.run(returnable, here, actor=cashier)) == [order.id]
    with pytest.raises(Forbidden):
        there = AskReturnable(location_id=shop.locations["north"], text="R-77")
        shop.hub.run(returnable, there, actor=cashier)
