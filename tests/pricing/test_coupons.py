from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from charsu.kernel import SYSTEM, HubError
from charsu.pricing import (
    CouponChanged,
    CouponDraft,
    CouponTerms,
    CouponUsedUp,
    ExplainPrice,
    LimitBelowUses,
    PastRedemption,
    PutCoupon,
    ReadCoupon,
    Shopper,
    explain,
    put_coupon,
    put_many_past_coupons,
    put_many_redemptions,
    read_coupon,
)
from tests.pricing.market import Market


@pytest.fixture
def mugs(market: Market) -> Market:
    market.costs("mug", 1000)
    return market


def test_a_coupon_takes_off_a_part(mugs: Market) -> None:
    mugs.coupon("WELCOME10", discount_ppm=100_000)
    basket = mugs.basket(["WELCOME10"], mug=3)
    assert (basket.discount_minor, basket.total_minor) == (300, 2700)


def test_a_code_is_read_as_people_type_it(mugs: Market) -> None:
    mugs.coupon("WELCOME10", discount_ppm=100_000)
    for typed in (" welcome10", "Welcome 10", "WELCOME10", "wELCOME１０"):
        assert mugs.basket([typed], mug=1).total_minor == 900


def test_the_same_code_twice_takes_off_once(mugs: Market) -> None:
    mugs.coupon("WELCOME10", discount_ppm=100_000)
    assert mugs.basket(["WELCOME10", "welcome10"], mug=1).total_minor == 900


def test_an_amount_takes_off_no_more_than_there_is_and_nothing_of_the_delivery(
    mugs: Market,
) -> None:
    mugs.coupon("FIFTY", terms=(CouponTerms(currency="EUR", off_minor=5000),))
    assert mugs.basket(["FIFTY"], mug=1, delivery=490).total_minor == 490


def test_coupons_that_combine_are_taken_off_by_priority_and_not_as_typed(mugs: Market) -> None:
    mugs.coupon("HALF", discount_ppm=500_000, priority=1, combines=True)
    terms = (CouponTerms(currency="EUR", off_minor=200),)
    mugs.coupon("TWO", terms=terms, priority=2, combines=True)
    for codes in (["HALF", "TWO"], ["TWO", "HALF"]):
        assert mugs.basket(codes, mug=1).total_minor == 300


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("coupon_not_now", {"is_active": False}),
    ("coupon_not_here", {"terms": (CouponTerms(currency="PLN"),)}),
    ("basket_too_small", {"terms": (CouponTerms(currency="EUR", minimum_minor=1001),)}),
    ("coupon_not_for_you", {"groups": ("staff",)}),
    ("coupon_needs_customer", {"limit_per_customer": 1}),
]


@pytest.mark.parametrize(("code", "terms"), REFUSED)
def test_a_coupon_is_refused_with_its_reason(
    mugs: Market, code: str, terms: dict[str, Any]
) -> None:
    mugs.coupon("TEN", discount_ppm=100_000, **terms)
    with pytest.raises(HubError) as refused:
        mugs.basket(["TEN"], mug=1)
    assert refused.value.code == code
    assert refused.value.data["coupon"] == "TEN"


def test_a_coupon_for_a_group_is_for_its_members(mugs: Market) -> None:
    mugs.coupon("TEN", discount_ppm=100_000, groups=("staff",))
    staff = Shopper(groups=frozenset({"staff", "friends"}))
    assert mugs.basket(["TEN"], mug=1, shopper=staff).total_minor == 900


def test_a_coupon_of_another_channel_is_refused(mugs: Market) -> None:
    mugs.coupon("APP", discount_ppm=100_000, channel_ids=(mugs.channel("app"),))
    mugs.costs("mug", 1000, at="app")
    assert mugs.basket(["APP"], mug=1, at="app").total_minor == 900
    with pytest.raises(HubError) as refused:
        mugs.basket(["APP"], mug=1)
    assert refused.value.code == "coupon_not_here"


def test_a_coupon_is_valid_from_its_first_instant_to_before_its_last(mugs: Market) -> None:
    now = mugs.now()
    day = timedelta(days=1)
    mugs.coupon("TEN", discount_ppm=100_000, valid_from=now + day, valid_until=now + 3 * day)
    with pytest.raises(HubError) as early:
        mugs.basket(["TEN"], mug=1)
    mugs.later(days=2)
    assert mugs.basket(["TEN"], mug=1).total_minor == 900
    mugs.later(days=1)
    with pytest.raises(HubError) as late:
        mugs.basket(["TEN"], mug=1)
    assert early.value.code == late.value.code == "coupon_not_now"


def test_two_coupons_that_do_not_combine_are_refused_together(mugs: Market) -> None:
    mugs.coupon("TEN", discount_ppm=100_000, combines=True)
    mugs.coupon("TWENTY", discount_ppm=200_000)
    with pytest.raises(HubError) as refused:
        mugs.basket(["TEN", "TWENTY"], mug=1)
    assert (refused.value.code, refused.value.data["coupon"]) == ("coupon_alone", "TWENTY")


def test_a_code_that_nobody_made_is_unknown(mugs: Market) -> None:
    with pytest.raises(HubError) as refused:
        mugs.basket(["NOPE"], mug=1)
    assert refused.value.code == "coupon_unknown"


NONSENSE: list[tuple[str, dict[str, Any]]] = [
    ("coupon_without_discount", {}),
    ("coupon_without_discount", {"terms": (CouponTerms(currency="EUR"),)}),
    (
        "coupon_with_two_discounts",
        {"discount_ppm": 1, "terms": (CouponTerms(currency="EUR", off_minor=1),)},
    ),
    (
        "coupon_currency_repeated",
        {"discount_ppm": 1, "terms": (CouponTerms(currency="EUR"), CouponTerms(currency="EUR"))},
    ),
    (
        "period_invalid",
        {
            "discount_ppm": 1,
            "valid_from": datetime(2027, 1, 2, tzinfo=UTC),
            "valid_until": datetime(2027, 1, 1, tzinfo=UTC),
        },
    ),
]


@pytest.mark.parametrize(("code", "terms"), NONSENSE)
def test_a_coupon_that_contradicts_itself_is_not_stored(
    market: Market, code: str, terms: dict[str, Any]
) -> None:
    with pytest.raises(HubError) as refused:
        market.coupon("ODD", **terms)
    assert refused.value.code == code
    assert market.ask("SELECT * FROM pricing.coupons") == []


def test_putting_the_same_coupon_again_changes_nothing(market: Market) -> None:
    terms = (CouponTerms(currency="RSD", off_minor=5), CouponTerms(currency="EUR", off_minor=1))
    first = market.coupon("ONE", terms=terms, limit_total=5, valid_until=market.now())
    until = market.ask("SELECT valid_until FROM pricing.coupons")[0].valid_until
    again = market.coupon("ONE", terms=terms[::-1], limit_total=5, valid_until=until)
    other = market.coupon("one", terms=terms, limit_total=6)

    assert [first.effect, again.effect, other.effect] == ["created", "unchanged", "changed"]
    assert (again.version, other.version, other.coupon_id) == (1, 2, first.coupon_id)


def test_a_coupon_used_up_is_refused_in_the_basket_and_at_the_order(mugs: Market) -> None:
    mugs.coupon("ONE", discount_ppm=100_000, limit_total=1)
    first, second = mugs.ids(2)
    priced = mugs.basket(["ONE"], mug=1)
    mugs.redeem(priced, first)

    with pytest.raises(CouponUsedUp):
        mugs.redeem(priced, second)
    with pytest.raises(CouponUsedUp):
        mugs.basket(["ONE"], mug=1)


def test_each_customer_has_her_own_limit(mugs: Market) -> None:
    mugs.coupon("ONE", discount_ppm=100_000, limit_per_customer=1)
    ana, bela, *orders = mugs.ids(4)
    mugs.redeem(_priced_for(mugs, ana), orders[0], customer=ana)
    mugs.redeem(_priced_for(mugs, bela), orders[1], customer=bela)

    with pytest.raises(CouponUsedUp):
        _priced_for(mugs, ana)


def test_the_same_order_uses_a_coupon_once_however_often_it_asks(mugs: Market) -> None:
    mugs.coupon("TWO", discount_ppm=100_000, limit_total=2)
    priced, (order,) = mugs.basket(["TWO"], mug=1), mugs.ids(1)
    mugs.redeem(priced, order)
    mugs.redeem(priced, order)
    assert _uses(mugs, "TWO") == 1


def test_a_use_is_given_back_once_and_can_be_made_again_by_the_same_order(mugs: Market) -> None:
    mugs.coupon("ONE", discount_ppm=100_000, limit_total=1, limit_per_customer=1)
    ana, order, other = mugs.ids(3)
    priced = _priced_for(mugs, ana)
    mugs.redeem(priced, order, customer=ana)
    mugs.give_back(order)
    mugs.give_back(order)
    assert _counters(mugs) == [0, 0]

    mugs.redeem(priced, order, customer=ana)
    with pytest.raises(CouponUsedUp):
        mugs.redeem(priced, other, customer=ana)
    assert _counters(mugs) == [1, 1]
    names = mugs.ask("SELECT name, version FROM kernel.facts WHERE body->>'order_id' IS NOT NULL")
    assert sorted((row.version, row.name) for row in names) == [
        (1, "pricing.coupon_redeemed"),
        (2, "pricing.coupon_given_back"),
        (3, "pricing.coupon_redeemed"),
    ]


def test_a_coupon_changed_since_the_basket_was_priced_is_not_used(mugs: Market) -> None:
    mugs.coupon("TEN", discount_ppm=100_000)
    priced, (order,) = mugs.basket(["TEN"], mug=1), mugs.ids(1)
    mugs.coupon("TEN", discount_ppm=50_000)

    with pytest.raises(CouponChanged):
        mugs.redeem(priced, order)
    assert _uses(mugs, "TEN") == 0


def test_a_limit_set_later_counts_the_uses_made_before(mugs: Market) -> None:
    mugs.coupon("TEN", discount_ppm=100_000)
    orders = mugs.ids(3)
    for order in orders[:2]:
        mugs.redeem(mugs.basket(["TEN"], mug=1), order)

    with pytest.raises(LimitBelowUses):
        mugs.coupon("TEN", discount_ppm=100_000, limit_total=1)
    mugs.coupon("TEN", discount_ppm=100_000, limit_total=2)
    with pytest.raises(CouponUsedUp):
        mugs.basket(["TEN"], mug=1)


def test_uses_of_before_the_shop_count_once_towards_the_limits(mugs: Market) -> None:
    coupon = mugs.coupon("TEN", discount_ppm=100_000, limit_total=3, limit_per_customer=2)
    ana, *orders = mugs.ids(3)
    past = [
        PastRedemption(
            coupon_id=coupon.coupon_id,
            order_id=order,
            customer_id=ana,
            discount_minor=100,
            currency="EUR",
            redeemed_at=mugs.now() - timedelta(days=90),
        )
        for order in orders
    ]
    for new in (2, 0):
        with mugs.hub.writing("test.past") as tx:
            assert put_many_redemptions(tx, past) == new
    assert _counters(mugs) == [2, 2]
    with pytest.raises(CouponUsedUp):
        _priced_for(mugs, ana, "TEN")


def test_coupons_of_before_the_shop_stand_as_they_were_put(mugs: Market) -> None:
    terms = (CouponTerms(currency="EUR", off_minor=150),)
    since = mugs.now() - timedelta(days=90)
    draft = CouponDraft(
        code="C01-7", is_active=False, terms=terms, valid_from=since, valid_until=mugs.now()
    )
    with mugs.hub.writing("test.past") as tx:
        (coupon_id,) = put_many_past_coupons(tx, [draft])

    again = mugs.hub.run(put_coupon, PutCoupon(coupon=draft), actor=SYSTEM)

    assert (again.coupon_id, again.effect) == (coupon_id, "unchanged")


def test_an_explanation_says_why_each_price_and_coupon_does_or_does_not_hold(mugs: Market) -> None:
    mugs.costs("mug", 800, until=mugs.now() + timedelta(days=7))
    mugs.coupon("TEN", discount_ppm=100_000)
    mugs.coupon("STAFF", discount_ppm=100_000, groups=("staff",), combines=True)
    ask = ExplainPrice(
        channel_id=mugs.channel("web"),
        currency="EUR",
        country="RS",
        variant_id=mugs.product("mug"),
        quantity=2,
        codes=("ten",),
    )
    why = mugs.hub.run(explain, ask, actor=SYSTEM)

    assert [(one.amount_minor, one.verdict) for one in why.prices] == [
        (1000, "superseded"),
        (800, "in_force"),
    ]
    assert why.prior_minor == 1000
    assert [(one.code, one.discount_minor, one.refused) for one in why.coupons] == [
        ("TEN", 160, None)
    ]
    assert (why.subtotal_minor, why.tax_minor, why.total_minor) == (1600, 240, 1440)


def test_an_explanation_names_each_code_that_was_refused(mugs: Market) -> None:
    mugs.coupon("STAFF", discount_ppm=100_000, groups=("staff",))
    ask = ExplainPrice(
        channel_id=mugs.channel("web"),
        currency="EUR",
        country="RS",
        variant_id=mugs.product("mug"),
        codes=("staff", "nope"),
    )
    why = mugs.hub.run(explain, ask, actor=SYSTEM)

    refused = {one.code: one.refused for one in why.coupons}
    assert refused == {"STAFF": "coupon_not_for_you", "nope": "coupon_unknown"}
    assert all(one.template for one in why.coupons)
    assert why.total_minor == 1000


def test_staff_read_a_coupon_with_its_uses(mugs: Market) -> None:
    mugs.coupon("TEN", discount_ppm=100_000)
    mugs.redeem(mugs.basket(["TEN"], mug=1), mugs.ids(1)[0])
    shown = mugs.hub.run(read_coupon, ReadCoupon(code="ten"), actor=SYSTEM)
    assert (shown.coupon.code, shown.coupon.discount_ppm, shown.uses) == ("TEN", 100_000, 1)


def _priced_for(market: Market, customer: UUID, code: str = "ONE") -> Any:
    return market.basket([code], mug=1, shopper=Shopper(customer_id=customer))


def _uses(market: Market, code: str) -> int:
    return market.hub.run(read_coupon, ReadCoupon(code=code), actor=SYSTEM).uses


def _counters(market: Market) -> list[int]:
    rows = market.ask("SELECT uses FROM pricing.coupon_counters ORDER BY customer_id")
    return [row.uses for row in rows]
