"""A guest signs in and finds everything in the cart that she has as a customer."""

from datetime import timedelta

import pytest

from charsu.kernel import NotFound
from charsu.shopping import MergeCarts, OwnerNeeded, merge_carts
from tests.shop import Shop
from tests.shopping.driver import (
    Visitor,
    coupon,
    customer,
    facts_of,
    guest,
    new_customer,
    problems,
    sign_in,
)


def test_lines_are_added_up_and_capped_by_what_the_shop_has(shop: Shop) -> None:
    anna, before = customer(shop), guest(shop)
    anna.puts(mug=7)
    before.puts(mug=5)
    before.puts(cup=2)

    merged = sign_in(before, anna.actor)

    assert merged.cart_id == anna.cart_id
    assert anna.wants() == {"mug": 10, "cup": 2}
    assert (before.sees().state, before.sees().merged_into_id) == ("merged", anna.cart_id)


def test_what_the_customer_had_herself_never_shrinks_and_what_is_sold_out_stays_in_sight(
    shop: Shop,
) -> None:
    anna, before, other = customer(shop), guest(shop), guest(shop)
    anna.puts(mug=7)
    before.puts(mug=1)
    before.puts(cup=3)
    other.puts(mug=10)
    other.puts(cup=10)
    other.holds()

    sign_in(before, anna.actor)

    assert anna.wants() == {"mug": 7, "cup": 1}
    assert "not_enough_stock" in anna.blocks()


def test_signing_in_twice_merges_once(shop: Shop) -> None:
    anna, before = customer(shop), guest(shop)
    anna.puts(mug=1)
    before.puts(mug=2)

    sign_in(before, anna.actor)
    sign_in(before, anna.actor)

    assert anna.wants() == {"mug": 3}
    assert facts_of(shop, "shopping.cart_took_over") == 1


def test_what_either_cart_held_stays_held_in_one(shop: Shop) -> None:
    anna, before = customer(shop), guest(shop)
    anna.puts(mug=2)
    before.puts(mug=3)
    before.puts(cup=4)
    before.holds()

    sign_in(before, anna.actor)

    assert {line.sku: (line.quantity, line.held) for line in anna.sees().lines} == {
        "mug": (5, 3),
        "cup": (4, 4),
    }
    assert not anna.sees().is_held
    anna.holds()
    assert shop.stock("mug", at="north") == (10, 5)
    assert problems(shop) == []
    shop.hub.offset = timedelta(minutes=5)
    anna.wants_it_sent()
    anna.orders()
    assert shop.stock("cup", at="north") == (10, 4)
    assert problems(shop) == []


def test_what_was_held_elsewhere_than_the_customer_will_come_goes_back(shop: Shop) -> None:
    shop.has("mug", 2, at="south")
    anna, before = customer(shop), guest(shop)
    anna.puts(cup=1)
    anna.picks_up("north")
    before.puts(mug=2)
    before.picks_up("south")
    before.holds()

    sign_in(before, anna.actor)

    assert shop.stock("mug", at="south") == (2, 0)
    assert anna.wants() == {"cup": 1, "mug": 2}
    assert problems(shop) == []


def test_a_customer_without_a_cart_goes_on_where_the_guest_was(shop: Shop) -> None:
    before = guest(shop)
    before.puts(mug=2)
    before.wants_it_sent()
    before.holds()

    anna = sign_in(before, new_customer(shop))

    assert anna.blocks() == []
    assert anna.sees().is_held
    ordered = anna.orders()
    assert shop.order(ordered.order_id).customer_id == anna.actor.id
    assert problems(shop) == []


def test_the_guests_coupons_are_kept_where_they_are_valid_beside_the_customers(
    shop: Shop,
) -> None:
    coupon(shop, "TEN", discount_ppm=100_000, combines=True)
    coupon(shop, "FIVE", discount_ppm=50_000, combines=True)
    coupon(shop, "ALONE", discount_ppm=500_000)
    anna, before = customer(shop), guest(shop)
    anna.puts(mug=1)
    anna.adds("TEN")
    before.puts(cup=1)
    before.adds("FIVE")
    sign_in(before, anna.actor)
    assert sorted(anna.sees().codes) == ["FIVE", "TEN"]

    another = guest(shop)
    another.puts(cup=1)
    another.adds("ALONE")
    sign_in(another, anna.actor)

    assert sorted(anna.sees().codes) == ["FIVE", "TEN"]
    assert anna.wants() == {"mug": 1, "cup": 2}


def test_only_the_customer_herself_takes_a_guests_cart_over(shop: Shop) -> None:
    anna, before = customer(shop), guest(shop)
    before.puts(mug=1)
    ask = MergeCarts(channel_id=shop.channel(), guest_id=before.actor.id, customer_id=anna.actor.id)

    for actor in (before.actor, new_customer(shop)):
        with pytest.raises(OwnerNeeded):
            shop.hub.run(merge_carts, ask, actor=actor)

    with pytest.raises(NotFound):
        Visitor(shop, anna.actor, before.cart_id).sees()
