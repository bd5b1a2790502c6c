"""What the overview answers for a real shop."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from charsu.kernel import SYSTEM, Actor, Forbidden, Grant, Hub, Money
from charsu.kernel.access import first_admin, sign_in, sign_out
from charsu.shopping.operations.open_cart import OpenCart, open_cart
from charsu.stock import PutLocation, put_location
from charsu.web import OverviewAsk, OverviewView, Period, Viewer
from charsu.web.live import Live
from charsu.web.overview_load import STORES_SHOWN, Kept, Overview, Sight, rows_each, sight_of
from tests.shop import Shop

ALL = Sight(None, "en")
PASSWORD = "grapes on the balcony"


@pytest.fixture
def shop(hub: Hub) -> Shop:
    """Two stores with mugs; twelve may be sold."""
    shop = Shop(hub)
    shop.has("mug", 8, at="belgrade")
    shop.has("mug", 4, at="warsaw")
    shop.costs("mug", 1200)
    return shop


def load(shop: Shop, sight: Sight = ALL, **ask: object) -> OverviewView:
    return Overview(shop.hub).load(sight, OverviewAsk(**ask))


def test_a_new_shop_has_nothing_to_show_and_says_so(hub: Hub) -> None:
    shown = Overview(hub).load(ALL, OverviewAsk())
    assert (shown.sales, shown.waiting, shown.stock_outs, shown.exceptions) == ((), (), (), ())


def test_an_order_is_in_every_figure_that_it_belongs_to(shop: Shop) -> None:
    placed = shop.buys(mug=2)
    order = shop.order(placed)
    shown = load(shop)

    assert [sales.total for sales in shown.sales] == [Money(order.total_minor, "EUR")]
    assert sum(point.minor for point in shown.sales[0].points) == order.total_minor
    assert [(line.name, line.orders) for line in shown.sales_by_channel] == [("web", 1)]
    assert sum(waiting.count for waiting in shown.waiting) >= 1
    assert "orders.order_placed" in [fact.name for fact in shown.facts]


@pytest.mark.parametrize("period", Period)
def test_each_period_holds_the_order_of_this_moment(shop: Shop, period: Period) -> None:
    shop.buys(mug=1)
    shown = load(shop, period=period)
    assert (shown.orders, shown.sales[0].points[-1].orders) == (1, 1)


def test_what_was_sold_before_the_books_began_is_unknown_and_not_nothing(shop: Shop) -> None:
    shop.buys(mug=1)
    assert load(shop, period=Period.YEAR).sales[0].before is None


def test_yesterday_is_compared_up_to_this_time_of_day(open_shop: Callable[..., Hub]) -> None:
    shop = Shop(open_shop(offset=timedelta(days=-3)))
    shop.has("mug", 8, at="belgrade")
    shop.costs("mug", 1200)
    shop.buys(mug=1)
    for days, pieces in ((-1, 2), (0, 3)):
        shop.hub = open_shop(offset=timedelta(days=days))
        shop.buys(mug=pieces)

    sales = load(shop, period=Period.TODAY).sales[0]
    assert sales.before is not None
    assert (sales.total.minor, sales.before.minor) == (3600, 2400)


def test_no_currency_takes_the_rows_of_another(shop: Shop) -> None:
    """A store that takes two currencies stands under each, with what it took in it."""
    shop.costs("mug", 140_000, channel="fair", currency="RSD")
    for number in range(STORES_SHOWN + 1):
        shop.has("mug", 2, at=f"store {number}")
        at = {"kind": "counter", "location_id": shop.locations[f"store {number}"]}
        shop.buys(mug=1, **at)
        if number < 2:
            shop.buys(mug=1, channel="fair", **at)

    shown = {one.total.currency: one for one in load(shop).sales_by_store}

    assert {code: len(one.best) for code, one in shown.items()} == {"EUR": 6, "RSD": 2}
    assert {code: one.stores for code, one in shown.items()} == {"EUR": 9, "RSD": 2}
    both = {store.name for store in shown["EUR"].best} & {s.name for s in shown["RSD"].best}
    assert both == {"store 0", "store 1"}
    assert shown["RSD"].total == Money(280_000, "RSD")


def test_rows_are_dealt_out_in_turn() -> None:
    assert rows_each([6, 2], 8) == [6, 2]
    assert rows_each([20, 3], 8) == [5, 3]
    assert rows_each([1, 30], 8) == [1, 7]
    assert rows_each([2, 2], 8) == [2, 2]
    assert rows_each([9] * 10, 8) == [1] * 10
    assert rows_each([], 8) == []


def test_staff_of_one_store_see_that_store_and_no_other(shop: Shop) -> None:
    belgrade, warsaw = shop.locations["belgrade"], shop.locations["warsaw"]
    shop.buys(mug=8)  # all that Belgrade has
    shop.buys(mug=4)  # all that Warsaw has
    sight = Sight(frozenset({belgrade}), "en")
    shown = load(shop, sight)

    assert [choice.name for choice in shown.locations] == ["belgrade"]
    assert shown.orders == 1
    assert {waiting.count for waiting in shown.waiting} == {1}
    assert {out.location for out in shown.stock_outs} == {"belgrade"}
    assert load(shop).orders == 2
    with pytest.raises(Forbidden):
        load(shop, sight, location_id=warsaw)


def test_who_may_not_see_orders_sees_nothing_here() -> None:
    with pytest.raises(Forbidden):
        sight_of(Actor(UUID(int=1), "staff", (Grant(frozenset({"stock.*"})),)), "en")


def test_a_location_is_shown_in_its_own_time_zone(shop: Shop) -> None:
    assert load(shop).time_zone == "UTC"
    assert load(shop, location_id=shop.locations["belgrade"]).time_zone == "Europe/Belgrade"


def test_who_sees_one_zone_only_is_told_its_time(shop: Shop) -> None:
    belgrade, warsaw = shop.locations["belgrade"], shop.locations["warsaw"]
    assert load(shop, Sight(frozenset({belgrade}), "en")).time_zone == "Europe/Belgrade"
    assert load(shop, Sight(frozenset({belgrade, warsaw}), "en")).time_zone == "Europe/Belgrade"
    shop.hub.run(
        put_location,
        PutLocation(code="baku", name="baku", kind="store", country="AZ", time_zone="Asia/Baku"),
        actor=SYSTEM,
    )
    with shop.hub.reading() as tx:
        baku = tx.value("SELECT id FROM stock.locations WHERE code = 'baku'")
    assert load(shop, Sight(frozenset({baku}), "en")).time_zone == "Asia/Baku"
    assert load(shop, Sight(frozenset({baku, belgrade}), "en")).time_zone == "UTC"


def test_a_channel_shows_what_happened_in_it(shop: Shop) -> None:
    shop.costs("mug", 1300, channel="fair")
    placed = shop.buys(mug=1, channel="fair")
    shop.buys(mug=1)
    for channel in ("web", "fair"):
        ask = OpenCart(channel_id=shop.channels[channel])
        shop.hub.run(open_cart, ask, actor=SYSTEM)

    shown = load(shop, channel_id=shop.channels["fair"])

    told = {(fact.name, fact.subject) for fact in shown.facts}
    assert ("orders.order_placed", f"#{placed.number}") in told
    assert [name for name, _ in told].count("shopping.cart_opened") == 1
    assert [name for name, _ in told].count("orders.order_placed") == 1
    assert "stock.stock_moved" not in {name for name, _ in told}
    assert "stock.stock_moved" in {fact.name for fact in load(shop).facts}


def test_what_is_kept_is_made_again_when_it_is_too_old() -> None:
    time, made = [0.0], []
    kept: Kept[int] = Kept(60, 2, clock=lambda: time[0])

    def make() -> int:
        made.append(len(made))
        return made[-1]

    assert [kept.get("a", make), kept.get("a", make)] == [0, 0]
    time[0] = 61
    assert kept.get("a", make) == 1
    assert [kept.get(key, make) for key in ("b", "c", "a")] == [2, 3, 4]  # only two are kept


def test_what_could_not_be_made_is_tried_again() -> None:
    kept: Kept[int] = Kept(60, 2)
    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: 1 // 0)
    assert kept.get("a", lambda: 1) == 1


class Watched(Overview):
    """Counts the views that were really made."""

    def __init__(self, hub: Hub) -> None:
        super().__init__(hub)
        self.made = 0

    def load(self, sight: Sight, ask: OverviewAsk) -> OverviewView:
        self.made += 1
        return super().load(sight, ask)


def signed_in(hub: Hub) -> Viewer:
    first_admin(hub, email="ana@shop.example", name="Ana", password=PASSWORD)
    session = sign_in(hub, email="ana@shop.example", password=PASSWORD, address="192.0.2.1")
    return Viewer(id=session.account_id, name="Ana", email="", session=session.token)


async def until(views: AsyncIterator[OverviewView], orders: int) -> OverviewView:
    """The first view with so many orders."""
    async for view in views:
        if view.orders == orders:
            return view
    raise AssertionError("the stream ended")


def test_many_viewers_see_an_order_arrive_by_one_view(shop: Shop) -> None:
    viewer, overview = signed_in(shop.hub), Watched(shop.hub)

    async def look() -> None:
        live = Live(shop.hub, overview)
        streams = [live.follow(viewer, OverviewAsk()) for _ in range(20)]
        await asyncio.gather(*(anext(stream) for stream in streams))
        await asyncio.to_thread(shop.buys, mug=1)
        await asyncio.gather(*(until(stream, orders=1) for stream in streams))
        live.stop()

    asyncio.run(look())
    assert overview.made <= 4  # at the start, after the first look at the log, and for the order


def test_streams_end_when_the_server_stops_and_do_not_begin_for_the_signed_out(
    shop: Shop,
) -> None:
    viewer = signed_in(shop.hub)

    async def look() -> list[OverviewView]:
        live = Live(shop.hub, Overview(shop.hub))
        stream = live.follow(viewer, OverviewAsk())
        await anext(stream)
        live.stop()
        assert [view async for view in stream] == []
        other = Live(shop.hub, Overview(shop.hub))
        await asyncio.to_thread(sign_out, shop.hub, viewer.session)
        return [view async for view in other.follow(viewer, OverviewAsk())]

    assert asyncio.run(look()) == []
