"""A cart is made exactly what somebody wants, and given up."""

from uuid import UUID

import pytest

from charsu.kernel import SYSTEM, NotFound
from charsu.orders import Recipient
from charsu.shopping import (
    AbandonCart,
    CartClosed,
    CartIs,
    ReplaceCart,
    Wanted,
    abandon_cart,
    replace_cart,
)
from charsu.stock import put_location
from charsu.stock.operations.locations import PutLocation
from tests.shop import Shop

from .driver import ANNA, Visitor, coupon, guest, problems_of_all

NOWHERE = UUID("01890000-0000-7000-8000-00000000ffff")


def replaces(
    visitor: Visitor,
    *codes: str,
    method: str | None = "post",
    place: UUID | None = None,
    **pieces: int,
) -> CartIs:
    """Want this and nothing else."""
    lines = tuple(
        Wanted(variant_id=visitor.shop.variants[sku], quantity=count)
        for sku, count in pieces.items()
    )
    where = {"kind": "pickup", "location_id": place} if place else {}
    more = where | {"codes": codes, "delivery_method": method, "recipient": ANNA}
    done: CartIs = visitor.does(replace_cart, ReplaceCart, lines=lines, country="RS", **more)
    return done


def a_depot(shop: Shop) -> UUID:
    """A location where nobody picks anything up."""
    ask = PutLocation(
        code="depot", name="Depot", kind="warehouse", country="RS", time_zone="Europe/Belgrade"
    )
    place: UUID = shop.hub.run(put_location, ask, actor=SYSTEM).location_id
    return place


def why(done: CartIs) -> list[str]:
    return [one.code for one in done.undone]


def test_what_is_not_named_is_not_in_the_cart_any_more(shop: Shop) -> None:
    anna = guest(shop)
    anna.puts(mug=2)

    done = replaces(anna, cup=3)

    assert anna.wants() == {"cup": 3}
    assert why(done) == [] and anna.blocks() == []


@pytest.mark.parametrize("goods", [{"mug": 1}, {}])
def test_a_place_where_nothing_is_picked_up_is_left_out_and_named(
    shop: Shop, goods: dict[str, int]
) -> None:
    anna, depot = guest(shop), a_depot(shop)

    done = replaces(anna, method=None, place=depot, **goods)

    assert why(done) == ["no_pickup_here"]
    assert anna.wants() == goods
    assert (anna.sees().kind, anna.sees().location_id) == ("ship", None)


@pytest.mark.parametrize("goods", [{"mug": 1}, {}])
def test_nothing_is_picked_up_where_there_is_no_place(shop: Shop, goods: dict[str, int]) -> None:
    anna = guest(shop)
    anna.puts(cup=1)

    with pytest.raises(NotFound):
        replaces(anna, method=None, place=NOWHERE, **goods)

    assert anna.wants() == {"cup": 1}


def test_what_cannot_be_had_is_left_out_and_named(shop: Shop) -> None:
    anna = guest(shop)
    shop.product("ghost")
    shop.has("vase", 1, at="north")
    shop.costs("vase", 900)
    shop.buys(vase=1, kind="ship", recipient=ANNA)

    done = replaces(anna, "NOBODY", mug=1, ghost=1, vase=1, method="by-balloon")

    assert anna.wants() == {"mug": 1}
    assert sorted(why(done)) == [
        "coupon_unknown",
        "delivery_unknown",
        "not_enough_stock",
        "price_missing",
    ]


def test_too_few_pieces_are_kept_and_block_the_order(shop: Shop) -> None:
    anna = guest(shop)

    done = replaces(anna, mug=11)

    assert anna.wants() == {"mug": 11} and why(done) == []
    assert anna.blocks() == ["not_enough_stock"]


def test_codes_that_count_stay_whatever_others_do(shop: Shop) -> None:
    coupon(shop, "TENTH", discount_ppm=100_000)
    anna = guest(shop)

    done = replaces(anna, "tenth", "NOBODY", mug=1)

    assert anna.sees().codes == ("TENTH",) and why(done) == ["coupon_unknown"]


def test_a_held_cart_stays_held_for_what_it_is_now(shop: Shop) -> None:
    anna = guest(shop)
    anna.puts(mug=2)
    anna.holds()

    replaces(anna, mug=1, cup=4)

    assert shop.stock("mug", at="north") == (10, 1)
    assert shop.stock("cup", at="north") == (10, 4)
    assert anna.sees().is_held


def test_a_cart_that_is_given_up_holds_nothing_and_knows_nobody(shop: Shop) -> None:
    anna = guest(shop)
    anna.puts(mug=2)
    anna.wants_it_sent(Recipient(name="Anna", email="anna@example.org", street="x", town="y"))
    anna.holds()

    anna.does(abandon_cart, AbandonCart)

    assert shop.stock("mug", at="north") == (10, 0)
    with shop.hub.reading() as tx:
        assert tx.value("SELECT count(*) FROM shopping.recipients") == 0
    with pytest.raises(CartClosed):
        anna.puts(mug=1)


def some_picked_up(visitor: Visitor, place: UUID, **pieces: int) -> CartIs:
    """Want the mug at a place of its own, and the rest sent."""
    lines = tuple(
        Wanted(
            variant_id=visitor.shop.variants[sku],
            quantity=count,
            location_id=place if sku == "mug" else None,
        )
        for sku, count in pieces.items()
    )
    done: CartIs = visitor.does(
        replace_cart,
        ReplaceCart,
        lines=lines,
        country="RS",
        delivery_method="post",
        recipient=ANNA,
    )
    return done


def test_some_goods_wait_in_a_store_while_the_others_are_sent(shop: Shop) -> None:
    shop.has("mug", 3, at="south")
    anna = guest(shop)
    store = shop.locations["south"]
    some_picked_up(anna, store, mug=1, cup=1)
    anna.holds()

    held = shop.stock("mug", at="south"), shop.stock("cup", at="north")
    seen = anna.sees()
    order = shop.order(anna.orders().order_id)

    assert held == ((3, 1), (10, 1))
    assert {line.location_id for line in seen.lines} == {store, None}
    tasks = {one.kind: one for one in order.fulfillments}
    assert tasks.keys() == {"ship", "pickup"}
    assert tasks["pickup"].location_id == store
    assert tasks["pickup"].due_by < tasks["ship"].due_by
    assert problems_of_all(shop) == []


def test_a_line_is_picked_up_only_where_that_is_offered(shop: Shop) -> None:
    anna = guest(shop)

    done = some_picked_up(anna, a_depot(shop), mug=1, cup=1)

    assert why(done) == ["no_pickup_here"]
    assert {line.location_id for line in anna.sees().lines} == {None}


def test_a_line_that_lies_elsewhere_only_blocks_the_order(shop: Shop) -> None:
    shop.has("mug", 3, at="south")
    anna = guest(shop)

    some_picked_up(anna, shop.locations["south"], mug=4, cup=1)

    assert anna.blocks() == ["not_enough_stock"]


def test_a_pick_up_of_the_whole_cart_gathers_its_lines(shop: Shop) -> None:
    shop.has("mug", 3, at="south")
    anna = guest(shop)
    some_picked_up(anna, shop.locations["south"], mug=1, cup=1)
    anna.holds()

    anna.picks_up("north")

    assert {line.location_id for line in anna.sees().lines} == {None}
    assert shop.stock("mug", at="south") == (3, 0)
    assert shop.stock("mug", at="north") == (10, 1)
