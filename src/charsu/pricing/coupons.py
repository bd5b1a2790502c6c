"""Coupons: who may use which, and what it takes off. Nothing here needs the database."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import HubError, share
from charsu.pricing.errors import (
    BasketTooSmall,
    CouponAlone,
    CouponCurrencyRepeated,
    CouponNeedsCustomer,
    CouponNotForYou,
    CouponNotHere,
    CouponNotNow,
    CouponUsedUp,
    CouponWithoutDiscount,
    CouponWithTwoDiscounts,
    PeriodInvalid,
)
from charsu.pricing.model import Currency, Shopper

CouponCode = Annotated[str, Meta(pattern="^[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?$")]
Limit = Annotated[int, Meta(ge=1, le=10**9)]


class CouponTerms(Struct, frozen=True, kw_only=True):
    """What a coupon does in one currency.

    off_minor       taken off the goods; None where the coupon takes off a part
    minimum_minor   the goods must be worth so much before any discount
    """

    currency: Currency
    off_minor: Annotated[int, Meta(ge=1, le=10**12)] | None = None
    minimum_minor: Annotated[int, Meta(ge=0, le=10**12)] = 0


class CouponDraft(Struct, frozen=True, kw_only=True):
    """A whole coupon as somebody wants it to be.

    discount_ppm    millionths of the goods (100000 is 10 %), or None and the terms name amounts
    terms           by currency; where there are any, the coupon is valid in these currencies only
    channel_ids     empty: every channel
    groups          of customers; empty: everybody
    priority        the lower number is taken off first
    combines        may stand in one basket with other coupons that combine
    """

    code: CouponCode
    is_active: bool = True
    discount_ppm: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    terms: Annotated[tuple[CouponTerms, ...], Meta(max_length=100)] = ()
    channel_ids: Annotated[tuple[UUID, ...], Meta(max_length=1000)] = ()
    groups: Annotated[tuple[str, ...], Meta(max_length=100)] = ()
    priority: Annotated[int, Meta(ge=0, le=10_000)] = 100
    combines: bool = False
    valid_from: Annotated[datetime, Meta(tz=True)] | None = None
    valid_until: Annotated[datetime, Meta(tz=True)] | None = None
    limit_total: Limit | None = None
    limit_per_customer: Limit | None = None


class Coupon(Struct, frozen=True, kw_only=True):
    """A coupon as it stands."""

    id: UUID
    version: int
    draft: CouponDraft
    is_used_up: bool = False  # by everybody, or by the customer who asks; may change any moment

    @property
    def code(self) -> str:
        return self.draft.code

    def terms_in(self, currency: str) -> CouponTerms | None:
        """The terms in this currency; None where it is not valid in it."""
        if not self.draft.terms:
            return CouponTerms(currency=currency)
        return next((terms for terms in self.draft.terms if terms.currency == currency), None)

    def takes_off(self, amount_minor: int, currency: str) -> int:
        """How much of this amount; never more than there is."""
        if self.draft.discount_ppm is not None:
            return share(amount_minor, self.draft.discount_ppm)
        terms = self.terms_in(currency)
        return min(amount_minor, (terms and terms.off_minor) or 0)


class Occasion(Struct, frozen=True, kw_only=True):
    """When, where and by whom a coupon is to be used, and on how much."""

    now: datetime
    channel_id: UUID
    currency: str
    subtotal_minor: int
    shopper: Shopper
    coupons: int  # in the basket


def code_key(code: str) -> str:
    """The spelling by which codes are the same: no blanks, width, case or Turkic i's count."""
    plain = unicodedata.normalize("NFKC", code).translate({ord("İ"): "I", ord("ı"): "i"})
    return "".join(plain.split()).casefold()


def contradiction(draft: CouponDraft) -> HubError | None:
    """Why this draft makes no sense; None where it does."""
    currencies = {terms.currency for terms in draft.terms}
    amounts = [terms.off_minor for terms in draft.terms if terms.off_minor is not None]
    if draft.discount_ppm is None and (not draft.terms or len(amounts) < len(draft.terms)):
        return CouponWithoutDiscount(draft.code)
    if draft.discount_ppm is not None and amounts:
        return CouponWithTwoDiscounts(draft.code)
    if len(currencies) < len(draft.terms):
        return CouponCurrencyRepeated(draft.code)
    if draft.valid_from and draft.valid_until and draft.valid_until <= draft.valid_from:
        return PeriodInvalid(draft.valid_from, draft.valid_until)
    return None


def refusal(coupon: Coupon, occasion: Occasion) -> HubError | None:
    """Why the coupon cannot be used on this occasion; None where it can.

    Whether it is used up is only a first answer: ``redeem`` has the last word.
    """
    return (
        _not_now(coupon, occasion.now)
        or _not_here(coupon, occasion)
        or _not_for(coupon, occasion.shopper)
        or _not_like_this(coupon, occasion)
    )


def _not_now(coupon: Coupon, now: datetime) -> HubError | None:
    draft = coupon.draft
    is_early = draft.valid_from is not None and now < draft.valid_from
    is_late = draft.valid_until is not None and now >= draft.valid_until
    if is_early or is_late or not draft.is_active:
        return CouponNotNow(draft.code, valid_from=draft.valid_from, valid_until=draft.valid_until)
    return CouponUsedUp(draft.code) if coupon.is_used_up else None


def _not_here(coupon: Coupon, occasion: Occasion) -> HubError | None:
    channels = coupon.draft.channel_ids
    is_elsewhere = bool(channels) and occasion.channel_id not in channels
    if is_elsewhere or coupon.terms_in(occasion.currency) is None:
        return CouponNotHere(coupon.code)
    return None


def _not_for(coupon: Coupon, shopper: Shopper) -> HubError | None:
    if coupon.draft.groups and shopper.groups.isdisjoint(coupon.draft.groups):
        return CouponNotForYou(coupon.code)
    if coupon.draft.limit_per_customer is not None and shopper.customer_id is None:
        return CouponNeedsCustomer(coupon.code)
    return None


def _not_like_this(coupon: Coupon, occasion: Occasion) -> HubError | None:
    terms = coupon.terms_in(occasion.currency)
    if terms is not None and occasion.subtotal_minor < terms.minimum_minor:
        return BasketTooSmall(
            coupon.code,
            minimum_minor=terms.minimum_minor,
            subtotal_minor=occasion.subtotal_minor,
            currency=occasion.currency,
        )
    if occasion.coupons > 1 and not coupon.draft.combines:
        return CouponAlone(coupon.code)
    return None


def in_order(coupons: Sequence[Coupon]) -> list[Coupon]:
    """The order in which they are taken off, whatever order they were typed in."""
    return sorted(coupons, key=lambda coupon: (coupon.draft.priority, coupon.id))
