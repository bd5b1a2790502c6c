"""Why something costs what it costs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, LiteralString
from uuid import UUID

from msgspec import Meta, Struct, structs

from charsu.kernel import HubError, Tx, query
from charsu.pricing.baskets import price_basket
from charsu.pricing.coupons import Occasion, code_key, in_order, refusal
from charsu.pricing.errors import (
    BasketTooLarge,
    CouponUnknown,
    PriceListMissing,
    PriceMissing,
    TaxRateMissing,
)
from charsu.pricing.history import PriceSpan, prior_price, span_at
from charsu.pricing.model import (
    Basket,
    BasketLine,
    Country,
    Currency,
    PricedBasket,
    Shopper,
    TaxMode,
)
from charsu.pricing.queries.prices_for import list_of, spans_of
from charsu.pricing.stored import coupons_with

Verdict = Literal["in_force", "superseded", "over", "planned"]

_TAX_SINCE: LiteralString = """
    SELECT valid_from FROM pricing.tax_rates
    WHERE country = %(country)s AND tax_class = %(tax_class)s AND valid_from <= %(now)s
    ORDER BY valid_from DESC LIMIT 1
"""


class ExplainPrice(Struct, frozen=True, kw_only=True):
    """Some of one variant, bought now by a customer or by somebody unknown."""

    channel_id: UUID
    currency: Currency
    country: Country
    variant_id: UUID
    quantity: Annotated[int, Meta(ge=1, le=10**9)] = 1
    codes: Annotated[tuple[str, ...], Meta(max_length=10)] = ()
    groups: Annotated[tuple[str, ...], Meta(max_length=100)] = ()
    customer_id: UUID | None = None


class PriceConsidered(Struct, frozen=True, kw_only=True):
    """A price of the list and why it does or does not hold now."""

    amount_minor: int | None  # None: not for sale
    valid_from: datetime
    valid_until: datetime | None
    verdict: Verdict


class CouponConsidered(Struct, frozen=True, kw_only=True):
    """A code and what came of it: what it took off, or the refusal's code, template and data."""

    code: str
    discount_minor: int = 0
    refused: str | None = None
    template: str | None = None
    data: dict[str, Any] = {}


class Explanation(Struct, frozen=True, kw_only=True):
    """How the total comes about, from the price list to the tax.

    prior_minor     the lowest price of the 30 days before the reduction; None without one
    """

    tax_mode: TaxMode
    prices: tuple[PriceConsidered, ...]
    prior_minor: int | None
    unit_minor: int
    subtotal_minor: int
    coupons: tuple[CouponConsidered, ...]
    discount_minor: int
    tax_class: str
    tax_rate_ppm: int
    tax_since: datetime
    tax_minor: int
    total_minor: int


@query(
    "pricing.explain",
    permission="pricing.explain",
    http="POST /v1/prices/explain",
    raises=(PriceListMissing, PriceMissing, TaxRateMissing, BasketTooLarge),
)
def explain(tx: Tx, ask: ExplainPrice) -> Explanation:
    """Why this price: each price of the list, each coupon and the tax, with a verdict on each."""
    price_list = list_of(tx, ask.channel_id, ask.currency)
    spans = spans_of(tx, price_list.id, (ask.variant_id,))[ask.variant_id]
    considered = _consider(tx, ask)
    good = [one.code for one in considered if one.refused is None]
    priced = price_basket(tx, _basket(tx, ask, good))
    (line,) = priced.lines
    return Explanation(
        tax_mode=priced.tax_mode,
        prices=_judged(spans, tx.now),
        prior_minor=prior_price(spans, tx.now),
        unit_minor=line.unit_minor,
        subtotal_minor=line.subtotal_minor,
        coupons=tuple(_with_discount(one, priced) for one in considered),
        discount_minor=line.discount_minor,
        tax_class=line.tax_class,
        tax_rate_ppm=line.tax_rate_ppm,
        tax_since=tx.value(_TAX_SINCE, country=ask.country, tax_class=line.tax_class, now=tx.now),
        tax_minor=line.tax_minor,
        total_minor=line.total_minor,
    )


def _basket(tx: Tx, ask: ExplainPrice, codes: Sequence[str]) -> Basket:
    line = BasketLine(line_id=tx.new_id(), variant_id=ask.variant_id, quantity=ask.quantity)
    return Basket(
        channel_id=ask.channel_id,
        currency=ask.currency,
        country=ask.country,
        lines=(line,),
        codes=codes,
        shopper=_shopper(ask),
    )


def _shopper(ask: ExplainPrice) -> Shopper:
    return Shopper(customer_id=ask.customer_id, groups=frozenset(ask.groups))


def _consider(tx: Tx, ask: ExplainPrice) -> list[CouponConsidered]:
    """Each code once, in the order in which coupons are taken off; unknown codes last."""
    typed = {code_key(code): code for code in ask.codes}
    found = coupons_with(tx, list(typed), ask.customer_id)
    occasion = Occasion(
        now=tx.now,
        channel_id=ask.channel_id,
        currency=ask.currency,
        subtotal_minor=price_basket(tx, _basket(tx, ask, ())).subtotal_minor,
        shopper=_shopper(ask),
        coupons=len(typed),
    )
    unknown = [
        _considered(code, CouponUnknown(code)) for key, code in typed.items() if key not in found
    ]
    known = in_order(list(found.values()))
    return [_considered(one.code, refusal(one, occasion)) for one in known] + unknown


def _considered(code: str, problem: HubError | None) -> CouponConsidered:
    if problem is None:
        return CouponConsidered(code=code)
    return CouponConsidered(
        code=code, refused=problem.code, template=problem.template, data=problem.data
    )


def _with_discount(considered: CouponConsidered, priced: PricedBasket) -> CouponConsidered:
    taken = {coupon.code: coupon.discount_minor for coupon in priced.coupons}
    return structs.replace(considered, discount_minor=taken.get(considered.code, 0))


def _judged(spans: Sequence[PriceSpan], now: datetime) -> tuple[PriceConsidered, ...]:
    in_force = span_at(spans, now)

    def verdict(span: PriceSpan) -> Verdict:
        if span is in_force:
            return "in_force"
        if span.valid_from > now:
            return "planned"
        return "superseded" if span.covers(now) else "over"

    return tuple(
        PriceConsidered(
            amount_minor=span.amount_minor,
            valid_from=span.valid_from,
            valid_until=span.valid_until,
            verdict=verdict(span),
        )
        for span in spans
    )
