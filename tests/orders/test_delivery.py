"""What a delivery costs where, when it leaves, and on which days it arrives."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from charsu.kernel import SYSTEM, Hub, NotFound
from charsu.orders import (
    Delivery,
    DeliveryUnknown,
    PutDeliveryMethod,
    Rate,
    Recipient,
    Zone,
    deliveries,
    put_delivery_method,
)
from charsu.orders.promising import parcel_promise
from charsu.shopping import (
    AskCart,
    CompleteCart,
    SetDelivery,
    complete_cart,
    read_cart,
    set_delivery,
)
from charsu.stock import Opening, PutLocation, put_location
from tests.shop import Shop
from tests.shopping.driver import guest, open_market

WEEK = tuple((("08:00", "16:00"),) if day < 5 else () for day in range(7))
WAREHOUSE = Opening(WEEK, "Europe/Belgrade")


def eur(minor: int, free_from: int | None = None) -> tuple[Rate, ...]:
    return (Rate(currency="EUR", amount_minor=minor, free_from_minor=free_from),)


@pytest.fixture
def shop(open_shop: Callable[..., Hub]) -> Shop:
    shop = Shop(open_shop())
    shop.has("mug", 10, at="north")
    shop.costs("mug", 1_000)
    zones = (
        Zone(countries=("RS",), postcodes=("11", "21 0"), rates=eur(200), days=(1, 1)),
        Zone(countries=("RS",), postcodes=("38",)),  # nobody goes there
        Zone(countries=("PL",), rates=eur(900, 5_000), days=(3, 5)),
    )
    ask = PutDeliveryMethod(
        code="courier", titles={"en": "Courier"}, kind="ship", rates=eur(400), zones=zones
    )
    shop.hub.run(put_delivery_method, ask, actor=SYSTEM)
    return shop


def offered(shop: Shop, country: str, postcode: str = "") -> list[tuple[int, int, int]]:
    with shop.hub.reading() as tx:
        found = deliveries(tx, channel="web", country=country, currency="EUR", postcode=postcode)
    return [(one.amount_minor, one.days_min, one.days_max) for one in found]


@pytest.mark.parametrize(
    ("country", "postcode", "expected"),
    [
        ("RS", "11000", [(200, 1, 1)]),
        ("RS", "21-000", [(200, 1, 1)]),
        ("RS", "21 100", [(400, 0, 2)]),
        ("RS", "", [(400, 0, 2)]),
        ("RS", "38220", []),
        ("PL", "11-041", [(900, 3, 5)]),
        ("AZ", "AZ1000", [(400, 0, 2)]),
    ],
)
def test_the_first_zone_that_an_address_is_in_counts(
    shop: Shop, country: str, postcode: str, expected: list[tuple[int, int, int]]
) -> None:
    assert offered(shop, country, postcode) == expected


def test_an_order_pays_the_rate_of_its_zone_or_is_refused(shop: Shop) -> None:
    near = shop.buys(mug=1, delivery_method="courier", recipient=Recipient(postcode="11000"))
    far = shop.buys(mug=1, delivery_method="courier", recipient=Recipient(postcode="34000"))
    assert (near.total_minor, far.total_minor) == (1_200, 1_400)
    with pytest.raises(DeliveryUnknown):
        shop.buys(mug=1, delivery_method="courier", recipient=Recipient(postcode="38000"))


def courier(cut_off: str | None = "14:00", days: tuple[int, int] = (1, 2)) -> Delivery:
    return Delivery(
        code="courier",
        titles={},
        kind="ship",
        amount_minor=0,
        free_from_minor=None,
        tax_class="standard",
        days_min=days[0],
        days_max=days[1],
        cut_off=cut_off,
    )


@pytest.mark.parametrize(
    ("ordered", "leaves", "arrives"),
    [
        ("2026-01-05 13:59", "2026-01-05 16:00", ("2026-01-06", "2026-01-07")),  # a Monday
        ("2026-01-05 14:00", "2026-01-06 16:00", ("2026-01-07", "2026-01-08")),
        ("2026-01-09 15:00", "2026-01-12 16:00", ("2026-01-13", "2026-01-14")),  # Friday, late
        ("2026-01-08 10:00", "2026-01-08 16:00", ("2026-01-09", "2026-01-12")),  # over a weekend
        ("2026-03-29 01:30", "2026-03-30 16:00", ("2026-03-31", "2026-04-01")),  # clocks change
    ],
)
def test_a_parcel_leaves_on_a_working_day_before_the_cut_off_and_arrives_on_working_days(
    ordered: str, leaves: str, arrives: tuple[str, str]
) -> None:
    zone = ZoneInfo("Europe/Belgrade")
    now = datetime.fromisoformat(ordered).replace(tzinfo=zone)

    promise = parcel_promise(courier(), WAREHOUSE, now=now.astimezone(UTC))

    assert promise.due_by == datetime.fromisoformat(leaves).replace(tzinfo=zone)
    days = (promise.arrives_from, promise.arrives_by)
    assert days == tuple(date.fromisoformat(day) for day in arrives)


def test_the_cut_off_is_that_of_the_clock_on_the_wall_there() -> None:
    baku = Opening((), "Asia/Baku")
    now = datetime(2026, 1, 5, 10, 30, tzinfo=UTC)  # half past two in Baku, past the cut-off
    assert parcel_promise(courier(days=(0, 0)), baku, now=now).arrives_by == date(2026, 1, 6)
    assert parcel_promise(courier(days=(0, 0)), WAREHOUSE, now=now).arrives_by == date(2026, 1, 5)


def test_a_method_is_bound_to_the_clock_of_a_location_that_there_is(shop: Shop) -> None:
    with shop.hub.reading() as tx:
        nowhere = tx.new_id()
    ask = PutDeliveryMethod(
        code="ghost", titles={"en": "x"}, kind="ship", rates=eur(1), from_location_id=nowhere
    )
    with pytest.raises(NotFound):
        shop.hub.run(put_delivery_method, ask, actor=SYSTEM)


def test_what_the_cart_shows_is_what_the_order_promises(open_shop: Callable[..., Hub]) -> None:
    shop = open_market(open_shop())
    with shop.hub.reading() as tx:
        now = tx.now
    monday = now.date() + timedelta(days=8 - now.isoweekday())
    shop.hub.offset = datetime.combine(monday, time(9), UTC) - now
    store = PutLocation(
        code="north",
        name="north",
        kind="store",
        country="RS",
        time_zone="UTC",
        hours=WEEK,
        offers_pickup=True,
        ships=True,
    )
    shop.hub.run(put_location, store, actor=SYSTEM)
    ask = PutDeliveryMethod(
        code="next-day",
        titles={"en": "Next day"},
        kind="ship",
        rates=eur(500),
        days_min=1,
        days_max=1,
        cut_off="12:00",
        from_location_id=shop.locations["north"],
    )
    shop.hub.run(put_delivery_method, ask, actor=SYSTEM)
    one = guest(shop)
    one.puts(mug=1)
    sent = SetDelivery(
        cart_id=one.cart_id,
        kind="ship",
        country="RS",
        delivery_method="next-day",
        recipient=Recipient(name="Ana", street="Nova 1", town="Niš", email="a@shop.example"),
    )
    shop.hub.run(set_delivery, sent, actor=SYSTEM)

    view = shop.hub.run(read_cart, AskCart(cart_id=one.cart_id), actor=SYSTEM)
    (shown,) = [choice.promise for choice in view.deliveries if choice.code == "next-day"]
    ordering = CompleteCart(cart_id=one.cart_id, expected_total_minor=view.totals.total_minor)
    order = shop.order(shop.hub.run(complete_cart, ordering, actor=SYSTEM).order_id)

    assert view.promise == shown
    assert shown.due_by == order.fulfillments[0].due_by == datetime.combine(monday, time(16), UTC)
    tomorrow = monday + timedelta(days=1)
    assert shown.arrives_by == order.arrives_by == order.arrives_from == tomorrow


def test_a_cart_to_be_collected_says_when_it_will_be_ready(open_shop: Callable[..., Hub]) -> None:
    shop = open_market(open_shop())
    one = guest(shop)
    one.puts(mug=1)
    one.picks_up("north")
    with shop.hub.reading() as tx:
        before = tx.now

    shown = one.sees().promise
    ordered = shop.order(one.orders().order_id)

    due_by = ordered.fulfillments[0].due_by
    assert due_by - ordered.placed_at == timedelta(hours=2)
    assert before + timedelta(hours=2) <= shown.due_by <= due_by
