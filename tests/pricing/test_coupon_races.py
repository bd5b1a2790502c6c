"""Many orders want the last uses of a coupon at once, each on its own connection."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from charsu.kernel import Tx
from charsu.pricing import CouponChanged, CouponUsedUp, Shopper
from charsu.pricing.redemptions import Count, count_uses
from tests.pricing.market import Market

pytestmark = pytest.mark.slow

TAKERS = 100
AT_ONCE = 16

_READ = "SELECT uses, limit_uses FROM pricing.coupon_counters WHERE coupon_id = %(id)s"
_WRITE = "UPDATE pricing.coupon_counters SET uses = %(uses)s WHERE coupon_id = %(id)s"


def count_by_reading_first(meet: Callable[[], None]) -> Count:
    """The counting without its guard: read, compare, write back."""

    def count(tx: Tx, coupon_ids: Sequence[UUID], customer_id: UUID | None) -> Counter[UUID]:
        (coupon,) = coupon_ids
        row = tx.first(_READ, id=coupon)
        assert row is not None
        meet()
        if row.uses >= row.limit_uses:
            return Counter()
        tx.run(_WRITE, id=coupon, uses=row.uses + 1)
        return Counter(coupon_ids)

    return count


def count_with_guard(meet: Callable[[], None]) -> Count:
    def count(tx: Tx, coupon_ids: Sequence[UUID], customer_id: UUID | None) -> Counter[UUID]:
        meet()
        return count_uses(tx, coupon_ids, customer_id)

    return count


def meeting() -> Callable[[], None]:
    """Lets the first ``AT_ONCE`` threads that come go on together."""
    barrier, came = threading.Barrier(AT_ONCE), threading.local()

    def meet() -> None:
        if not hasattr(came, "before"):
            came.before = True
            barrier.wait()

    return meet


def race(market: Market, count: Count, **of: Any) -> Counter[str]:
    """How many of the takers got the coupon, and how many were told that it is used up."""
    priced = market.basket(["LAST"], mug=1, shopper=Shopper(customer_id=of.get("customer")))

    def take(order: UUID) -> str:
        try:
            market.redeem(priced, order, count=count, **of)
        except CouponUsedUp:
            return "refused"
        return "got it"

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return Counter(threads.map(take, market.ids(TAKERS)))


def live_uses(market: Market) -> int:
    rows = market.ask("SELECT FROM pricing.redemptions WHERE given_back_at IS NULL")
    return len(rows)


@pytest.mark.parametrize("limit", [1, 50])
def test_a_coupon_is_never_used_beyond_its_limit_by_any_number_of_takers(
    market: Market, limit: int
) -> None:
    market.costs("mug", 1000)
    market.coupon("LAST", discount_ppm=100_000, limit_total=limit)

    outcome = race(market, count_with_guard(meeting()))

    assert outcome == {"got it": limit, "refused": TAKERS - limit}
    assert live_uses(market) == limit


@pytest.mark.parametrize("limit", [1, 50])
def test_without_the_guard_the_same_race_uses_it_too_often(market: Market, limit: int) -> None:
    market.costs("mug", 1000)
    market.coupon("LAST", discount_ppm=100_000, limit_total=limit)

    outcome = race(market, count_by_reading_first(meeting()))

    too_many = outcome["got it"] - limit
    print(f"without the guard: limit {limit}, used {outcome['got it']} times, {too_many} too many")
    assert too_many > 0
    assert live_uses(market) == outcome["got it"]


def test_one_customer_at_many_tills_uses_her_coupon_as_often_as_she_may(market: Market) -> None:
    market.costs("mug", 1000)
    market.coupon("LAST", discount_ppm=100_000, limit_per_customer=3)

    outcome = race(market, count_with_guard(meeting()), customer=market.ids(1)[0])

    assert outcome == {"got it": 3, "refused": TAKERS - 3}


def test_a_use_given_back_from_many_sides_comes_back_once(market: Market) -> None:
    market.costs("mug", 1000)
    market.coupon("LAST", discount_ppm=100_000, limit_total=5)
    orders = market.ids(3)
    for order in orders:
        market.redeem(market.basket(["LAST"], mug=1), order)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(market.give_back, [orders[0]] * AT_ONCE))

    assert market.ask("SELECT uses FROM pricing.coupon_counters")[0].uses == 2
    assert live_uses(market) == 2


def test_a_limit_set_while_orders_come_in_holds_from_then_on(market: Market) -> None:
    market.costs("mug", 1000)
    market.coupon("LAST", discount_ppm=100_000)
    priced = market.basket(["LAST"], mug=1)
    started = threading.Event()

    def take(order: UUID) -> None:
        started.set()
        market.redeem(priced, order)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        taken = [threads.submit(take, order) for order in market.ids(TAKERS)]
        started.wait()
        market.coupon("LAST", discount_ppm=100_000, limit_total=TAKERS)
    refused = [problem for one in taken if (problem := one.exception()) is not None]

    assert all(isinstance(problem, CouponChanged) for problem in refused)
    (counter,) = market.ask("SELECT uses FROM pricing.coupon_counters")
    assert counter.uses == TAKERS - len(refused) == live_uses(market)
