"""One cart for one person, whatever she does to it and wherever she does it."""

from datetime import timedelta

import pytest

from charsu.kernel import SYSTEM, Actor, Grant, NotFound, Stale
from charsu.kernel.access.callers import guest_actor
from charsu.orders import DeliveryUnknown, LocationNeeded, NotForSale, PriceMoved, Recipient
from charsu.pricing import CouponUnknown
from charsu.shopping import (
    CartClosed,
    CartEmpty,
    OpenCart,
    RecipientNeeded,
    SetDelivery,
    open_cart,
    set_delivery,
)
from charsu.shopping.chores import abandon_carts
from tests.shop import Shop
from tests.shopping.driver import (
    ANNA,
    Visitor,
    coupon,
    customer,
    facts_of,
    guest,
    problems,
    visit,
)

SUPPORT = Grant(frozenset({"shopping.*"}))


def test_every_device_of_a_customer_has_the_same_cart(shop: Shop) -> None:
    phone = customer(shop)
    desktop = visit(shop, phone.actor)

    phone.puts(mug=2)

    assert desktop.cart_id == phone.cart_id
    assert desktop.wants() == {"mug": 2}
    assert facts_of(shop, "shopping.cart_opened") == 1


def test_a_cart_costs_to_the_cent_what_its_order_will_cost(shop: Shop) -> None:
    coupon(shop, "TEN", discount_ppm=100_000)
    anna = guest(shop)
    anna.puts(mug=2)
    anna.puts(cup=1)
    anna.wants_it_sent()
    answer = anna.adds("ten")

    totals = anna.sees().totals
    assert totals is not None
    assert (totals.subtotal_minor, totals.discount_minor) == (2_333, 233)
    assert (totals.delivery_minor, totals.total_minor) == (500, 2_600)
    assert [d.code for d in totals.discounts] == ["TEN"]
    assert answer.total_minor == 2_600
    ordered = anna.orders()
    order = shop.order(ordered.order_id)
    assert (order.total_minor, order.tax_minor) == (2_600, totals.tax_minor)
    assert order.delivery_minor == 500


def test_delivery_is_free_where_the_goods_are_worth_enough(shop: Shop) -> None:
    anna = guest(shop)
    anna.puts(mug=4)
    assert [choice.amount_minor for choice in anna.sees().deliveries] == [500]

    anna.puts(mug=5)

    assert [choice.amount_minor for choice in anna.sees().deliveries] == [0]
    assert anna.wants_it_sent().total_minor == 5_000


def test_a_new_cart_says_all_that_keeps_it_from_being_ordered(shop: Shop) -> None:
    anna = guest(shop)
    assert anna.blocks() == [
        "cart_empty",
        "delivery_needed",
        "recipient_needed",
        "contact_needed",
    ]

    anna.puts(mug=11)
    anna.wants_it_sent()

    (block,) = anna.sees().blocks
    assert block.code == "not_enough_stock"
    assert block.line_id == anna.sees().lines[0].id
    assert block.sentence == "There is not enough of mug in stock: 11 wanted, 10 left."
    anna.puts(mug=10)
    assert anna.blocks() == []


def test_whoever_orders_meets_the_first_thing_that_blocks_the_cart(shop: Shop) -> None:
    anna = guest(shop)
    with pytest.raises(CartEmpty):
        anna.orders(0)

    anna.puts(mug=1)
    anna.wants_it_sent(Recipient(name="Anna", email="anna@example.org"))

    with pytest.raises(RecipientNeeded) as refused:
        anna.orders(1_500)
    assert refused.value.data["missing"] == ["street", "town"]


def test_a_price_that_moved_is_shown_and_never_charged_in_silence(shop: Shop) -> None:
    anna = guest(shop)
    anna.puts(mug=1)
    anna.wants_it_sent()
    shop.costs("mug", 1_200)

    view = anna.sees()
    assert view.price_moved
    assert [(line.seen_minor, line.price and line.price.unit_minor) for line in view.lines] == [
        (1_000, 1_200)
    ]
    with pytest.raises(PriceMoved):
        anna.orders(1_500)
    anna.sees_prices()
    assert not anna.sees().price_moved
    assert anna.orders(1_700).total_minor == 1_700


def test_a_line_that_cannot_be_sold_any_more_blocks_and_the_rest_keeps_its_prices(
    shop: Shop,
) -> None:
    anna = guest(shop)
    anna.puts(mug=1)
    anna.puts(cup=2)
    anna.wants_it_sent()
    shop.variants.pop("cup")
    shop.product("cup", status="draft")

    view = anna.sees()

    assert [block.code for block in view.blocks] == ["not_for_sale"]
    assert view.totals is not None
    assert view.totals.total_minor == 1_500
    with pytest.raises(NotForSale):
        anna.orders(1_500)
    anna.removes("cup")
    assert anna.blocks() == []


def test_a_coupon_that_is_no_longer_valid_blocks_until_it_is_taken_out(shop: Shop) -> None:
    coupon(shop, "TEN", discount_ppm=100_000)
    anna = guest(shop)
    anna.puts(mug=1)
    anna.wants_it_sent()
    anna.adds("TEN")
    with pytest.raises(CouponUnknown):
        anna.adds("ELEVEN")
    coupon(shop, "TEN", discount_ppm=100_000, is_active=False)

    assert anna.blocks() == ["coupon_not_now"]
    anna.drops("TEN")
    assert anna.blocks() == []
    assert anna.sees().codes == ()


def test_a_change_made_on_an_older_view_is_refused(shop: Shop) -> None:
    anna = guest(shop)
    revision = anna.puts(mug=1).revision
    assert anna.puts(mug=2, revision=revision).revision == revision + 1

    with pytest.raises(Stale) as refused:
        anna.puts(mug=3, revision=revision)

    assert refused.value.data == {"expected": revision, "actual": revision + 1}
    assert anna.wants() == {"mug": 2}


def test_nobody_finds_another_ones_cart(shop: Shop) -> None:
    anna, other = guest(shop), guest(shop)
    anna.puts(mug=1)
    same_number_other_kind = Actor(anna.actor.id, "customer", anna.actor.grants)

    for actor in (other.actor, same_number_other_kind):
        thief = Visitor(shop, actor, anna.cart_id)
        for attempt in (
            thief.sees,
            lambda thief=thief: thief.puts(mug=5),
            lambda thief=thief: thief.removes("mug"),
            thief.holds,
            thief.releases,
            thief.wants_it_sent,
            lambda thief=thief: thief.orders(1_000),
        ):
            with pytest.raises(NotFound):
                attempt()
    assert anna.wants() == {"mug": 1}


def test_staff_go_on_with_a_customers_cart_if_they_may_assist(shop: Shop) -> None:
    anna = customer(shop)
    anna.puts(mug=1)
    helper = Actor(guest(shop).actor.id, "staff", (SUPPORT,))
    reader = Actor(helper.id, "staff", (Grant(frozenset({"shopping.read"})),))

    Visitor(shop, helper, anna.cart_id).puts(cup=1)

    assert anna.wants() == {"mug": 1, "cup": 1}
    with pytest.raises(NotFound):
        Visitor(shop, reader, anna.cart_id).sees()
    with pytest.raises(NotFound):
        ask = OpenCart(channel_id=shop.channel(), customer_id=anna.actor.id)
        shop.hub.run(open_cart, ask, actor=helper)


def test_a_pickup_is_held_at_its_location_and_priced_without_delivery(shop: Shop) -> None:
    shop.has("mug", 1, at="south")
    anna = guest(shop)
    anna.puts(mug=1)
    with pytest.raises(LocationNeeded):
        anna.does(set_delivery, SetDelivery, kind="pickup", country="RS")
    with pytest.raises(DeliveryUnknown):
        dove = {"kind": "ship", "country": "RS", "delivery_method": "dove"}
        anna.does(set_delivery, SetDelivery, **dove)
    anna.picks_up("south")
    anna.holds()

    assert shop.stock("mug", at="south") == (1, 1)
    ordered = anna.orders(1_000)
    assert [f.location for f in shop.order(ordered.order_id).fulfillments] == ["south"]
    assert problems(shop) == []


def test_an_ordered_cart_is_closed_and_knows_nobody_and_the_next_one_is_new(shop: Shop) -> None:
    anna = guest(shop)
    anna.puts(mug=1)
    anna.wants_it_sent(ANNA)
    ordered = anna.orders()

    shop.costs("mug", 2_000)
    view = anna.sees()
    assert (view.state, view.order_id) == ("ordered", ordered.order_id)
    assert (view.totals, view.price_moved, view.blocks) == (None, False, ())
    with pytest.raises(CartClosed):
        anna.puts(mug=2)
    assert visit(shop, anna.actor).cart_id != anna.cart_id
    assert problems(shop) == []


def test_a_cart_to_which_nobody_comes_back_is_abandoned_and_forgets_its_recipient(
    shop: Shop,
) -> None:
    anna, bela = guest(shop), guest(shop)
    anna.puts(mug=1)
    anna.wants_it_sent()
    shop.hub.offset = timedelta(days=20)
    bela.puts(mug=1)
    assert abandon_carts.do(shop.hub) == 0

    shop.hub.offset = timedelta(days=31)

    assert abandon_carts.do(shop.hub) == 1
    assert (anna.sees().state, bela.sees().state) == ("abandoned", "open")
    assert visit(shop, guest_actor(anna.actor.id)).wants() == {}
    assert problems(shop) == []


def test_the_house_may_open_a_cart_for_somebody_unknown(shop: Shop) -> None:
    ask = OpenCart(channel_id=shop.channel())

    first, second = (shop.hub.run(open_cart, ask, actor=SYSTEM) for _ in range(2))

    assert first.is_new
    assert second.is_new
    assert first.cart_id != second.cart_id
