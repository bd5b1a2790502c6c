"""What a basket costs: pure arithmetic on integers.

Coupons are taken off in their order, each divided over the lines by largest remainder. Tax is
rounded on each line and charge, half up, and every figure of the basket is the sum of those of
its lines and charges. So no total differs from its parts, and the order of lines changes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from charsu.kernel import allocate, share, tax_on, tax_within
from charsu.pricing.coupons import Coupon, in_order
from charsu.pricing.model import (
    Agreed,
    AppliedCoupon,
    Parts,
    PricedBasket,
    PricedCharge,
    PricedLine,
    Reduction,
    TaxMode,
    TaxShare,
)


class LineAtPrice(Struct, frozen=True, kw_only=True):
    """A line of which the price and the tax rate are known."""

    line_id: UUID
    variant_id: UUID
    quantity: int  # steps: 10 to the power of the scale make one main unit
    quantity_scale: int
    unit_minor: int  # of one main unit
    tax_class: str
    tax_rate_ppm: int
    agreed: Agreed | None = None

    @property
    def subtotal_minor(self) -> int:
        """Unit price times quantity, half up."""
        return share(self.unit_minor * self.quantity, 10 ** (6 - self.quantity_scale))

    @property
    def reducible_minor(self) -> int:
        """What coupons may take something off: nothing of what was agreed."""
        return 0 if self.agreed else self.subtotal_minor


class ChargeAtRate(Struct, frozen=True, kw_only=True):
    """A charge of which the tax rate is known."""

    charge_id: UUID
    amount_minor: int
    tax_class: str
    tax_rate_ppm: int


def price(
    lines: Sequence[LineAtPrice],
    *,
    charges: Sequence[ChargeAtRate] = (),
    coupons: Sequence[Coupon] = (),
    currency: str,
    tax_mode: TaxMode,
) -> PricedBasket:
    """The basket with every figure; lines and charges come back in the order given.

    Expects quantities above 0, amounts of 0 or more, different line ids, and coupons that were
    admitted.
    """
    assert all(line.quantity > 0 and line.unit_minor >= 0 for line in lines)
    reductions = _reduce(lines, coupons, currency)
    priced_lines = [
        _agreed(line, line.agreed, tax_mode)
        if line.agreed
        else _line(line, reductions[line.line_id], tax_mode)
        for line in lines
    ]
    return _summed(
        priced_lines,
        [_charged(charge, tax_mode) for charge in charges],
        [_applied(coupon, reductions) for coupon in in_order(coupons)],
        currency=currency,
        tax_mode=tax_mode,
    )


def recharge(priced: PricedBasket, charges: Sequence[ChargeAtRate]) -> PricedBasket:
    """The same basket with these charges in place of its own."""
    return _summed(
        priced.lines,
        [_charged(charge, priced.tax_mode) for charge in charges],
        priced.coupons,
        currency=priced.currency,
        tax_mode=priced.tax_mode,
    )


def _summed(
    lines: Sequence[PricedLine],
    charges: Sequence[PricedCharge],
    coupons: Sequence[AppliedCoupon],
    *,
    currency: str,
    tax_mode: TaxMode,
) -> PricedBasket:
    everything: list[PricedLine | PricedCharge] = [*lines, *charges]
    return PricedBasket(
        currency=currency,
        tax_mode=tax_mode,
        lines=tuple(lines),
        charges=tuple(charges),
        coupons=tuple(coupons),
        taxes=_taxes(everything),
        subtotal_minor=sum(line.subtotal_minor for line in lines),
        discount_minor=sum(line.discount_minor for line in lines),
        charges_minor=sum(charge.total_minor for charge in charges),
        net_minor=sum(part.net_minor for part in everything),
        tax_minor=sum(part.tax_minor for part in everything),
        total_minor=sum(part.total_minor for part in everything),
    )


def part_of(whole: Parts, *, of: int, before: int, count: int) -> Parts:
    """What ``count`` pieces carry of a line of ``of`` pieces, after ``before`` went elsewhere.

    For refunds and partial shipments. However a line is taken apart, its parts add up to it, no
    figure of a part is negative, and discount, net and tax are each within a minor unit of their
    exact share: they are divided as the difference of two rounded running totals.
    """
    assert before >= 0 and count >= 0 and before + count <= of

    def share_of(amount: int) -> int:
        return _running(amount, before + count, of) - _running(amount, before, of)

    # Net and tax are divided, the total follows; so it is never less than either of them.
    net, tax = share_of(whole.net_minor), share_of(whole.tax_minor)
    discount = share_of(whole.discount_minor)
    is_added = whole.subtotal_minor - whole.discount_minor != whole.total_minor
    return Parts(
        subtotal_minor=(net if is_added else net + tax) + discount,
        discount_minor=discount,
        net_minor=net,
        tax_minor=tax,
        total_minor=net + tax,
    )


def _running(amount: int, pieces: int, of: int) -> int:
    """The share of the first pieces, half up."""
    return (2 * amount * pieces + of) // (2 * of)


def _reduce(
    lines: Sequence[LineAtPrice], coupons: Sequence[Coupon], currency: str
) -> dict[UUID, list[Reduction]]:
    """What each coupon takes off each line. Ids decide between equals, not the order of lines."""
    ordered = sorted(lines, key=lambda line: line.line_id)
    left = [line.reducible_minor for line in ordered]
    reductions: dict[UUID, list[Reduction]] = {line.line_id: [] for line in ordered}
    for coupon in in_order(coupons):
        off = coupon.takes_off(sum(left), currency)
        parts = allocate(off, left) if off else [0] * len(left)
        for line, part in zip(ordered, parts, strict=True):
            if part:
                reduction = Reduction(coupon_id=coupon.id, amount_minor=part)
                reductions[line.line_id].append(reduction)
        left = [amount - part for amount, part in zip(left, parts, strict=True)]
    return reductions


def _line(line: LineAtPrice, reductions: list[Reduction], tax_mode: TaxMode) -> PricedLine:
    subtotal = line.subtotal_minor
    discount = sum(reduction.amount_minor for reduction in reductions)
    net, tax = _taxed(subtotal - discount, line.tax_rate_ppm, tax_mode)
    return _priced(line, reductions, discount=discount, net=net, tax=tax)


def _priced(
    line: LineAtPrice, reductions: Iterable[Reduction], *, discount: int, net: int, tax: int
) -> PricedLine:
    return PricedLine(
        line_id=line.line_id,
        variant_id=line.variant_id,
        quantity=line.quantity,
        quantity_scale=line.quantity_scale,
        unit_minor=line.unit_minor,
        tax_class=line.tax_class,
        tax_rate_ppm=line.tax_rate_ppm,
        reductions=tuple(reductions),
        subtotal_minor=line.subtotal_minor,
        discount_minor=discount,
        net_minor=net,
        tax_minor=tax,
        total_minor=net + tax,
    )


def _agreed(line: LineAtPrice, agreed: Agreed, tax_mode: TaxMode) -> PricedLine:
    """The line at exactly what was agreed: of another rate than then, the tax is another."""
    total, rate = agreed.total_minor, line.tax_rate_ppm
    tax = agreed.tax_minor if rate == agreed.tax_rate_ppm else tax_within(total, rate)
    amount = total if tax_mode == "included" else total - tax
    least = -(-amount * 10**line.quantity_scale // line.quantity)  # covers it, rounded up
    said = agreed.unit_minor if agreed.tax_mode == tax_mode else None
    line = replace(line, unit_minor=max(said or 0, least))
    discount = line.subtotal_minor - amount
    return _priced(line, (), discount=discount, net=total - tax, tax=tax)


def _charged(charge: ChargeAtRate, tax_mode: TaxMode) -> PricedCharge:
    net, tax = _taxed(charge.amount_minor, charge.tax_rate_ppm, tax_mode)
    return PricedCharge(
        charge_id=charge.charge_id,
        tax_class=charge.tax_class,
        tax_rate_ppm=charge.tax_rate_ppm,
        subtotal_minor=charge.amount_minor,
        discount_minor=0,
        net_minor=net,
        tax_minor=tax,
        total_minor=net + tax,
    )


def _taxed(amount: int, rate_ppm: int, tax_mode: TaxMode) -> tuple[int, int]:
    """Net and tax of an amount that has the tax in it, or to which it is added."""
    if tax_mode == "included":
        tax = tax_within(amount, rate_ppm)
        return amount - tax, tax
    return amount, tax_on(amount, rate_ppm)


def _applied(coupon: Coupon, reductions: dict[UUID, list[Reduction]]) -> AppliedCoupon:
    everything = chain.from_iterable(reductions.values())
    return AppliedCoupon(
        coupon_id=coupon.id,
        code=coupon.code,
        version=coupon.version,
        discount_minor=sum(r.amount_minor for r in everything if r.coupon_id == coupon.id),
    )


def _taxes(parts: Iterable[PricedLine | PricedCharge]) -> tuple[TaxShare, ...]:
    nets: dict[int, int] = defaultdict(int)
    taxes: dict[int, int] = defaultdict(int)
    for part in parts:
        nets[part.tax_rate_ppm] += part.net_minor
        taxes[part.tax_rate_ppm] += part.tax_minor
    return tuple(
        TaxShare(tax_rate_ppm=rate, net_minor=nets[rate], tax_minor=taxes[rate])
        for rate in sorted(nets)
    )
