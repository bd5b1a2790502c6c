"""Prices by the thousand go in as a set."""

from datetime import timedelta
from uuid import UUID

from charsu.catalog import ProductDraft, ProductText, VariantDraft, put_many_products
from charsu.kernel import Hub
from charsu.kernel.faults import Faults
from charsu.pricing import PriceDraft, PricesStored, put_many_prices
from tests.pricing.market import Market


class Counting(Faults):
    """Counts the statements that go to the database."""

    calls = 0

    def before_call(self, statement: str) -> None:
        self.calls += 1


def test_many_prices_cost_as_many_statements_as_a_few(market: Market) -> None:
    variants = _variants(market.hub, 2500)
    market.hub.faults = counting = Counting()

    few = _put(market, variants[:10], amount=100)
    calls_for_few, counting.calls = counting.calls, 0
    many = _put(market, variants[10:], amount=100)

    assert (few.changed, many.changed) == (10, 2490)
    assert counting.calls <= calls_for_few
    rows = market.ask("SELECT version, body FROM kernel.facts WHERE name = 'pricing.prices_put'")
    told = [len(row.body["variant_ids"]) for row in sorted(rows, key=lambda row: row.version)]
    assert told == [10, 1000, 1000, 490]


def test_prices_of_the_past_come_in_with_their_history_and_nothing_reacts(market: Market) -> None:
    (variant,) = _variants(market.hub, 1)
    market.later(days=100)
    drafts = [
        PriceDraft(variant_id=variant, amount_minor=amount, valid_from=market.now() - age)
        for amount, age in ((1000, timedelta(days=90)), (700, timedelta(days=5)))
    ]
    for changed in (2, 0):
        with market.hub.writing("test.past") as tx:
            stored = put_many_prices(tx, market.channel("web"), "EUR", drafts, historical=True)
        assert stored.changed == changed
    market.variants["p0"] = variant
    shown = market.shown("p0")
    assert shown is not None
    assert (shown.amount_minor, shown.prior_minor) == (700, 1000)
    (fact,) = market.ask("SELECT is_historical FROM kernel.facts WHERE name = 'pricing.prices_put'")
    assert fact.is_historical


def _variants(hub: Hub, count: int) -> list[UUID]:
    drafts = [
        ProductDraft(
            handle=f"p{number}",
            texts={"en": ProductText(title=f"Product {number}")},
            variants=(VariantDraft(sku=f"p{number}"),),
        )
        for number in range(count)
    ]
    with hub.writing("test.products") as tx:
        put_many_products(tx, drafts)
        return [row.id for row in tx.all("SELECT id FROM catalog.variants ORDER BY id")]


def _put(market: Market, variants: list[UUID], *, amount: int) -> PricesStored:
    drafts = [PriceDraft(variant_id=variant, amount_minor=amount) for variant in variants]
    with market.hub.writing("test.prices") as tx:
        return put_many_prices(tx, market.channel("web"), "EUR", drafts)
