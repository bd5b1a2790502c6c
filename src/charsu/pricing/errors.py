"""What pricing refuses, and why."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from charsu.kernel import Conflict, Invalid


class PriceMissing(Conflict):
    """Some variants have no price here now, so they cannot be sold."""

    code = "price_missing"

    def __init__(self, variant_ids: Sequence[UUID]) -> None:
        super().__init__(
            "{count} of the products have no price here.",
            count=len(variant_ids),
            variant_ids=[str(variant) for variant in variant_ids],
        )
        self.variant_ids = tuple(variant_ids)


class PriceListMissing(Conflict):
    """The channel does not sell in this currency."""

    code = "price_list_missing"

    def __init__(self, channel_id: UUID, currency: str) -> None:
        super().__init__(
            "This channel has no prices in {currency}.",
            channel_id=str(channel_id),
            currency=currency,
        )


class PriceListInUse(Conflict):
    """Prices in the list would come to mean something else."""

    code = "price_list_in_use"

    def __init__(self, tax_mode: str) -> None:
        super().__init__(
            "The list has prices with tax {tax_mode}; that cannot change under them.",
            tax_mode=tax_mode,
        )


class PriceInThePast(Invalid):
    """What was shown to customers is not rewritten."""

    code = "price_in_the_past"

    def __init__(self, variant_id: UUID, valid_from: datetime) -> None:
        super().__init__(
            "A price cannot begin in the past.",
            variant_id=str(variant_id),
            valid_from=valid_from.isoformat(),
        )


class InstantInvalid(Invalid):
    """An instant lies so far away that it must be a slip of the pen."""

    code = "instant_invalid"

    def __init__(self, instant: datetime) -> None:
        super().__init__("{instant} is not between 1900 and 9000.", instant=instant.isoformat())


class PeriodInvalid(Invalid):
    """A price or coupon ends before it begins."""

    code = "period_invalid"

    def __init__(self, valid_from: datetime, valid_until: datetime) -> None:
        super().__init__(
            "It ends before it begins.",
            valid_from=valid_from.isoformat(),
            valid_until=valid_until.isoformat(),
        )


class OfferWithoutAmount(Invalid):
    """A price with an end must say what it is; to take something off sale, leave the end out."""

    code = "offer_without_amount"

    def __init__(self, variant_id: UUID) -> None:
        super().__init__("An offer needs an amount.", variant_id=str(variant_id))


class PriceRepeated(Invalid):
    """One request says two prices for one variant and instant."""

    code = "price_repeated"

    def __init__(self, variant_id: UUID) -> None:
        super().__init__("A product stands twice in this request.", variant_id=str(variant_id))


class VariantUnknown(Invalid):
    """A price is meant for something that the catalog does not have."""

    code = "variant_unknown"

    def __init__(self, variant_ids: Sequence[UUID]) -> None:
        super().__init__(
            "The catalog has no such product.",
            variant_ids=[str(variant) for variant in variant_ids],
        )


class ChannelUnknown(Invalid):
    """Prices or a coupon are meant for a channel that does not exist."""

    code = "channel_unknown"

    def __init__(self, channel_ids: Sequence[UUID]) -> None:
        super().__init__(
            "There is no such channel.", channel_ids=[str(channel) for channel in channel_ids]
        )


class TaxRateMissing(Conflict):
    """Nobody has said what tax this country asks for; no tax at all must be said as well."""

    code = "tax_rate_missing"

    def __init__(self, country: str, tax_classes: Sequence[str]) -> None:
        super().__init__(
            "No tax rate is known for {country}: {classes}.",
            country=country,
            classes=", ".join(tax_classes),
        )


class TaxRateRepeated(Invalid):
    """One request says two rates for one class and instant."""

    code = "tax_rate_repeated"

    def __init__(self, tax_class: str) -> None:
        super().__init__("Tax class {tax_class} stands twice.", tax_class=tax_class)


class CouponWithoutDiscount(Invalid):
    """A coupon must take off a part, or an amount in each of its currencies."""

    code = "coupon_without_discount"

    def __init__(self, code: str) -> None:
        super().__init__(
            "Coupon {coupon} must take off a part, or an amount in each of its currencies.",
            coupon=code,
        )


class CouponWithTwoDiscounts(Invalid):
    """A coupon takes off a part or an amount, and not both."""

    code = "coupon_with_two_discounts"

    def __init__(self, code: str) -> None:
        super().__init__("Coupon {coupon} takes off a part and an amount at once.", coupon=code)


class CouponCurrencyRepeated(Invalid):
    """A coupon says two things for one currency."""

    code = "coupon_currency_repeated"

    def __init__(self, code: str) -> None:
        super().__init__("Coupon {coupon} names a currency twice.", coupon=code)


class LimitBelowUses(Conflict):
    """A coupon was used more often already than its new limit allows."""

    code = "limit_below_uses"

    def __init__(self, code: str, *, uses: int) -> None:
        super().__init__("Coupon {coupon} was used {uses} times already.", coupon=code, uses=uses)


class CouponUnknown(Invalid):
    """There is no coupon with this code."""

    code = "coupon_unknown"

    def __init__(self, code: str) -> None:
        super().__init__("There is no coupon {coupon}.", coupon=code[:64])


class CouponNotNow(Conflict):
    """The coupon is not valid yet, not valid any more, or switched off."""

    code = "coupon_not_now"

    def __init__(
        self, code: str, *, valid_from: datetime | None, valid_until: datetime | None
    ) -> None:
        super().__init__(
            "Coupon {coupon} is not valid now.",
            coupon=code,
            valid_from=valid_from and valid_from.isoformat(),
            valid_until=valid_until and valid_until.isoformat(),
        )


class CouponNotHere(Conflict):
    """The coupon is not meant for this channel or this currency."""

    code = "coupon_not_here"

    def __init__(self, code: str) -> None:
        super().__init__("Coupon {coupon} is not valid here.", coupon=code)


class CouponNotForYou(Conflict):
    """The coupon is meant for other customers."""

    code = "coupon_not_for_you"

    def __init__(self, code: str) -> None:
        super().__init__("Coupon {coupon} is meant for other customers.", coupon=code)


class CouponNeedsCustomer(Conflict):
    """Each customer may use the coupon so often, so it must be known who buys."""

    code = "coupon_needs_customer"

    def __init__(self, code: str) -> None:
        super().__init__("Sign in to use coupon {coupon}.", coupon=code)


class BasketTooLarge(Conflict):
    """The basket comes to more than one order can hold: a slip in a price or a quantity."""

    code = "basket_too_large"

    def __init__(self, *, total_minor: int, most_minor: int, currency: str) -> None:
        super().__init__(
            "The basket comes to more than one order can hold.",
            total_minor=total_minor,
            most_minor=most_minor,
            currency=currency,
        )


class BasketTooSmall(Conflict):
    """The goods are worth less than the coupon asks for."""

    code = "basket_too_small"

    def __init__(
        self, code: str, *, minimum_minor: int, subtotal_minor: int, currency: str
    ) -> None:
        super().__init__(
            "Coupon {coupon} needs a larger basket.",
            coupon=code,
            minimum_minor=minimum_minor,
            subtotal_minor=subtotal_minor,
            currency=currency,
        )


class CouponAlone(Conflict):
    """The coupon does not go together with another."""

    code = "coupon_alone"

    def __init__(self, code: str) -> None:
        super().__init__("Coupon {coupon} does not go together with another.", coupon=code)


class CouponUsedUp(Conflict):
    """The coupon was used as often as it may be, by everybody or by this customer."""

    code = "coupon_used_up"

    def __init__(self, code: str) -> None:
        super().__init__("Coupon {coupon} is used up.", coupon=code)


class CouponChanged(Conflict):
    """Somebody changed the coupon after the basket was priced; price it again."""

    code = "coupon_changed"

    def __init__(self, code: str) -> None:
        super().__init__("The terms of coupon {coupon} have just changed.", coupon=code)
