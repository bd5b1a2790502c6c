"""What came back into quarantine is looked at, and goes where it belongs, once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest

from charsu.kernel import SYSTEM, Hub, HubError, NotFound
from charsu.orders import (
    InspectedLine,
    InspectReturn,
    OrderView,
    ReturnGoods,
    ReturnLine,
    TooMany,
    inspect_return,
    return_goods,
)
from charsu.orders.queries.to_inspect import AskToInspect, to_inspect
from charsu.stock import GoodsNotThere, SetAside, StockLine, set_aside
from charsu.stock.queries.levels import AskStock, levels
from tests.shop import Shop
from tests.shopping.driver import problems_of_all


@pytest.fixture
def shop(open_shop: Callable[..., Hub]) -> Any:
    shop = Shop(open_shop())
    shop.has("mug", 50, at="north")
    shop.location("south")
    shop.costs("mug", 1_999)
    yield shop
    assert problems_of_all(shop) == []


def came_back(shop: Shop, pieces: int) -> tuple[OrderView, UUID]:
    """Pieces of an order that came back to the south, and nobody has looked at."""
    order = shop.order(shop.buys(mug=pieces))
    shop.ships(order)
    line = ReturnLine(line_id=order.lines[0].id, quantity=pieces, condition="quarantine")
    ask = ReturnGoods(
        order_id=order.id, location_id=shop.locations["south"], lines=(line,), reason="broken"
    )
    return order, shop.hub.run(return_goods, ask, actor=SYSTEM).return_id


def inspects(shop: Shop, order: OrderView, back: UUID, **pieces: int) -> Any:
    lines = tuple(
        InspectedLine(line_id=order.lines[0].id, quantity=count, becomes=outcome)
        for outcome, count in pieces.items()
    )
    return shop.hub.run(inspect_return, InspectReturn(return_id=back, lines=lines), actor=SYSTEM)


def lying(shop: Shop) -> tuple[int, int, int]:
    """How many mugs the south has on hand, on display and in quarantine."""
    ask = AskStock(location_id=shop.locations["south"])
    found = shop.hub.run(levels, ask, actor=SYSTEM).items
    return (
        sum(row.on_hand for row in found),
        sum(row.on_display for row in found),
        sum(row.quarantine for row in found),
    )


def test_each_piece_goes_where_it_belongs(shop: Shop) -> None:
    order, back = came_back(shop, 6)
    assert lying(shop) == (0, 0, 6)

    first = inspects(shop, order, back, on_hand=3, gone=1)
    assert (first.left, lying(shop)) == (2, (3, 0, 2))
    rest = inspects(shop, order, back, on_display=2)

    assert (rest.left, lying(shop)) == (0, (3, 2, 0))
    assert shop.order(order.id).returns[0].lines[0].inspected == 6


def test_what_nobody_has_looked_at_is_listed_until_somebody_has(shop: Shop) -> None:
    order, back = came_back(shop, 3)
    ask = AskToInspect(location_id=shop.locations["south"])
    inspects(shop, order, back, on_hand=1)

    (waiting,) = shop.hub.run(to_inspect, ask, actor=SYSTEM).items
    assert (waiting.return_id, waiting.pieces, waiting.reason) == (back, 2, "broken")

    inspects(shop, order, back, gone=2)
    assert shop.hub.run(to_inspect, ask, actor=SYSTEM).items == ()


def test_no_more_is_let_out_than_this_return_brought(shop: Shop) -> None:
    order, back = came_back(shop, 2)
    came_back(shop, 5)

    with pytest.raises(TooMany):
        inspects(shop, order, back, on_hand=2, gone=1)
    inspects(shop, order, back, on_hand=2)
    with pytest.raises(TooMany):
        inspects(shop, order, back, gone=1)

    assert lying(shop) == (2, 0, 5)


def test_what_somebody_took_out_otherwise_is_not_let_out_again(shop: Shop) -> None:
    order, back = came_back(shop, 2)
    lines = (StockLine(sku="mug", pieces=1),)
    moved = SetAside(
        location_id=shop.locations["south"], lines=lines, was="quarantine", becomes="on_display"
    )
    shop.hub.run(set_aside, moved, actor=SYSTEM)

    with pytest.raises(GoodsNotThere):
        inspects(shop, order, back, on_hand=2)

    assert lying(shop) == (0, 1, 1)


def test_what_never_came_back_or_is_on_sale_already_is_not_inspected(shop: Shop) -> None:
    order, back = came_back(shop, 1)
    line = InspectedLine(line_id=uuid4(), quantity=1, becomes="on_hand")

    with pytest.raises(TooMany):
        shop.hub.run(inspect_return, InspectReturn(return_id=back, lines=(line,)), actor=SYSTEM)
    with pytest.raises(NotFound):
        inspects(shop, order, uuid4(), on_hand=1)


def test_two_who_look_at_the_same_piece_let_it_out_once(shop: Shop) -> None:
    order, back = came_back(shop, 5)

    def look(number: int) -> int:
        try:
            inspects(shop, order, back, on_hand=1)
        except HubError:
            return 0
        return 1

    with ThreadPoolExecutor(8) as threads:
        let_out = sum(threads.map(look, range(12)))

    assert (let_out, lying(shop)) == (5, (5, 0, 0))
