"""What a store that sends no parcels has is not promised to anybody's door."""

from collections.abc import Callable, Iterator

import pytest

from charsu.kernel import SYSTEM, Hub
from charsu.orders import PutDeliveryMethod, Rate, Reroute, put_delivery_method, reroute
from charsu.stock import NotEnoughStock, put_location
from charsu.stock.operations.locations import PutLocation
from charsu.stock.queries.availability import AskAvailability, availability
from tests.orders.store import counter_for
from tests.shop import Shop
from tests.shopping.driver import guest, problems_of_all


@pytest.fixture
def shop(open_shop: Callable[..., Hub]) -> Iterator[Shop]:
    """The corner has most of the mugs, and nobody there who takes parcels to the post."""
    shop = Shop(open_shop())
    shop.has("mug", 9, at="corner")
    shop.has("mug", 2, at="depot")
    shop.has("mug", 2, at="annex")
    shop.costs("mug", 1_000)
    rates = (Rate(currency="EUR", amount_minor=500),)
    post = PutDeliveryMethod(code="post", titles={"en": "By post"}, kind="ship", rates=rates)
    shop.hub.run(put_delivery_method, post, actor=SYSTEM)
    corner = PutLocation(
        code="corner",
        name="corner",
        kind="store",
        country="RS",
        time_zone="Europe/Belgrade",
        offers_pickup=True,
        ships=False,
    )
    shop.hub.run(put_location, corner, actor=SYSTEM)
    yield shop
    assert problems_of_all(shop) == []


def senders(shop: Shop, pieces: int) -> set[str]:
    return {one.location for one in shop.order(shop.buys(mug=pieces)).fulfillments}


def test_parcels_come_from_those_who_send_even_if_they_are_more(shop: Shop) -> None:
    assert senders(shop, 3) == {"depot", "annex"}
    with pytest.raises(NotEnoughStock):
        senders(shop, 2)
    pickup = shop.buys(mug=9, kind="pickup", location_id=shop.locations["corner"])
    assert shop.order(pickup).fulfillments[0].location == "corner"


def test_a_cart_that_is_sent_holds_nothing_in_such_a_store(shop: Shop) -> None:
    anna = guest(shop)
    anna.puts(mug=4)
    anna.wants_it_sent()
    anna.holds()
    assert shop.stock("mug", at="corner") == (9, 0)
    other = guest(shop)
    other.puts(mug=1)
    other.wants_it_sent()
    with pytest.raises(NotEnoughStock):
        other.holds()


def test_availability_says_what_can_be_sent(shop: Shop) -> None:
    def of(**more: bool) -> int:
        ask = AskAvailability(
            channel_id=shop.channels["web"], variant_ids=(shop.variants["mug"],), **more
        )
        (one,) = shop.hub.run(availability, ask, actor=SYSTEM).variants
        assert {at.name for at in one.locations if not at.ships} <= {"corner"}
        return one.pieces

    assert (of(), of(shipping_only=True)) == (13, 4)


def test_what_one_cannot_send_is_not_moved_to_who_never_sends(shop: Shop) -> None:
    order = shop.order(shop.buys(mug=4))
    for task in order.fulfillments:
        with pytest.raises(NotEnoughStock):
            shop.hub.run(reroute, Reroute(fulfillment_id=task.id, reason="closed"), actor=SYSTEM)


def test_a_parcel_is_not_offered_where_only_such_a_store_has_the_goods(shop: Shop) -> None:
    shop.buys(mug=4)
    shop.has("mug", 3, at="depot")
    placed = shop.buys(mug=3, kind="pickup", location_id=shop.locations["depot"])
    counter = counter_for(shop, placed)
    counter.accepts()
    counter.finds(mug=1)
    (one,) = [one for one in counter.exceptions() if one.options.otherwise]
    assert (one.options.can_send, one.options.stores) == (False, (shop.locations["corner"],))
