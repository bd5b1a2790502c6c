"""A small driver that sets prices and asks for them, by public operations only."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from charsu.catalog import (
    ProductDraft,
    ProductText,
    PutChannel,
    PutProduct,
    VariantDraft,
    put_channel,
    put_product,
    variant_ids_by_sku,
)
from charsu.kernel import SYSTEM, Hub
from charsu.pricing import (
    Basket,
    BasketCharge,
    BasketLine,
    CouponDraft,
    CouponStored,
    PricedBasket,
    PriceDraft,
    PricesFor,
    PricesStored,
    PutCoupon,
    PutPrices,
    PutTaxRates,
    Shopper,
    ShownPrice,
    TaxRate,
    TaxRatesStored,
    give_back,
    price_basket,
    prices_for,
    put_coupon,
    put_prices,
    put_tax_rates,
    redeem,
)
from charsu.pricing.redemptions import Count, count_uses


class Market:
    """One channel, ``web``, in euros, and whatever a test prices in it."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.variants: dict[str, UUID] = {}
        self.channels: dict[str, UUID] = {}
        self.channel("web")
        self.taxes("RS", standard=200_000)

    def channel(self, code: str, tax_mode: str = "included") -> UUID:
        if code not in self.channels:
            ask = PutChannel(code=code, name=code, kind="web", currency="EUR", tax_mode=tax_mode)
            self.channels[code] = self.hub.run(put_channel, ask, actor=SYSTEM).channel_id
        return self.channels[code]

    def product(self, sku: str, **more: Any) -> UUID:
        if sku not in self.variants:
            draft = ProductDraft(
                handle=sku,
                texts={"en": ProductText(title=sku)},
                variants=(VariantDraft(sku=sku),),
                **more,
            )
            self.hub.run(put_product, PutProduct(product=draft), actor=SYSTEM)
            with self.hub.reading() as tx:
                self.variants |= variant_ids_by_sku(tx, [sku])
        return self.variants[sku]

    def taxes(
        self, country: str, *, starts: datetime | None = None, **rates: int
    ) -> TaxRatesStored:
        asked = tuple(
            TaxRate(tax_class=name, rate_ppm=rate, valid_from=starts)
            for name, rate in rates.items()
        )
        ask = PutTaxRates(country=country, rates=asked)
        return self.hub.run(put_tax_rates, ask, actor=SYSTEM)

    def costs(
        self,
        sku: str,
        amount: int | None,
        *,
        at: str = "web",
        currency: str = "EUR",
        starts: datetime | None = None,
        until: datetime | None = None,
    ) -> PricesStored:
        draft = PriceDraft(
            variant_id=self.product(sku),
            amount_minor=amount,
            valid_from=starts,
            valid_until=until,
        )
        ask = PutPrices(channel_id=self.channel(at), currency=currency, prices=(draft,))
        return self.hub.run(put_prices, ask, actor=SYSTEM)

    def coupon(self, code: str, **terms: Any) -> CouponStored:
        draft = CouponDraft(code=code, **terms)
        return self.hub.run(put_coupon, PutCoupon(coupon=draft), actor=SYSTEM)

    def shown(self, sku: str, at: str = "web") -> ShownPrice | None:
        ask = PricesFor(
            channel_id=self.channel(at), currency="EUR", variant_ids=(self.product(sku),)
        )
        prices = self.hub.run(prices_for, ask, actor=SYSTEM).prices
        return prices[0] if prices else None

    def basket(
        self,
        codes: Iterable[str] = (),
        *,
        at: str = "web",
        currency: str = "EUR",
        country: str = "RS",
        delivery: int = 0,
        shopper: Shopper | None = None,
        **quantities: int,
    ) -> PricedBasket:
        with self.hub.reading() as tx:
            charges = [BasketCharge(charge_id=tx.new_id(), amount_minor=delivery)]
            lines = [
                BasketLine(line_id=tx.new_id(), variant_id=self.product(sku), quantity=quantity)
                for sku, quantity in quantities.items()
            ]
            basket = Basket(
                channel_id=self.channel(at),
                currency=currency,
                country=country,
                lines=lines,
                charges=charges if delivery else (),
                codes=tuple(codes),
                shopper=shopper or Shopper(),
            )
            return price_basket(tx, basket)

    def redeem(
        self,
        priced: PricedBasket,
        order: UUID,
        *,
        customer: UUID | None = None,
        count: Count = count_uses,
    ) -> None:
        with self.hub.writing("test.redeem") as tx:
            redeem(
                tx,
                priced.coupons,
                order_id=order,
                customer_id=customer,
                currency=priced.currency,
                count=count,
            )

    def give_back(self, order: UUID) -> None:
        with self.hub.writing("test.give_back") as tx:
            give_back(tx, order)

    def later(self, **time: float) -> None:
        """Let so much time go by."""
        self.hub.offset += timedelta(**time)

    def now(self) -> datetime:
        with self.hub.reading() as tx:
            return tx.now

    def ids(self, count: int) -> list[UUID]:
        with self.hub.reading() as tx:
            return [tx.new_id() for _ in range(count)]

    def ask(self, statement: str, **values: Any) -> list[Any]:
        with self.hub.reading() as tx:
            return tx.all(statement, **values)  # type: ignore[arg-type]
