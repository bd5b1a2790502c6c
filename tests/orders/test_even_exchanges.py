"""The same product for the same product is even: it is taken at the price that was paid."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from charsu.catalog import ProductDraft, ProductText, PutProduct, VariantDraft, put_product
from charsu.catalog.model import Option, OptionValue
from charsu.kernel import SYSTEM, Hub
from charsu.kernel.setup.operations import ChangeSetting, change_setting
from charsu.orders import (
    BuyLine,
    ExchangeGoods,
    OrderView,
    ReturnLine,
    exchange_goods,
)
from charsu.pricing import (
    CouponDraft,
    CouponTerms,
    PriceMissing,
    PutCoupon,
    TaxMode,
    put_coupon,
)
from tests.shop import Shop
from tests.shopping.driver import problems_of_all

pytestmark = pytest.mark.slow

SIZES, UNPRICED = "SML", "X"
CHANNELS: dict[str, TaxMode] = {"web": "included", "trade": "added"}


@pytest.fixture
def shop(open_shop: Callable[..., Hub]) -> Iterator[Shop]:
    """A coat in some sizes and a hat, in a channel with tax in its prices and one without."""
    shop = Shop(open_shop(connections=3))
    for code, mode in CHANNELS.items():
        shop.channel(code, tax_mode=mode)
    every = SIZES + UNPRICED
    coat = ProductDraft(
        handle="coat",
        texts={"en": ProductText(title="Coat")},
        options=(Option(name="size", values=tuple(OptionValue(value=size) for size in every)),),
        variants=tuple(VariantDraft(sku=f"coat{s}", options={"size": s}) for s in every),
    )
    shop.hub.run(put_product, PutProduct(product=coat), actor=SYSTEM)
    with shop.hub.reading() as tx:
        shop.variants |= {row.sku: row.id for row in tx.all("SELECT sku, id FROM catalog.variants")}
    shop.product("hat")
    prices(shop, 9_999, hat=1_501)
    for sku in shop.variants:
        shop.has(sku, 500, at="north")
    third = CouponDraft(code="THIRD", discount_ppm=333_333, terms=(CouponTerms(currency="EUR"),))
    shop.hub.run(put_coupon, PutCoupon(coupon=third), actor=SYSTEM)
    yield shop
    assert problems_of_all(shop) == []


def prices(shop: Shop, coat: int, **more: int) -> None:
    for channel in CHANNELS:
        for sku, minor in ({f"coat{s}": coat for s in SIZES} | more).items():
            shop.costs(sku, minor, channel=channel)


def decides(shop: Shop, name: str, value: bool) -> None:
    shop.hub.run(change_setting, ChangeSetting(name=f"orders.{name}", value=value), actor=SYSTEM)


def sold(shop: Shop, **bought: Any) -> OrderView:
    """An order that is paid and sent."""
    order = shop.order(shop.buys(**bought))
    shop.pays_cash(order.id, order.total_minor)
    shop.ships(order)
    return shop.order(order.id)


def exchanges(
    shop: Shop, order: OrderView, brings: dict[str, int], takes: dict[str, int], **more: Any
) -> Any:
    """Each line of these SKUs gives as many of the pieces as it has left."""
    lines = []
    for line in order.lines:
        if count := min(brings.get(line.sku, 0), line.fulfilled - line.returned):
            lines.append(ReturnLine(line_id=line.id, quantity=count))
            brings = brings | {line.sku: brings[line.sku] - count}
    ask = ExchangeGoods(
        order_id=order.id,
        location_id=shop.location("north"),
        lines=tuple(lines),
        takes=tuple(BuyLine(variant_id=shop.variants[sku], quantity=n) for sku, n in takes.items()),
        reason="size",
        **more,
    )
    return shop.hub.run(exchange_goods, ask, actor=SYSTEM)


@pytest.mark.parametrize("now", [7_000, 12_000])
@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("size", ["coatM", "coatL"])
def test_another_size_costs_what_was_paid_whatever_it_costs_today(
    shop: Shop, channel: str, now: int, size: str
) -> None:
    order = sold(shop, coatM=3, hat=1, codes=("THIRD",), channel=channel)
    prices(shop, now)
    left = order.lines[0].quantity
    for pieces in (1, 2):
        done = exchanges(
            shop, order, {"coatM": pieces}, {size: pieces}, expected_difference_minor=0
        )
        left -= pieces
        (line,) = shop.order(done.new_order_id).lines

        assert (done.left_minor, done.surplus_minor, done.new_state) == (0, 0, "fulfilled")
        assert (line.exchanged_line_id, line.total_minor) == (order.lines[0].id, done.worth_minor)
        assert (line.unit_minor, line.discount_minor > 0) == (9_999, True)
    back = shop.order(order.id).returns
    assert sum(one.refund_minor for r in back for one in r.lines) == order.lines[0].total_minor
    news = [shop.order(one.to_order_id) for one in shop.order(order.id).exchanges]
    assert sum(new.tax_minor for new in news) == order.lines[0].tax_minor
    assert left == 0


def test_what_is_taken_beyond_that_costs_what_it_costs_today(shop: Shop) -> None:
    order = sold(shop, coatM=1, codes=("THIRD",))
    prices(shop, 12_000)
    done = exchanges(shop, order, {"coatM": 1}, {"coatL": 2, "hat": 1})
    new = shop.order(done.new_order_id)

    assert [(line.sku, line.quantity, line.total_minor) for line in new.lines] == [
        ("coatL", 1, order.lines[0].total_minor),
        ("coatL", 1, 12_000),
        ("hat", 1, 1_501),
    ]
    assert [line.exchanged_line_id for line in new.lines] == [order.lines[0].id, None, None]
    assert done.left_minor == 13_501


def test_the_very_same_comes_first_and_what_is_not_taken_again_goes_back(shop: Shop) -> None:
    order = sold(shop, coatM=1, coatS=1)
    prices(shop, 12_000)
    done = exchanges(shop, order, {"coatM": 1, "coatS": 1}, {"coatL": 1, "coatM": 1})
    by_sku = {line.sku: line.id for line in order.lines}
    new = shop.order(done.new_order_id)
    assert {line.sku: line.exchanged_line_id for line in new.lines} == {
        "coatL": by_sku["coatS"],
        "coatM": by_sku["coatM"],
    }

    less = exchanges(shop, new, {"coatL": 1, "coatM": 1}, {"coatM": 1})
    assert (less.surplus_minor, less.total_minor) == (9_999, 9_999)


def test_another_product_is_never_even(shop: Shop) -> None:
    order = sold(shop, hat=1, codes=("THIRD",))
    done = exchanges(shop, order, {"hat": 1}, {"coatM": 1})
    assert done.total_minor == 9_999


def test_the_shop_may_take_todays_prices(shop: Shop) -> None:
    decides(shop, "exchange_at_price_paid", False)
    order = sold(shop, coatM=1)
    prices(shop, 12_000)
    done = exchanges(shop, order, {"coatM": 1}, {"coatM": 1})
    assert (done.total_minor, done.left_minor) == (12_000, 2_001)


def test_the_shop_may_ask_more_for_a_size_that_always_cost_more(shop: Shop) -> None:
    shop.costs("coatL", 10_999)
    order = sold(shop, coatM=2)
    shop.hub.offset += timedelta(days=1)
    prices(shop, 12_000)
    assert exchanges(shop, order, {"coatM": 1}, {"coatL": 1}).total_minor == 9_999

    decides(shop, "exchange_list_price_counts", True)
    other = sold(shop, coatM=1)
    assert exchanges(shop, order, {"coatM": 1}, {"coatL": 1}).total_minor == 12_000
    assert exchanges(shop, other, {"coatM": 1}, {"coatL": 1}).total_minor == 12_000


def test_what_was_given_back_for_it_before_is_not_asked_for_again(shop: Shop) -> None:
    order = sold(shop, coatM=2)
    shop.refunds(order.id, 5_001)
    done = exchanges(
        shop, order, {"coatM": 2}, {"coatM": 1, "coatL": 1}, expected_difference_minor=0
    )
    assert done.total_minor == 2 * 9_999 - 5_001


def test_a_size_without_a_price_of_today_is_taken_at_the_price_paid(shop: Shop) -> None:
    order = sold(shop, coatM=1)
    exchanges(shop, order, {"coatM": 1}, {"coatX": 1}, expected_difference_minor=0)
    with pytest.raises(PriceMissing):
        exchanges(shop, sold(shop, hat=1), {"hat": 1}, {"coatX": 1})


@pytest.mark.parametrize("rate", [0, 100_000, 250_000])
@pytest.mark.parametrize("channel", CHANNELS)
def test_of_another_rate_the_tax_is_todays_and_the_price_stays(
    shop: Shop, channel: str, rate: int
) -> None:
    order = sold(shop, coatM=1, codes=("THIRD",), channel=channel)
    shop.hub.offset += timedelta(days=1)
    shop.tax(rate)
    done = exchanges(shop, order, {"coatM": 1}, {"coatL": 1}, expected_difference_minor=0)
    (line,) = shop.order(done.new_order_id).lines

    net = line.total_minor - line.tax_minor
    assert line.tax_rate_ppm == rate
    assert abs(line.tax_minor - net * rate / 1_000_000) <= 1


def test_over_random_exchanges_she_has_paid_what_her_goods_cost(shop: Shop) -> None:
    """Whatever prices do meanwhile: sizes change, the money does not move."""
    chance = random.Random(20_270)
    for _ in range(12):
        bought = {f"coat{s}": chance.randint(1, 4) for s in chance.sample(SIZES, 2)}
        codes = chance.choice([(), ("THIRD",)])
        order = sold(shop, hat=1, codes=codes, channel=chance.choice([*CHANNELS]), **bought)
        for _ in range(3):
            prices(shop, chance.randint(1, 20_000))
            has = Counter[str]()
            for line in order.lines:
                has[line.sku] += line.quantity
            del has["hat"]
            brings = {sku: chance.randint(1, n) for sku, n in has.items()}
            small = chance.randint(0, pieces := sum(brings.values()))
            takes = {sku: n for sku, n in (("coatS", small), ("coatL", pieces - small)) if n}
            done = exchanges(shop, order, brings, takes, expected_difference_minor=0)
            assert done.total_minor == done.worth_minor
            order = shop.order(done.new_order_id)
    assert "clearing:exchange" not in shop.books()
