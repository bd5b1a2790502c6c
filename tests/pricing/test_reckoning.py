"""Laws of the arithmetic, whatever is in the basket."""

from itertools import pairwise
from random import Random
from uuid import UUID

from hypothesis import assume, given
from hypothesis import strategies as st

from charsu.pricing import CouponDraft, CouponTerms, PricedBasket, PricedCharge, part_of
from charsu.pricing.coupons import Coupon
from charsu.pricing.model import TaxMode
from charsu.pricing.reckoning import ChargeAtRate, LineAtPrice, price, recharge

RATES = st.sampled_from([0, 50_000, 80_000, 180_000, 200_000, 230_000, 270_000])
IDS = st.integers(0, 2**128 - 1).map(lambda number: UUID(int=number))
MODES: st.SearchStrategy[TaxMode] = st.sampled_from(["included", "added"])


@st.composite
def baskets(draw: st.DrawFn) -> list[LineAtPrice]:
    ids = draw(st.lists(IDS, min_size=1, max_size=8, unique=True))
    return [
        LineAtPrice(
            line_id=line_id,
            variant_id=line_id,
            quantity=draw(st.integers(1, 100_000)),
            quantity_scale=draw(st.integers(0, 3)),
            unit_minor=draw(st.integers(0, 50_000)),
            tax_class="standard",
            tax_rate_ppm=draw(RATES),
        )
        for line_id in ids
    ]


@st.composite
def coupon_sets(draw: st.DrawFn) -> list[Coupon]:
    ids = draw(st.lists(IDS, max_size=3, unique=True))
    return [Coupon(id=id_, version=1, draft=draw(drafts())) for id_ in ids]


@st.composite
def drafts(draw: st.DrawFn) -> CouponDraft:
    priority = draw(st.integers(0, 3))
    if draw(st.booleans()):
        part = draw(st.integers(1, 1_000_000))
        return CouponDraft(code="PART", discount_ppm=part, priority=priority)
    off = draw(st.integers(1, 10**7))
    terms = (CouponTerms(currency="EUR", off_minor=off),)
    return CouponDraft(code="OFF", terms=terms, priority=priority)


charges = st.lists(
    st.builds(
        ChargeAtRate,
        charge_id=IDS,
        amount_minor=st.integers(0, 5000),
        tax_class=st.just("standard"),
        tax_rate_ppm=RATES,
    ),
    max_size=2,
)


@st.composite
def priced(draw: st.DrawFn) -> PricedBasket:
    return price(
        draw(baskets()),
        charges=draw(charges),
        coupons=draw(coupon_sets()),
        currency="EUR",
        tax_mode=draw(MODES),
    )


@given(priced())
def test_the_total_is_the_sum_of_lines_and_charges_to_the_minor_unit(basket: PricedBasket) -> None:
    parts = [*basket.lines, *basket.charges]
    assert basket.total_minor == sum(part.total_minor for part in parts)
    assert basket.total_minor == basket.net_minor + basket.tax_minor
    assert basket.tax_minor == sum(tax.tax_minor for tax in basket.taxes)
    assert basket.net_minor == sum(tax.net_minor for tax in basket.taxes)
    goods = basket.subtotal_minor - basket.discount_minor
    charged = sum(charge.subtotal_minor for charge in basket.charges)
    paid = basket.total_minor if basket.tax_mode == "included" else basket.net_minor
    assert paid == goods + charged


@given(priced())
def test_no_figure_of_a_basket_is_negative(basket: PricedBasket) -> None:
    for part in [basket, *basket.lines, *basket.charges]:
        assert part.subtotal_minor >= part.discount_minor >= 0
        assert min(part.net_minor, part.tax_minor, part.total_minor) >= 0


@given(priced())
def test_what_coupons_take_off_is_what_the_lines_lose(basket: PricedBasket) -> None:
    for coupon in basket.coupons:
        taken = sum(
            reduction.amount_minor
            for line in basket.lines
            for reduction in line.reductions
            if reduction.coupon_id == coupon.coupon_id
        )
        assert taken == coupon.discount_minor
    assert basket.discount_minor == sum(coupon.discount_minor for coupon in basket.coupons)


@given(baskets(), coupon_sets(), charges, MODES, st.randoms(use_true_random=False))
def test_the_order_of_lines_and_codes_changes_no_figure_of_any_line(
    lines: list[LineAtPrice],
    coupons: list[Coupon],
    extra: list[ChargeAtRate],
    mode: TaxMode,
    chance: Random,
) -> None:
    one = price(lines, charges=extra, coupons=coupons, currency="EUR", tax_mode=mode)
    for mixed in (lines, coupons, extra):
        chance.shuffle(mixed)
    other = price(lines, charges=extra, coupons=coupons, currency="EUR", tax_mode=mode)

    assert set(one.lines) == set(other.lines)
    assert (one.total_minor, one.taxes) == (other.total_minor, other.taxes)


@given(baskets(), st.integers(1, 1_000_000), MODES)
def test_each_line_gets_its_share_of_a_discount_within_one_minor_unit(
    lines: list[LineAtPrice], part: int, mode: TaxMode
) -> None:
    coupon = Coupon(id=UUID(int=1), version=1, draft=CouponDraft(code="PART", discount_ppm=part))
    basket = price(lines, coupons=[coupon], currency="EUR", tax_mode=mode)
    assume(basket.subtotal_minor > 0)
    for line in basket.lines:
        exact = basket.discount_minor * line.subtotal_minor
        assert abs(line.discount_minor * basket.subtotal_minor - exact) < basket.subtotal_minor


@given(priced(), st.data())
def test_a_refund_in_any_parts_gives_back_exactly_what_was_sold(
    basket: PricedBasket, data: st.DataObject
) -> None:
    line = basket.lines[0]
    cuts = data.draw(st.lists(st.integers(0, line.quantity), max_size=6).map(sorted))
    edges = [0, *cuts, line.quantity]
    parts = [
        part_of(line, of=line.quantity, before=start, count=end - start)
        for start, end in pairwise(edges)
    ]
    for name in ("subtotal_minor", "discount_minor", "net_minor", "tax_minor", "total_minor"):
        figures = [getattr(part, name) for part in parts]
        assert sum(figures) == getattr(line, name)
        assert min(figures) >= 0
    assert all(part.total_minor == part.net_minor + part.tax_minor for part in parts)


@given(priced(), charges)
def test_new_charges_leave_the_goods_as_they_were(
    basket: PricedBasket, others: list[ChargeAtRate]
) -> None:
    again = recharge(basket, others)
    assert again.lines == basket.lines
    assert again.total_minor - again.charges_minor == basket.total_minor - basket.charges_minor
    assert recharge(again, [_as_asked(charge) for charge in basket.charges]) == basket


def _as_asked(charge: PricedCharge) -> ChargeAtRate:
    return ChargeAtRate(
        charge_id=charge.charge_id,
        amount_minor=charge.subtotal_minor,
        tax_class=charge.tax_class,
        tax_rate_ppm=charge.tax_rate_ppm,
    )


def test_a_discount_is_divided_by_largest_remainder() -> None:
    lines = [
        LineAtPrice(
            line_id=UUID(int=number),
            variant_id=UUID(int=number),
            quantity=1,
            quantity_scale=0,
            unit_minor=amount,
            tax_class="standard",
            tax_rate_ppm=200_000,
        )
        for number, amount in enumerate((100, 100, 100))
    ]
    terms = (CouponTerms(currency="EUR", off_minor=100),)
    coupon = Coupon(id=UUID(int=9), version=1, draft=CouponDraft(code="OFF", terms=terms))

    basket = price(lines, coupons=[coupon], currency="EUR", tax_mode="included")

    assert [line.discount_minor for line in basket.lines] == [34, 33, 33]
    assert basket.total_minor == 200
