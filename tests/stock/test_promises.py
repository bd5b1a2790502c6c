"""What stock promises, under real concurrency on a real database; an unsafe control beside each."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec import Struct

from charsu.kernel import SYSTEM, Hub, Tx, operation
from charsu.orders.sourcing import fewest_then_nearest
from charsu.stock import NotEnoughStock, Want, hold
from charsu.stock.errors import Shortfall
from tests.shop import Shop


class Reserve(Struct, frozen=True, kw_only=True):
    owner: UUID
    channel: UUID
    wants: tuple[Want, ...]
    seconds: int | None = None


class Reserved(Struct, frozen=True):
    picks: int


@operation("test.reserve", permission="test.reserve")
def reserve(tx: Tx, ask: Reserve) -> Reserved:
    """Hold goods for a test."""
    expires = None if ask.seconds is None else tx.now + timedelta(seconds=ask.seconds)
    picks = hold(
        tx,
        ask.wants,
        channel=ask.channel,
        owner=ask.owner,
        choose=fewest_then_nearest(),
        expires_at=expires,
    )
    return Reserved(len(picks))


@operation("test.reserve_unsafe", permission="test.reserve")
def reserve_unsafe(tx: Tx, ask: Reserve) -> Reserved:
    """The same, read and written back without a guard."""
    for want in ask.wants:
        row = tx.first(
            "SELECT account_id, posted, held FROM ledger.balances WHERE thing_id = %(id)s",
            id=want.variant_id,
        )
        if row.posted - row.held < want.quantity:
            raise NotEnoughStock([Shortfall(want.variant_id, "?", want.quantity, 0)])
        tx.value("SELECT pg_sleep(0.002)")  # the moment in which another buyer reads the same
        tx.run(
            "UPDATE ledger.balances SET held = %(held)s WHERE account_id = %(id)s",
            held=row.held + want.quantity,
            id=row.account_id,
        )
    return Reserved(len(ask.wants))


@pytest.fixture
def shop(open_shop: Callable[..., Hub]) -> Shop:
    return Shop(open_shop(connections=32))


def buy(shop: Shop, verb: Any, wants: tuple[Want, ...], owner: int) -> bool:
    ask = Reserve(owner=UUID(int=owner), channel=shop.channels["web"], wants=wants)
    try:
        shop.hub.run(verb, ask, actor=SYSTEM)
    except NotEnoughStock:
        return False
    return True


def rush(shop: Shop, verb: Any, buyers: int) -> int:
    """How many of so many buyers at once got a mug."""
    with ThreadPoolExecutor(16) as pool:
        wants = [tuple(shop.wants(mug=1)) for _ in range(buyers)]
        return sum(pool.map(lambda n: buy(shop, verb, wants[n], n), range(buyers)))


def test_the_last_pieces_go_to_as_many_buyers_as_there_are_pieces(shop: Shop) -> None:
    shop.has("mug", 20, at="store")

    assert rush(shop, reserve, buyers=80) == 20
    assert shop.stock("mug", at="store") == (20, 20)


def test_without_the_guard_pieces_are_sold_twice(shop: Shop) -> None:
    shop.has("mug", 20, at="store")

    sold = rush(shop, reserve_unsafe, buyers=80)

    print(f"unsafe control: {sold} sold of 20")
    assert sold > 20


def test_what_availability_says_can_be_held_over_several_locations(shop: Shop) -> None:
    for number in range(5):
        shop.has("mug", 2, at=f"store-{number}")

    assert not buy(shop, reserve, tuple(shop.wants(mug=11)), 1)
    assert buy(shop, reserve, tuple(shop.wants(mug=10)), 2)
    assert [shop.stock("mug", at=f"store-{n}") for n in range(5)] == [(2, 2)] * 5


def test_lines_that_share_a_product_are_summed_and_a_basket_is_held_whole(shop: Shop) -> None:
    shop.has("mug", 5, at="store")
    shop.has("cup", 1, at="store")

    with pytest.raises(NotEnoughStock) as refused:
        wants = (*shop.wants(mug=3), *shop.wants(mug=3), *shop.wants(cup=1))
        ask = Reserve(owner=UUID(int=1), channel=shop.channels["web"], wants=wants)
        shop.hub.run(reserve, ask, actor=SYSTEM)

    assert [(s.sku, s.wanted, s.available) for s in refused.value.short] == [("mug", 6, 5)]
    assert shop.stock("mug", at="store") == (5, 0)
    assert shop.stock("cup", at="store") == (1, 0)


def test_shuffled_baskets_at_once_never_deadlock(shop: Shop) -> None:
    skus = [f"thing-{number}" for number in range(12)]
    for sku in skus:
        shop.has(sku, 1000, at="store")
    chance = random.Random(7)
    baskets = [
        tuple(w for sku in chance.sample(skus, 8) for w in shop.wants(**{sku: 1}))
        for _ in range(100)
    ]

    with ThreadPoolExecutor(16) as pool:
        held = list(pool.map(lambda n: buy(shop, reserve, baskets[n], n), range(100)))

    assert all(held)
    assert sum(shop.stock(sku, at="store")[1] for sku in skus) == 800


def test_one_of_two_takers_gets_what_an_expired_hold_leaves(
    shop: Shop, open_shop: Callable[..., Hub]
) -> None:
    shop.has("mug", 1, at="store")
    first = Reserve(
        owner=UUID(int=1),
        channel=shop.channels["web"],
        wants=tuple(shop.wants(mug=1)),
        seconds=60,
    )
    shop.hub.run(reserve, first, actor=SYSTEM)
    assert not buy(shop, reserve, tuple(shop.wants(mug=1)), 2)

    shop.hub.offset = timedelta(minutes=2)

    assert rush(shop, reserve, buyers=12) == 1
    assert shop.stock("mug", at="store") == (1, 1)
    with shop.hub.reading() as tx:
        states = tx.all("SELECT state, count(*) AS n FROM ledger.holds GROUP BY state")
        told = tx.value("SELECT count(*) FROM kernel.facts WHERE name = 'stock.hold_expired'")
    assert {row.state: row.n for row in states} == {"expired": 1, "live": 1}
    assert told == 1
