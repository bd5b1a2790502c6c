"""Reading back what tax is asked for."""

from datetime import UTC, datetime

from charsu.kernel import SYSTEM, Hub
from charsu.pricing import PutTaxRates, TaxRate, put_tax_rates
from charsu.pricing.queries.tax_rates import AskTaxRates, TaxRateShown, tax_rates

LAST_YEAR = datetime(2025, 1, 1, tzinfo=UTC)
NEXT_CENTURY = datetime(2100, 1, 1, tzinfo=UTC)


def put(hub: Hub, country: str, *rates: TaxRate) -> None:
    hub.run(put_tax_rates, PutTaxRates(country=country, rates=rates), actor=SYSTEM)


def test_rates_are_read_as_they_were_put_with_the_end_of_each(hub: Hub) -> None:
    put(
        hub,
        "RS",
        TaxRate(tax_class="standard", rate_ppm=200_000, valid_from=LAST_YEAR),
        TaxRate(tax_class="standard", rate_ppm=210_000, valid_from=NEXT_CENTURY),
    )
    put(hub, "PL", TaxRate(tax_class="books", rate_ppm=50_000, valid_from=LAST_YEAR))

    def read(country: str | None = None) -> list[tuple[object, ...]]:
        shown = hub.run(tax_rates, AskTaxRates(country=country), actor=SYSTEM)
        return [_row(one) for one in shown.rates]

    serbian = [
        ("RS", "standard", 200_000, LAST_YEAR, NEXT_CENTURY),
        ("RS", "standard", 210_000, NEXT_CENTURY, None),
    ]
    assert read("RS") == serbian
    assert read() == [("PL", "books", 50_000, LAST_YEAR, None), *serbian]
    assert read("AZ") == []


def _row(one: TaxRateShown) -> tuple[object, ...]:
    return (one.country, one.tax_class, one.rate_ppm, one.valid_from, one.valid_until)
