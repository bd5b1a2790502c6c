"""Many hands on one cart, and many carts after the same things; an unsafe control beside each."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Protocol, TypeVar
from uuid import UUID

import psycopg
import pytest

from charsu.kernel import HubError, Stale, Tx, ledger, operation
from charsu.orders import Promised
from charsu.pricing import CouponUsedUp, redeem
from charsu.shopping import CartChanged, CartCompleted, CompleteCart, MergeCarts
from charsu.shopping.changed import changed
from charsu.shopping.model import Cart
from charsu.shopping.operations.complete import completed
from charsu.shopping.operations.merge import merge_into
from charsu.shopping.ordering import order_cart
from charsu.shopping.stored import load
from charsu.stock import NotEnoughStock
from tests.shop import Shop
from tests.shopping.driver import (
    Visitor,
    coupon,
    customer,
    facts_of,
    guest,
    problems,
    sign_in,
    visit,
)

pytestmark = pytest.mark.slow

THREADS = 8
Outcome = TypeVar("Outcome")


class Meet(Protocol):
    def __call__(self) -> None: ...


def meeting(parties: int) -> Meet:
    """Lets so many threads that come here go on together; each waits once only."""
    barrier, came = threading.Barrier(parties), threading.local()

    def meet() -> None:
        if not hasattr(came, "before"):
            came.before = True
            barrier.wait(30)

    return meet


def at_once(attempts: Sequence[Callable[[], Outcome]]) -> list[Outcome | Exception]:
    """What becomes of attempts that begin together, each in a thread of its own."""
    meet = meeting(len(attempts))

    def attempt(go: Callable[[], Outcome]) -> Outcome | Exception:
        meet()
        try:
            return go()
        except (HubError, psycopg.Error) as problem:
            return problem

    with ThreadPoolExecutor(len(attempts)) as threads:
        return list(threads.map(attempt, attempts))


# Two devices, one cart


def add_one_each(shop: Shop, *, says_what_it_saw: bool) -> int:
    """Each of many devices adds one mug to what it sees; how many are wanted in the end."""
    anna = customer(shop)
    anna.puts(mug=1)
    meet = meeting(THREADS)

    def add_one(device: Visitor) -> None:
        while True:
            view = device.sees()
            meet()
            revision = view.revision if says_what_it_saw else None
            try:
                device.puts(revision, mug=view.lines[0].quantity + 1)
            except Stale:
                continue
            return

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(add_one, [visit(shop, anna.actor) for _ in range(THREADS)]))
    assert problems(shop) == []
    return anna.wants()["mug"]


def test_no_device_overwrites_what_another_has_just_done(shop: Shop) -> None:
    shop.has("mug", 90, at="north")
    assert add_one_each(shop, says_what_it_saw=True) == 1 + THREADS


def test_devices_that_do_not_say_what_they_saw_overwrite_each_other(shop: Shop) -> None:
    wanted = add_one_each(shop, says_what_it_saw=False)

    print(f"unsafe control: {wanted} wanted, {1 + THREADS} put")
    assert wanted < 1 + THREADS


def test_the_first_visit_from_many_devices_at_once_opens_one_cart(shop: Shop) -> None:
    anna = customer(shop)
    anna.puts(mug=1)
    anna.wants_it_sent()
    anna.orders()

    carts = at_once([lambda: visit(shop, anna.actor).cart_id] * THREADS)

    assert len(set(carts)) == 1
    assert anna.cart_id not in carts
    assert facts_of(shop, "shopping.cart_opened") == 2


# One cart, ordered by many


def complete_unlocked(meet: Meet) -> Any:
    """Ordering without the lock on the cart."""

    @operation("test.complete_unlocked", permission="shopping.complete")
    def complete(tx: Tx, ask: CompleteCart) -> CartCompleted:
        """Order a cart as it was before others came."""
        cart = load(tx, ask.cart_id)
        meet()
        return completed(cart, order_cart(tx, cart, total_minor=ask.expected_total_minor))

    return complete


def ready(shop: Shop, **pieces: int) -> Visitor:
    one = guest(shop)
    for sku, quantity in pieces.items():
        one.puts(**{sku: quantity})
    one.wants_it_sent()
    return one


def test_a_cart_ordered_from_many_sides_at_once_is_one_order_with_one_answer(shop: Shop) -> None:
    anna = ready(shop, mug=2)
    anna.holds()

    answers = at_once([lambda: anna.orders(2_500)] * THREADS)

    assert answers == [anna.orders(2_500)] * THREADS
    assert facts_of(shop, "orders.order_placed") == 1
    assert shop.stock("mug", at="north") == (10, 2)
    assert problems(shop) == []


def test_without_the_lock_the_others_do_not_get_the_answer(shop: Shop) -> None:
    anna = ready(shop, mug=2)
    anna.holds()
    unlocked = complete_unlocked(meeting(THREADS))

    answers = at_once([lambda: anna.orders(2_500, by=unlocked)] * THREADS)

    broken = sum(isinstance(answer, Exception) for answer in answers)
    print(f"unsafe control: {broken} of {THREADS} got no answer")
    assert broken > 0


# One hold that ran out, two who want it


def complete_trusting(meet: Meet) -> Any:
    """Ordering that takes a hold for granted because it was there a moment ago."""

    def promise(tx: Tx, cart: Cart, lines: Mapping[UUID, UUID], *, order: UUID) -> list[Promised]:
        seen = ledger.live_holds(tx, cart.id)
        meet()
        return [Promised(lines[held.line_id], held.place_id, held.open) for held in seen]

    @operation("test.complete_trusting", permission="shopping.complete")
    def complete(tx: Tx, ask: CompleteCart) -> CartCompleted:
        """Order what was held when it was looked at."""
        cart = load(tx, ask.cart_id)
        total = ask.expected_total_minor
        return completed(cart, order_cart(tx, cart, total_minor=total, promise=promise))

    return complete


def last_mugs_after_a_hold(shop: Shop) -> tuple[Visitor, list[Visitor]]:
    owner, others = ready(shop, mug=10), [ready(shop, mug=10) for _ in range(3)]
    owner.holds()
    shop.hub.offset = timedelta(minutes=16)
    return owner, others


def test_a_hold_that_ran_out_goes_to_its_owner_or_to_one_other(shop: Shop) -> None:
    owner, others = last_mugs_after_a_hold(shop)

    outcome = at_once([lambda one=one: one.orders(10_000) for one in (owner, *others)])

    assert Counter(type(one) for one in outcome) == {CartCompleted: 1, NotEnoughStock: 3}
    assert shop.stock("mug", at="north") == (10, 10)
    assert facts_of(shop, "orders.order_placed") == 1
    assert problems(shop) == []


def test_a_hold_taken_for_granted_is_sold_twice(shop: Shop) -> None:
    owner, others = last_mugs_after_a_hold(shop)
    seen, sold = threading.Event(), threading.Event()

    def meet() -> None:
        seen.set()
        sold.wait(30)

    def buy() -> CartCompleted:
        seen.wait(30)
        try:
            return others[0].orders(10_000)
        finally:
            sold.set()

    trusting = complete_trusting(meet)
    outcome = at_once([lambda: owner.orders(10_000, by=trusting), buy])

    orders = sum(isinstance(one, CartCompleted) for one in outcome)
    print(f"unsafe control: {orders} orders of the same ten mugs")
    assert orders == 2


# One use of a coupon, fifty carts

_UNGUARDED = "UPDATE pricing.coupon_counters SET uses = %(uses)s WHERE coupon_id = %(id)s"
_USES = "SELECT uses, limit_uses FROM pricing.coupon_counters WHERE coupon_id = %(id)s"


def order_fifty_with_one_coupon(shop: Shop) -> Counter[type]:
    shop.has("mug", 90, at="north")
    coupon(shop, "ONCE", discount_ppm=100_000, limit_total=1)
    carts = [ready(shop, mug=1) for _ in range(50)]
    for cart in carts:
        cart.adds("ONCE")
        cart.holds()  # so that they queue for the coupon, not for the mugs before it
    with ThreadPoolExecutor(THREADS) as threads:

        def order(one: Visitor) -> type:
            try:
                return type(one.orders(1_400))
            except CouponUsedUp as refused:
                return type(refused)

        return Counter(threads.map(order, carts))


def test_of_fifty_orders_at_once_one_gets_the_last_use_of_a_coupon(shop: Shop) -> None:
    outcome = order_fifty_with_one_coupon(shop)

    assert outcome == {CartCompleted: 1, CouponUsedUp: 49}
    assert facts_of(shop, "orders.order_placed") == 1
    assert facts_of(shop, "pricing.coupon_redeemed") == 1
    assert problems(shop) == []


def test_uses_counted_by_reading_first_go_beyond_the_limit(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    meet = meeting(THREADS)

    def count(tx: Tx, coupons: Sequence[UUID], customer_id: UUID | None) -> Counter[UUID]:
        row = tx.first(_USES, id=coupons[0])
        assert row is not None
        meet()
        if row.uses >= row.limit_uses:
            return Counter()
        tx.run(_UNGUARDED, id=coupons[0], uses=row.uses + 1)
        return Counter(coupons)

    monkeypatch.setitem(redeem.__kwdefaults__, "count", count)
    outcome = order_fifty_with_one_coupon(shop)

    print(f"unsafe control: a coupon for one order used by {outcome[CartCompleted]}")
    assert outcome[CartCompleted] > 1


# One guest, signing in at once in many windows


def merge_unlocked(meet: Meet, own: UUID, guests: UUID) -> Any:
    """Merging without the lock on the carts."""

    @operation("test.merge_unlocked", permission="shopping.merge")
    def merge(tx: Tx, ask: MergeCarts) -> CartChanged:
        """Merge two carts as they were before others came."""
        target, source = load(tx, own), load(tx, guests)
        meet()
        return changed(tx, merge_into(tx, target, source, is_new=False))

    return merge


def test_a_guest_who_signs_in_in_many_windows_at_once_is_merged_once(shop: Shop) -> None:
    anna, before = customer(shop), guest(shop)
    anna.puts(mug=1)
    before.puts(mug=2)
    before.puts(cup=1)

    merged = at_once([lambda: sign_in(before, anna.actor).cart_id] * THREADS)

    assert set(merged) == {anna.cart_id}
    assert anna.wants() == {"mug": 3, "cup": 1}
    assert facts_of(shop, "shopping.cart_took_over") == 1
    assert problems(shop) == []


def test_without_the_lock_a_guest_is_merged_more_than_once(shop: Shop) -> None:
    anna, before = customer(shop), guest(shop)
    anna.puts(mug=1)
    before.puts(mug=2)
    unlocked = merge_unlocked(meeting(THREADS), anna.cart_id, before.cart_id)

    at_once([lambda: sign_in(before, anna.actor, by=unlocked).cart_id] * THREADS)

    merges = facts_of(shop, "shopping.cart_took_over")
    print(f"unsafe control: one guest's cart merged {merges} times")
    assert merges > 1


# Many carts, few pieces


def test_carts_that_hold_at_once_hold_no_more_than_there_is(shop: Shop) -> None:
    carts = [ready(shop, mug=3) for _ in range(THREADS)]

    outcome = at_once([lambda one=one: one.holds() for one in carts])

    assert Counter(type(one) for one in outcome) == {CartChanged: 3, NotEnoughStock: THREADS - 3}
    assert shop.stock("mug", at="north") == (10, 9)
    assert problems(shop) == []


def test_held_carts_that_change_places_at_once_all_get_where_they_want(shop: Shop) -> None:
    shop.has("mug", 10, at="south")
    shop.has("cup", 10, at="south")
    carts = [guest(shop) for _ in range(THREADS)]
    for number, one in enumerate(carts):
        one.puts(mug=1)
        one.puts(cup=1)
        one.picks_up(("north", "south")[number % 2])
        one.holds()

    moves = [
        lambda one=one, at=("south", "north")[number % 2]: one.picks_up(at)
        for number, one in enumerate(carts)
    ]
    outcome = at_once(moves)

    assert Counter(type(one) for one in outcome) == {CartChanged: THREADS}
    assert [shop.stock("mug", at=at) for at in ("north", "south")] == [(10, 4), (10, 4)]
    assert problems(shop) == []
