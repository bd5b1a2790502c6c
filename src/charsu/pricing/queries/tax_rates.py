"""Which tax rates are known."""

from datetime import datetime
from typing import LiteralString

from msgspec import Struct

from charsu.kernel import WHOLE_BUSINESS, Tx, query
from charsu.pricing.model import Country

_RATES: LiteralString = """
    SELECT country, tax_class, rate_ppm, valid_from,
           lead(valid_from) OVER (PARTITION BY country, tax_class ORDER BY valid_from)
               AS valid_until
    FROM pricing.tax_rates WHERE %(country)s::text IS NULL OR country = %(country)s
    ORDER BY country, tax_class, valid_from
"""


class AskTaxRates(Struct, frozen=True, kw_only=True):
    """Of one country, or of all."""

    country: Country | None = None


class TaxRateShown(Struct, frozen=True, kw_only=True):
    """A rate in millionths, 200000 is 20 %, and from when until when it holds.

    valid_until   when the next rate of the class begins; None: until further notice
    """

    country: str
    tax_class: str
    rate_ppm: int
    valid_from: datetime
    valid_until: datetime | None


class TaxRatesShown(Struct, frozen=True):
    """Every rate, by country, class and time: those that held once and those to come included."""

    rates: tuple[TaxRateShown, ...]


@query(
    "pricing.tax_rates",
    permission="pricing.edit",
    at=WHOLE_BUSINESS,
    http="GET /v1/tax-rates",
)
def tax_rates(tx: Tx, ask: AskTaxRates) -> TaxRatesShown:
    """The tax rates that were, are and will be, as they were put."""
    rows = tx.all(_RATES, country=ask.country)
    return TaxRatesShown(tuple(TaxRateShown(**row._asdict()) for row in rows))
