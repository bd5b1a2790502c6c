"""Putting tax rates: what a country takes of each tax class, and from when."""

from datetime import datetime
from typing import Annotated, LiteralString

from msgspec import Meta, Struct

from charsu.kernel import WHOLE_BUSINESS, Tx, append, operation
from charsu.pricing.errors import InstantInvalid, TaxRateRepeated
from charsu.pricing.facts import TaxRatesPut
from charsu.pricing.model import Country, TaxClass, in_utc

_HOLD: LiteralString = """
    INSERT INTO pricing.tax_countries AS c (country, id, version)
    VALUES (%(country)s, %(id)s, 0)
    ON CONFLICT (country) DO UPDATE SET version = c.version
"""

_STORE: LiteralString = """
    INSERT INTO pricing.tax_rates (country, tax_class, valid_from, rate_ppm)
    SELECT %(country)s, n.tax_class, n.valid_from, n.rate_ppm
    FROM unnest(%(classes)s::text[], %(froms)s::timestamptz[], %(rates)s::integer[])
         AS n (tax_class, valid_from, rate_ppm)
    LEFT JOIN LATERAL (
        SELECT t.rate_ppm FROM pricing.tax_rates t
        WHERE t.country = %(country)s AND t.tax_class = n.tax_class
          AND t.valid_from <= n.valid_from
        ORDER BY t.valid_from DESC LIMIT 1
    ) was ON true
    WHERE was.rate_ppm IS DISTINCT FROM n.rate_ppm
    ON CONFLICT (country, tax_class, valid_from) DO UPDATE SET rate_ppm = excluded.rate_ppm
    RETURNING tax_class
"""

_RAISE_VERSION: LiteralString = """
    UPDATE pricing.tax_countries SET version = version + 1 WHERE country = %(country)s
    RETURNING id, version
"""


class TaxRate(Struct, frozen=True, kw_only=True):
    """A rate in millionths: 200000 is 20 %. ``valid_from`` None is now.

    A rate may be said to hold from a day gone by: that is when the law took effect.
    """

    tax_class: TaxClass
    rate_ppm: Annotated[int, Meta(ge=0, le=1_000_000)]
    valid_from: Annotated[datetime, Meta(tz=True)] | None = None


class PutTaxRates(Struct, frozen=True, kw_only=True):
    """Rates of one country."""

    country: Country
    rates: Annotated[tuple[TaxRate, ...], Meta(min_length=1, max_length=1000)]


class TaxRatesStored(Struct, frozen=True):
    """How many of the rates are different now, and how many were so already."""

    changed: int
    unchanged: int


@operation(
    "pricing.put_tax_rates",
    permission="pricing.edit",
    at=WHOLE_BUSINESS,
    http="POST /v1/tax-rates",
    raises=(TaxRateRepeated, InstantInvalid),
)
def put_tax_rates(tx: Tx, ask: PutTaxRates) -> TaxRatesStored:
    """Set the tax rates of a country. Orders keep the rates they were placed with."""
    names = [(rate.tax_class, in_utc(rate.valid_from or tx.now)) for rate in ask.rates]
    if repeated := next((name for name in names if names.count(name) > 1), None):
        raise TaxRateRepeated(repeated[0])
    tx.run(_HOLD, country=ask.country, id=tx.new_id())
    changed = tx.all(
        _STORE,
        country=ask.country,
        classes=[tax_class for tax_class, _ in names],
        froms=[valid_from for _, valid_from in names],
        rates=[rate.rate_ppm for rate in ask.rates],
    )
    if changed:
        country = tx.first(_RAISE_VERSION, country=ask.country)
        assert country is not None, "it was held above"
        classes = tuple(sorted({row.tax_class for row in changed}))
        fact = TaxRatesPut(country=ask.country, tax_classes=classes)
        append(tx, fact, subject=country.id, version=country.version)
    return TaxRatesStored(len(changed), len(names) - len(changed))
