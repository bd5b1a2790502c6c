"""A search bound to a store finds what that store has to sell, as stock comes and goes."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from charsu.catalog import SearchProducts, search_products
from charsu.kernel import SYSTEM, Hub
from charsu.kernel.log import deliver
from charsu.orders import (
    CancelOrder,
    Placed,
    ReturnGoods,
    ReturnLine,
    ShipParcel,
    cancel_order,
    return_goods,
    ship_parcel,
)
from charsu.stock import CountedLine, CountStock, count_stock
from charsu.stock.chores import expire_holds
from tests.shop import Shop
from tests.shopping.driver import guest


@pytest.fixture
def shop(open_shop: Callable[..., Hub]) -> Shop:
    shop = Shop(open_shop())
    shop.has("mug", 2, at="north")
    shop.costs("mug", 1_000)
    shop.location("south")
    return shop


def found(shop: Shop, at: str) -> list[str]:
    """What a search for mugs shows at a location, once the log has been read to its end."""
    consumer = shop.hub.consumers["stock.show_what_is_here"]
    passed = 1
    while passed:
        with shop.hub.writing("test.deliver") as tx:
            passed = deliver(tx, consumer)
    ask = SearchProducts(text="mug", channel="web", location_id=shop.locations[at])
    return [item.title for item in shop.hub.run(search_products, ask, actor=SYSTEM).items]


def ship(shop: Shop, placed: Placed) -> None:
    parcel = ShipParcel(
        fulfillment_id=shop.order(placed).fulfillments[0].id, carrier="post", tracking_number="1"
    )
    shop.hub.run(ship_parcel, parcel, actor=SYSTEM)


def bring_back(shop: Shop, placed: Placed, *, at: str) -> None:
    back = ReturnGoods(
        order_id=placed.order_id,
        location_id=shop.locations[at],
        lines=(ReturnLine(line_id=shop.order(placed).lines[0].id, quantity=1),),
        reason="unwanted",
    )
    shop.hub.run(return_goods, back, actor=SYSTEM)


def test_what_arrives_is_found_what_sells_out_is_gone_and_what_returns_is_back(
    shop: Shop,
) -> None:
    assert (found(shop, "north"), found(shop, "south")) == (["Mug"], [])

    one, other = shop.buys(mug=1), shop.buys(mug=1)
    assert found(shop, "north") == [], "the last one is promised"

    ship(shop, one)
    ship(shop, other)
    assert found(shop, "north") == []

    bring_back(shop, one, at="south")
    assert (found(shop, "north"), found(shop, "south")) == ([], ["Mug"])


def test_a_store_with_one_left_is_still_found(shop: Shop) -> None:
    shop.buys(mug=1)

    assert found(shop, "north") == ["Mug"]


def test_what_was_promised_is_found_again_when_the_order_is_canceled(shop: Shop) -> None:
    placed = shop.buys(mug=2)
    assert found(shop, "north") == []

    shop.hub.run(cancel_order, CancelOrder(order_id=placed.order_id, reason="x"), actor=SYSTEM)

    assert found(shop, "north") == ["Mug"]


def test_a_count_that_finds_nothing_takes_it_away(shop: Shop) -> None:
    assert found(shop, "north") == ["Mug"]

    count = CountStock(
        location_id=shop.locations["north"], lines=(CountedLine(sku="mug", on_hand=0),)
    )
    shop.hub.run(count_stock, count, actor=SYSTEM)

    assert found(shop, "north") == []


def test_what_a_cart_holds_is_gone_until_it_is_released_or_removed(shop: Shop) -> None:
    anna = guest(shop)
    anna.puts(mug=2)
    assert found(shop, "north") == ["Mug"], "wanting is not holding"

    anna.holds()
    assert found(shop, "north") == []
    anna.releases()
    assert found(shop, "north") == ["Mug"]

    anna.holds()
    assert found(shop, "north") == []
    anna.removes("mug")
    assert found(shop, "north") == ["Mug"]


def test_what_a_cart_held_and_did_not_buy_in_time_is_found_again(shop: Shop) -> None:
    anna = guest(shop)
    anna.puts(mug=2)
    anna.holds()
    assert found(shop, "north") == []

    shop.hub.offset = timedelta(hours=1)
    assert expire_holds.do(shop.hub) == 1

    assert found(shop, "north") == ["Mug"]
