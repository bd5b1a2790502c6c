"""What the log may say about prices, taxes and coupons."""

from uuid import UUID

from charsu.kernel import Fact


class PriceListOpened(Fact, frozen=True, kw_only=True):
    """A channel has a price list in this currency."""

    channel_id: UUID
    currency: str
    tax_mode: str


class PricesPut(Fact, frozen=True, kw_only=True):
    """Some variants cost something else, now or from a day to come. About the price list."""

    channel_id: UUID
    currency: str
    variant_ids: tuple[UUID, ...]


class OffersEnded(Fact, frozen=True, kw_only=True):
    """Offers that ran end now, and those planned do not begin. About the price list."""

    channel_id: UUID
    currency: str
    variant_ids: tuple[UUID, ...]


class TaxRatesPut(Fact, frozen=True, kw_only=True):
    """A country taxes these classes differently, now or later. About the country's rates."""

    country: str
    tax_classes: tuple[str, ...]


class CouponPut(Fact, frozen=True, kw_only=True):
    """A coupon was made, or its terms are different. Its code may be a secret and stays out."""

    is_active: bool
    limit_total: int | None
    limit_per_customer: int | None


class CouponRedeemed(Fact, frozen=True, kw_only=True):
    """An order used a coupon. About the redemption."""

    coupon_id: UUID
    order_id: UUID
    customer_id: UUID | None
    discount_minor: int
    currency: str


class CouponGivenBack(Fact, frozen=True, kw_only=True):
    """An order that used a coupon came to nothing; the use counts no more. About the redemption."""

    coupon_id: UUID
    order_id: UUID
    customer_id: UUID | None
