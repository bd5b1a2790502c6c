"""Pricing a basket as the shop stands now."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from charsu.kernel import HubError, Tx
from charsu.pricing.coupons import Coupon, Occasion, code_key, refusal
from charsu.pricing.errors import (
    BasketTooLarge,
    BasketTooSmall,
    CouponAlone,
    CouponNeedsCustomer,
    CouponNotForYou,
    CouponNotHere,
    CouponNotNow,
    CouponUnknown,
    CouponUsedUp,
    PriceListMissing,
    PriceMissing,
    TaxRateMissing,
)
from charsu.pricing.model import AMOUNT_MAX, Basket, BasketCharge, PricedBasket
from charsu.pricing.reckoning import ChargeAtRate, LineAtPrice, price, recharge
from charsu.pricing.stored import coupons_with

_LIST: LiteralString = """
    SELECT id, tax_mode FROM pricing.price_lists
    WHERE channel_id = %(channel)s AND currency = %(currency)s
"""

# One row for each variant that the catalog knows; from next_at on it may be another one.
_GOODS: LiteralString = """
    SELECT v.id AS variant_id, p.tax_class, p.quantity_scale, r.amount_minor, t.rate_ppm,
           least(price.next_at, rate.next_at) AS next_at
    FROM catalog.variants v JOIN catalog.products p ON p.id = v.product_id
    LEFT JOIN LATERAL (
        SELECT amount_minor FROM pricing.prices
        WHERE list_id = %(list)s AND variant_id = v.id AND valid_from <= %(now)s
          AND (valid_until IS NULL OR valid_until > %(now)s)
        ORDER BY is_offer DESC, valid_from DESC LIMIT 1
    ) r ON true
    LEFT JOIN LATERAL (
        SELECT min(CASE WHEN valid_from > %(now)s THEN valid_from ELSE valid_until END) AS next_at
        FROM pricing.prices
        WHERE list_id = %(list)s AND variant_id = v.id
          AND (valid_from > %(now)s OR valid_until > %(now)s)
    ) price ON true
    LEFT JOIN LATERAL (
        SELECT rate_ppm FROM pricing.tax_rates
        WHERE country = %(country)s AND tax_class = p.tax_class AND valid_from <= %(now)s
        ORDER BY valid_from DESC LIMIT 1
    ) t ON true
    LEFT JOIN LATERAL (
        SELECT min(valid_from) AS next_at FROM pricing.tax_rates
        WHERE country = %(country)s AND tax_class = p.tax_class AND valid_from > %(now)s
    ) rate ON true
    WHERE v.id = ANY(%(variants)s)
"""

BASKET_REFUSALS: tuple[type[HubError], ...] = (
    PriceListMissing,
    PriceMissing,
    TaxRateMissing,
    BasketTooLarge,
    CouponUnknown,
    CouponNotNow,
    CouponNotHere,
    CouponNotForYou,
    CouponNeedsCustomer,
    BasketTooSmall,
    CouponAlone,
    CouponUsedUp,
)
"""Why a basket may have no price: what an operation that prices one should be ready for."""

_RATES: LiteralString = """
    SELECT DISTINCT ON (tax_class) tax_class, rate_ppm,
           (SELECT min(valid_from) FROM pricing.tax_rates n
            WHERE n.country = t.country AND n.tax_class = t.tax_class AND n.valid_from > %(now)s)
           AS next_at
    FROM pricing.tax_rates t
    WHERE country = %(country)s AND tax_class = ANY(%(classes)s) AND valid_from <= %(now)s
    ORDER BY tax_class, valid_from DESC
"""


def price_basket(tx: Tx, basket: Basket) -> PricedBasket:
    """What this basket costs at this moment, to the minor unit; nothing is stored.

    The tax class and the scale of quantities come from the catalog. Coupons are judged but not
    used: ``redeem`` does that, in the transaction that places the order.

    Raises what BASKET_REFUSALS names.
    """
    prices = _list(tx, basket)
    lines = _lines(basket, _goods(tx, basket, prices.id))
    coupons = coupons_named(tx, basket.codes, basket.shopper.customer_id)
    occasion = Occasion(
        now=tx.now,
        channel_id=basket.channel_id,
        currency=basket.currency,
        subtotal_minor=sum(line.reducible_minor for line in lines),
        shopper=basket.shopper,
        coupons=len(coupons),
    )
    for coupon in coupons:
        if problem := refusal(coupon, occasion):
            raise problem
    priced = price(
        lines,
        charges=_charges(tx, basket.charges, basket.country),
        coupons=coupons,
        currency=basket.currency,
        tax_mode=prices.tax_mode,
    )
    return _within_bounds(priced)


def charge(
    tx: Tx, priced: PricedBasket, charges: Sequence[BasketCharge], *, country: str
) -> PricedBasket:
    """A priced basket with these charges in place of its own; its goods are not priced again.

    For what depends on the price of the goods, like free delivery. Raises TaxRateMissing and
    BasketTooLarge.
    """
    return _within_bounds(recharge(priced, _charges(tx, charges, country)))


def _within_bounds(priced: PricedBasket) -> PricedBasket:
    most = max(priced.subtotal_minor, priced.total_minor)
    if most > AMOUNT_MAX:
        raise BasketTooLarge(total_minor=most, most_minor=AMOUNT_MAX, currency=priced.currency)
    return priced


def coupons_named(tx: Tx, codes: Iterable[str], customer_id: UUID | None) -> list[Coupon]:
    """The coupons with these codes as typed, each once. Raises CouponUnknown."""
    typed = {code_key(code): code for code in codes}
    found = coupons_with(tx, list(typed), customer_id) if typed else {}
    for key, code in typed.items():
        if key not in found:
            raise CouponUnknown(code)
    return [found[key] for key in typed]


def _list(tx: Tx, basket: Basket) -> Any:
    channel, currency = basket.channel_id, basket.currency
    found = tx.lasting(
        ("pricing.list", channel, currency),
        lambda: tx.first(_LIST, channel=channel, currency=currency),
    )
    if found is None:
        raise PriceListMissing(channel, currency)
    return found


def _goods(tx: Tx, basket: Basket, list_id: UUID) -> dict[UUID, Any]:
    """Tax class, scale, price and rate of each variant; those that the catalog does not know are
    left out."""

    def read(variants: list[UUID]) -> dict[UUID, Any]:
        where = {"list": list_id, "country": basket.country, "now": tx.now}
        return {row.variant_id: row for row in tx.all(_GOODS, variants=variants, **where)}

    kind = ("pricing.goods", list_id, basket.country)
    return tx.lasting_each(kind, (line.variant_id for line in basket.lines), read, until=_next_at)


def _next_at(row: Any) -> datetime | None:
    found: datetime | None = row.next_at
    return found


def _lines(basket: Basket, goods: Mapping[UUID, Any]) -> list[LineAtPrice]:
    known = {id_: row for id_, row in goods.items() if row.amount_minor is not None}
    wanted = dict.fromkeys(line.variant_id for line in basket.lines if not line.agreed)
    if missing := [variant for variant in wanted if variant not in known]:
        raise PriceMissing(missing)
    _require_rates(basket.country, {r.tax_class: r.rate_ppm for r in goods.values()})
    return [
        LineAtPrice(
            line_id=line.line_id,
            variant_id=line.variant_id,
            quantity=line.quantity,
            quantity_scale=row.quantity_scale,
            unit_minor=row.amount_minor or 0,
            tax_class=row.tax_class,
            tax_rate_ppm=row.rate_ppm,
            agreed=line.agreed,
        )
        for line in basket.lines
        for row in (goods[line.variant_id],)
    ]


def _charges(tx: Tx, charges: Sequence[BasketCharge], country: str) -> list[ChargeAtRate]:
    if not charges:
        return []
    classes = sorted({charge.tax_class for charge in charges})

    def read(missing: list[str]) -> dict[str, Any]:
        rows = tx.all(_RATES, country=country, classes=missing, now=tx.now)
        return {row.tax_class: row for row in rows}

    found = tx.lasting_each(("pricing.rates", country), classes, read, until=_next_at)
    rates: dict[str, Any] = {name: getattr(found.get(name), "rate_ppm", None) for name in classes}
    _require_rates(country, rates)
    return [
        ChargeAtRate(
            charge_id=charge.charge_id,
            amount_minor=charge.amount_minor,
            tax_class=charge.tax_class,
            tax_rate_ppm=rates[charge.tax_class],
        )
        for charge in charges
    ]


def _require_rates(country: str, rates: dict[str, Any]) -> None:
    if missing := sorted(name for name, rate in rates.items() if rate is None):
        raise TaxRateMissing(country, missing)
