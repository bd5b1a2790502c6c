"""The largest prices, quantities, rates and coupons there can be: done exactly, or refused."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from charsu.assembly import checks
from charsu.kernel import SYSTEM, Conflict, Hub, Invalid
from charsu.kernel.check import run_checks
from charsu.orders import (
    BuyLine,
    CancelOrder,
    PayOrder,
    Pieces,
    PlaceOrder,
    RefundOrder,
    ReturnGoods,
    ReturnLine,
    ShipParcel,
    cancel_order,
    pay_order,
    place_order,
    refund_order,
    return_goods,
    ship_parcel,
)
from charsu.pricing import (
    AMOUNT_MAX,
    BasketTooLarge,
    CouponDraft,
    CouponTerms,
    PutCoupon,
    put_coupon,
)
from charsu.pricing.queries.explain import ExplainPrice, explain
from tests.shop import Shop

QUANTITY_MAX = 10**9
EXAMPLES = 60
PRICES = {"free": 0, "cent": 1, "odd": 333_333_333_333, "dear": AMOUNT_MAX - 1, "top": AMOUNT_MAX}
PPMS = {"LEAST": 1, "THIRD": 333_333, "MOST": 999_999, "ALL": 1_000_000}


@pytest.fixture
def shop(open_shop: Callable[..., Hub]) -> Shop:
    """Goods at every extreme of price, with as much stock as one receipt brings."""
    shop = Shop(open_shop())
    for sku, price in PRICES.items():
        for _ in range(3):
            shop.has(sku, QUANTITY_MAX, at="north")
        shop.costs(sku, price)
    shop.tax(1_000_000, country="PL")
    for code, ppm in PPMS.items():
        coupon = CouponDraft(code=code, discount_ppm=ppm)
        shop.hub.run(put_coupon, PutCoupon(coupon=coupon), actor=SYSTEM)
    off = CouponDraft(code="OFF", terms=(CouponTerms(currency="EUR", off_minor=AMOUNT_MAX),))
    shop.hub.run(put_coupon, PutCoupon(coupon=off), actor=SYSTEM)
    return shop


class Attempts:
    """Requests as a door would make them: typed from JSON, answered in JSON, done or refused."""

    def __init__(self, shop: Shop) -> None:
        self.hub = shop.hub

    def __call__(self, operation: Any, ask: Any) -> Any:
        sent = msgspec.json.decode(msgspec.json.encode(ask), type=type(ask))
        try:
            answer = self.hub.run(operation, sent, actor=SYSTEM)
        except (Conflict, Invalid):
            return None
        return msgspec.json.decode(msgspec.json.encode(answer), type=type(answer))


quantities = st.sampled_from((1, 2, 3, 7, 999, QUANTITY_MAX - 1, QUANTITY_MAX))
baskets = st.lists(st.tuples(st.sampled_from(sorted(PRICES)), quantities), min_size=1, max_size=4)


@given(
    basket=baskets,
    code=st.sampled_from((None, "OFF", *PPMS)),
    country=st.sampled_from(("RS", "PL")),
    part=quantities,
)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def live(
    shop: Shop, basket: Sequence[tuple[str, int]], code: str | None, country: str, part: int
) -> None:
    run = Attempts(shop)
    ask = PlaceOrder(
        channel_id=shop.channel(),
        country=country,
        codes=() if code is None else (code,),
        lines=tuple(BuyLine(variant_id=shop.variants[sku], quantity=n) for sku, n in basket),
    )
    placed = run(place_order, ask)
    if placed is None:
        return
    order = shop.order(placed.order_id)
    assert order.total_minor <= AMOUNT_MAX
    first = order.lines[0]
    pieces = min(part, first.quantity)
    if order.total_minor:
        paid = PayOrder(
            order_id=order.id,
            amount_minor=order.total_minor,
            method="card",
            reference=str(order.id),
        )
        assert run(pay_order, paid) is not None
    parcel = ShipParcel(
        fulfillment_id=order.fulfillments[0].id,
        carrier="post",
        lines=(Pieces(line_id=first.id, quantity=pieces),),
    )
    assert run(ship_parcel, parcel) is not None
    back = ReturnGoods(
        order_id=order.id,
        location_id=shop.locations["north"],
        lines=(ReturnLine(line_id=first.id, quantity=max(1, pieces // 3)),),
        reason="x",
    )
    owed = run(return_goods, back).refund_minor
    run(cancel_order, CancelOrder(order_id=order.id, reason="x"))
    if owed:
        refund = RefundOrder(order_id=order.id, reason="x", goods_minor=owed)
        assert run(refund_order, refund) is not None
    left = order.total_minor - owed
    run(refund_order, RefundOrder(order_id=order.id, reason="x", goods_minor=left))


def test_whatever_is_bought_at_the_extremes_is_done_exactly_or_refused(
    shop: Shop, database: str
) -> None:
    live(shop)

    with psycopg.connect(database) as connection:
        verdicts = run_checks(connection, checks())
    assert [(v.name, v.findings) for v in verdicts if not v.is_clean] == []
    with shop.hub.reading() as tx:
        assert 10 < tx.value("SELECT count(*) FROM orders.orders") < EXAMPLES, "some were refused"


def test_a_basket_that_comes_to_more_than_an_order_can_hold_is_refused(shop: Shop) -> None:
    with pytest.raises(BasketTooLarge) as refused:
        shop.buys(top=QUANTITY_MAX)
    assert refused.value.data["total_minor"] == AMOUNT_MAX * QUANTITY_MAX
    assert shop.stock("top", at="north") == (3 * QUANTITY_MAX, 0)

    assert shop.buys(top=1).total_minor == AMOUNT_MAX


def test_a_price_that_no_order_can_hold_is_not_explained_away(shop: Shop) -> None:
    ask = ExplainPrice(
        channel_id=shop.channel(),
        currency="EUR",
        country="RS",
        variant_id=shop.variants["dear"],
        quantity=QUANTITY_MAX,
    )
    with pytest.raises(BasketTooLarge):
        shop.hub.run(explain, ask, actor=SYSTEM)


@pytest.mark.parametrize("number", [-1, 10**15 + 1, 2**63, 10**40])
def test_a_total_that_no_customer_can_have_seen_is_no_request(number: int) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(
            {
                "channel_id": "018f0000-0000-7000-8000-000000000000",
                "country": "RS",
                "lines": [{"variant_id": "018f0000-0000-7000-8000-000000000000", "quantity": 1}],
                "expected_total_minor": number,
            },
            PlaceOrder,
        )
