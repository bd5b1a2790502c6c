"""Exact money: integer minor units and a currency, divided without losing a cent."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from babel.core import get_global
from msgspec import Struct

from charsu.kernel.errors import Invalid


class CurrencyUnknown(Invalid):
    """The code is not an ISO 4217 currency."""

    code = "currency_unknown"

    def __init__(self, currency: str) -> None:
        super().__init__("{currency} is not an ISO 4217 currency.", currency=currency[:16])


class Money(Struct, frozen=True, order=True):
    """An amount in the minor unit of its currency: 1999 EUR is 19.99 €, 500 JPY is ¥500."""

    minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        assert self.currency == other.currency, "amounts of two currencies cannot be added"
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return self + Money(-other.minor, other.currency)

    @property
    def decimal(self) -> Decimal:
        """The amount in the currency's main unit."""
        return Decimal(self.minor).scaleb(-digits(self.currency))


@cache
def digits(currency: str) -> int:
    """Digits after the point in this currency (ISO 4217): 2 for EUR, 0 for JPY, 3 for KWD."""
    known: dict[str, tuple[int, ...]] = get_global("currency_fractions")  # type: ignore[assignment]
    if len(currency) != 3 or not currency.isascii() or not currency.isupper():
        raise CurrencyUnknown(currency)
    if currency not in get_global("all_currencies"):
        raise CurrencyUnknown(currency)
    return _ISO_4217_DIGITS.get(currency, known.get(currency, known["DEFAULT"])[0])


# CLDR counts digits in daily use; where that differs, the standard's minor unit holds.
_ISO_4217_DIGITS = {"RSD": 2, "HUF": 2, "ISK": 0, "ALL": 2, "AZN": 2, "PKR": 2, "IDR": 2}


def minor(amount: Decimal, currency: str) -> int:
    """An amount in main units as minor units, half up: 19.995 EUR is 2000."""
    scaled = amount.scaleb(digits(currency))
    return int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Divide ``total`` in proportion to ``weights`` so that the parts add up to it exactly.

    Largest remainder method (Hamilton): each part is its exact share rounded down, and the units
    left go to the largest remainders, the earlier part first among equals. A negative total is
    divided like the positive one. With no weight at all everything goes to the first part.

    weights     each 0 or more; at least one part
    """
    assert weights, "a total cannot be divided among nobody"
    assert min(weights) >= 0, "a weight is 0 or more"
    if total < 0:
        return [-part for part in allocate(-total, weights)]
    whole = sum(weights)
    if whole == 0:
        return [total, *(0 for _ in weights[1:])]
    parts = [total * weight // whole for weight in weights]
    remainders = [total * weight % whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-remainders[i], i))
    for index in order[: total - sum(parts)]:
        parts[index] += 1
    return parts


def tax_within(gross: int, rate_ppm: int) -> int:
    """The tax inside a gross amount, half up; the rate in millionths (200000 is 20 %)."""
    return _divide_half_up(gross * rate_ppm, 1_000_000 + rate_ppm)


def tax_on(net: int, rate_ppm: int) -> int:
    """The tax to add to a net amount, half up; the rate in millionths (200000 is 20 %)."""
    return _divide_half_up(net * rate_ppm, 1_000_000)


def share(amount: int, rate_ppm: int) -> int:
    """A part of an amount, half up; the rate in millionths."""
    return _divide_half_up(amount * rate_ppm, 1_000_000)


def _divide_half_up(numerator: int, denominator: int) -> int:
    """Rounds half away from zero, so that a refund mirrors the sale."""
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))
