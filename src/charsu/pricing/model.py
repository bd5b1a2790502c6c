"""Baskets before and after they are priced."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from charsu.pricing.errors import InstantInvalid

TaxMode = Literal["included", "added"]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$")]
"""An ISO 4217 code."""
Country = Annotated[str, Meta(pattern="^[A-Z]{2}$")]
"""An ISO 3166-1 alpha-2 code."""
TaxClass = Annotated[str, Meta(pattern="^[a-z0-9]+(?:[-_.][a-z0-9]+)*$", max_length=80)]
AMOUNT_MAX = 10**12
"""Minor units that any price, payment or order comes to at most; sums of millions still fit."""
Amount = Annotated[int, Meta(ge=0, le=AMOUNT_MAX)]
"""Minor units."""


def in_utc(instant: datetime) -> datetime:
    """The same instant in UTC. Raises InstantInvalid beyond the years 1900 to 9000."""
    if not 1900 <= instant.year <= 9000:
        raise InstantInvalid(instant)
    return instant.astimezone(UTC)


class Shopper(Struct, frozen=True, kw_only=True):
    """Who buys, as far as prices care; told by those who know the customers."""

    customer_id: UUID | None = None
    groups: frozenset[str] = frozenset()


class Agreed(Struct, frozen=True, kw_only=True):
    """What a line costs by agreement, whatever price lists and coupons say.

    total_minor   what is paid for all of it, tax in it, in either tax mode
    tax_minor     the tax within, as long as the rate is ``tax_rate_ppm`` today
    unit_minor    what a whole unit is said to cost in ``tax_mode``, what is less being a discount;
                  where the line costs more, or in another mode, the unit costs as much as it must
    """

    total_minor: int
    tax_minor: int
    tax_rate_ppm: int
    unit_minor: int | None = None
    tax_mode: TaxMode = "included"


class BasketLine(Struct, frozen=True, kw_only=True):
    """Some of one variant. ``quantity`` counts the product's steps: 1250 at scale 3 is 1.250 kg."""

    line_id: UUID
    variant_id: UUID
    quantity: int
    agreed: Agreed | None = None


class BasketCharge(Struct, frozen=True, kw_only=True):
    """Something to pay beside the goods, in the tax mode of the price list: delivery, wrapping."""

    charge_id: UUID
    amount_minor: int
    tax_class: str = "standard"


class Basket(Struct, frozen=True, kw_only=True):
    """What somebody wants to buy, and where.

    country     whose taxes are due
    codes       of coupons, as typed
    """

    channel_id: UUID
    currency: str
    country: str
    lines: Sequence[BasketLine]
    charges: Sequence[BasketCharge] = ()
    codes: Sequence[str] = ()
    shopper: Shopper = Shopper()


class Reduction(Struct, frozen=True, kw_only=True):
    """What one coupon takes off: of a line, or of the whole basket."""

    coupon_id: UUID
    amount_minor: int


class Parts(Struct, frozen=True, kw_only=True):
    """What an amount to pay is made of, in minor units.

    subtotal = unit price x quantity, in the tax mode of the price list
    included   total = subtotal - discount = net + tax
    added      net = subtotal - discount, total = net + tax
    """

    subtotal_minor: int
    discount_minor: int
    net_minor: int
    tax_minor: int
    total_minor: int


class PricedLine(Parts, frozen=True, kw_only=True):
    """A line with its price and what follows from it."""

    line_id: UUID
    variant_id: UUID
    quantity: int
    quantity_scale: int
    unit_minor: int
    tax_class: str
    tax_rate_ppm: int
    reductions: tuple[Reduction, ...]


class PricedCharge(Parts, frozen=True, kw_only=True):
    """A charge with its tax. Coupons take nothing off it."""

    charge_id: UUID
    tax_class: str
    tax_rate_ppm: int


class TaxShare(Struct, frozen=True, kw_only=True):
    """What a receipt says of one tax rate."""

    tax_rate_ppm: int
    net_minor: int
    tax_minor: int


class AppliedCoupon(Struct, frozen=True, kw_only=True):
    """A coupon as it was when the basket was priced, and all it took off."""

    coupon_id: UUID
    code: str
    version: int
    discount_minor: int


class PricedBasket(Parts, frozen=True, kw_only=True):
    """A basket to the minor unit: each figure is the sum of its lines and charges.

    ``subtotal_minor`` and ``discount_minor`` speak of the goods, ``charges_minor`` of the rest as
    it is paid, tax in it; ``total_minor`` is the sum of all lines' and charges' totals.
    """

    currency: str
    tax_mode: TaxMode
    lines: tuple[PricedLine, ...]
    charges: tuple[PricedCharge, ...]
    coupons: tuple[AppliedCoupon, ...]
    taxes: tuple[TaxShare, ...]
    charges_minor: int
