"""The checks find what was planted, and nothing on a sound shop."""

import pytest

from charsu.pricing import Shopper
from charsu.pricing.checks import CHECKS
from tests.pricing.market import Market

STATEMENTS = {check.name: check.breaks for check in CHECKS}


@pytest.fixture
def used(market: Market) -> Market:
    """A coupon used twice by one customer, with limits, and another without any."""
    market.costs("mug", 1000)
    market.coupon("TWO", discount_ppm=100_000, limit_total=3, limit_per_customer=2)
    market.coupon("MANY", discount_ppm=100_000)
    ana, first, second, third, guest = market.ids(5)
    for order in (first, second, third):
        ask = Shopper(customer_id=ana)
        priced = market.basket(["TWO"], mug=1, shopper=ask)
        market.redeem(priced, order, customer=ana)
        if order == first:
            market.give_back(order)
    market.redeem(market.basket(["MANY"], mug=1), guest)
    return market


def problems(market: Market, name: str) -> list[str]:
    return [row.problem for row in market.ask(STATEMENTS[name])]


def test_a_sound_shop_has_no_problems(used: Market) -> None:
    assert {name: problems(used, name) for name in STATEMENTS} == {name: [] for name in STATEMENTS}


PLANTED = {
    "a use that was never counted": (
        "UPDATE pricing.coupon_counters SET uses = 1 WHERE customer_id IS NULL",
        ["2 uses, 1 counted"],
    ),
    "a counter that is gone": (
        "DELETE FROM pricing.coupon_counters WHERE customer_id IS NOT NULL",
        ["2 uses and no counter"],
    ),
    "more redemptions than the limit": (
        """
        INSERT INTO pricing.redemptions (id, coupon_id, order_id, discount_minor, currency,
                                         redeemed_at, version)
        SELECT gen_random_uuid(), coupon_id, gen_random_uuid(), 1, 'EUR', redeemed_at, 1
        FROM pricing.redemptions r JOIN pricing.coupons c ON c.id = r.coupon_id
        WHERE c.code = 'TWO' AND given_back_at IS NULL
        """,
        ["4 uses, limit 3"],
    ),
    "a redemption struck out by hand": (
        """
        UPDATE pricing.redemptions SET given_back_at = redeemed_at
        WHERE customer_id IS NOT NULL AND given_back_at IS NULL
        """,
        ["0 uses, 2 counted", "no use under a limit, 2 counted"],
    ),
    "a counter with a limit of its own": (
        "UPDATE pricing.coupon_counters SET limit_uses = 9 WHERE customer_id IS NULL",
        ["limit 3, counter stops at 9"],
    ),
    "a counter of a coupon without limit": (
        """
        INSERT INTO pricing.coupon_counters (coupon_id, uses, limit_uses)
        SELECT id, 0, 1 FROM pricing.coupons WHERE code = 'MANY'
        """,
        ["no use under a limit, 0 counted"],
    ),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_miscount_of_coupon_uses_is_found(used: Market, planted: str) -> None:
    statement, found = PLANTED[planted]
    _plant(used, statement)
    assert problems(used, "coupon_uses_within_limits") == found


BROKEN_TERMS = {
    "it takes off nothing": "UPDATE pricing.coupons SET discount_ppm = NULL WHERE code = 'MANY'",
    "it takes off a part and an amount": """
        INSERT INTO pricing.coupon_terms (coupon_id, currency, off_minor, minimum_minor)
        SELECT id, 'EUR', 5, 0 FROM pricing.coupons WHERE code = 'MANY'
    """,
    "it takes off nothing in one currency": """
        WITH bare AS (UPDATE pricing.coupons SET discount_ppm = NULL WHERE code = 'MANY'
                      RETURNING id)
        INSERT INTO pricing.coupon_terms (coupon_id, currency, off_minor, minimum_minor)
        SELECT id, currency, off_minor, 0
        FROM bare, (VALUES ('EUR', 5), ('RSD', NULL)) AS v (currency, off_minor)
    """,
}


@pytest.mark.parametrize("planted", BROKEN_TERMS)
def test_a_coupon_that_contradicts_itself_is_found(used: Market, planted: str) -> None:
    _plant(used, BROKEN_TERMS[planted])
    assert len(problems(used, "coupons_take_something_off")) == 1


def _plant(market: Market, statement: str) -> None:
    with market.hub.pool.connection() as connection:
        assert connection.execute(statement).rowcount > 0
