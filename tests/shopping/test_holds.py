"""What a cart holds, how long, and what becomes of it."""

from datetime import timedelta

import pytest

from charsu.shopping import CartEmpty
from charsu.stock import NotEnoughStock
from charsu.stock.chores import expire_holds
from tests.shop import Shop
from tests.shopping.driver import guest, problems


def test_a_cart_is_held_whole_or_not_at_all_and_the_refusal_says_what_is_left(shop: Shop) -> None:
    anna = guest(shop)
    with pytest.raises(CartEmpty):
        anna.holds()
    anna.puts(mug=4)
    anna.puts(cup=11)

    with pytest.raises(NotEnoughStock) as refused:
        anna.holds()

    assert [(s.sku, s.wanted, s.available) for s in refused.value.short] == [("cup", 11, 10)]
    assert shop.stock("mug", at="north") == (10, 0)
    anna.puts(cup=10)
    anna.holds()
    assert anna.sees().is_held
    assert shop.stock("mug", at="north") == (10, 4)
    assert shop.stock("cup", at="north") == (10, 10)


def test_what_is_held_is_not_for_sale_until_it_is_released(shop: Shop) -> None:
    anna, bela = guest(shop), guest(shop)
    anna.puts(mug=8)
    bela.puts(mug=3)
    anna.holds()
    assert bela.sees().lines[0].available == 2
    assert anna.sees().lines[0].available == 10

    with pytest.raises(NotEnoughStock):
        bela.holds()
    anna.releases()

    assert bela.holds().held_until is not None
    assert not anna.sees().is_held
    assert problems(shop) == []


def test_a_held_cart_holds_what_is_wanted_more_and_gives_back_what_is_wanted_less(
    shop: Shop,
) -> None:
    anna = guest(shop)
    anna.puts(mug=4)
    anna.holds()

    anna.puts(mug=7)
    assert shop.stock("mug", at="north") == (10, 7)
    with pytest.raises(NotEnoughStock):
        anna.puts(mug=11)
    assert anna.wants() == {"mug": 7}
    anna.puts(mug=2)
    assert shop.stock("mug", at="north") == (10, 2)
    anna.removes("mug")

    assert shop.stock("mug", at="north") == (10, 0)
    assert problems(shop) == []


def test_activity_extends_a_hold_but_not_beyond_its_limit(shop: Shop) -> None:
    anna = guest(shop)
    anna.puts(mug=1)
    first = anna.holds().held_until
    assert first is not None

    for minutes in (10, 20, 30, 40, 50):
        shop.hub.offset = timedelta(minutes=minutes)
        last = anna.puts(mug=1).held_until

    assert last is not None
    assert timedelta(minutes=45) <= last - first < timedelta(minutes=46)
    shop.hub.offset = timedelta(minutes=61)
    assert anna.puts(mug=1).held_until is None


def test_a_hold_that_ran_out_shows_at_once_and_the_sweep_puts_the_goods_on_sale(
    shop: Shop,
) -> None:
    anna, bela = guest(shop), guest(shop)
    anna.puts(mug=10)
    anna.holds()
    shop.hub.offset = timedelta(minutes=16)

    assert not anna.sees().is_held
    assert expire_holds.do(shop.hub) == 1
    bela.puts(mug=10)
    assert bela.holds().held_until is not None
    assert anna.sees().lines[0].available == 0
    assert problems(shop) == []


def test_what_was_held_moves_with_the_place_where_it_will_be_picked_up(shop: Shop) -> None:
    shop.has("mug", 3, at="south")
    anna = guest(shop)
    anna.puts(mug=3)
    anna.picks_up("north")
    anna.holds()

    anna.picks_up("south")

    assert shop.stock("mug", at="north") == (10, 0)
    assert shop.stock("mug", at="south") == (3, 3)
    shop.has("cup", 1, at="south")
    anna.picks_up("north")
    anna.puts(cup=2)
    with pytest.raises(NotEnoughStock):
        anna.picks_up("south")
    assert shop.stock("mug", at="north") == (10, 3)
    assert shop.stock("cup", at="north") == (10, 2)
    assert problems(shop) == []


def test_the_owner_of_a_hold_that_ran_out_still_gets_it_if_nobody_took_it(shop: Shop) -> None:
    anna, bela = guest(shop), guest(shop)
    for one in (anna, bela):
        one.puts(mug=10)
        one.wants_it_sent()
    anna.holds()
    shop.hub.offset = timedelta(minutes=16)

    ordered = anna.orders(10_000)

    assert shop.order(ordered.order_id).state == "open"
    with pytest.raises(NotEnoughStock):
        bela.orders(10_000)
    assert shop.stock("mug", at="north") == (10, 10)
    assert problems(shop) == []


def test_whoever_buys_after_a_hold_ran_out_gets_the_goods_and_the_owner_a_clear_refusal(
    shop: Shop,
) -> None:
    anna, bela = guest(shop), guest(shop)
    for one in (anna, bela):
        one.puts(mug=10)
        one.wants_it_sent()
    anna.holds()
    with pytest.raises(NotEnoughStock):
        bela.orders(10_000)
    shop.hub.offset = timedelta(minutes=16)

    bela.orders(10_000)

    with pytest.raises(NotEnoughStock) as refused:
        anna.orders(10_000)
    assert [(s.sku, s.available) for s in refused.value.short] == [("mug", 0)]
    assert anna.sees().state == "open"
    assert problems(shop) == []
