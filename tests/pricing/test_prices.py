from datetime import datetime, timedelta, timezone

import pytest

from charsu.kernel import SYSTEM, HubError
from charsu.pricing import (
    BasketCharge,
    EndOffers,
    InstantInvalid,
    OfferWithoutAmount,
    OpenPriceList,
    PeriodInvalid,
    PriceDraft,
    PriceInThePast,
    PriceListInUse,
    PriceListMissing,
    PriceMissing,
    PriceRepeated,
    PutPrices,
    TaxRateMissing,
    VariantUnknown,
    charge,
    end_offers,
    open_price_list,
    put_prices,
)
from tests.pricing.market import Market

FACTS = "SELECT name, version, body FROM kernel.facts WHERE subject_id = %(id)s ORDER BY version"


def test_a_price_holds_until_the_next_one_begins(market: Market) -> None:
    market.costs("mug", 1000)
    market.costs("mug", 1200, starts=market.now() + timedelta(days=1))

    assert market.basket(mug=1).total_minor == 1000
    market.later(days=2)
    assert market.basket(mug=1).total_minor == 1200


def test_an_offer_goes_before_the_standing_price_and_ends_by_itself(market: Market) -> None:
    market.costs("mug", 1000)
    market.costs("mug", 800, until=market.now() + timedelta(days=7))

    shown = market.shown("mug")
    assert shown is not None
    assert (shown.amount_minor, shown.standing_minor, shown.is_offer) == (800, 1000, True)
    market.later(days=8)
    assert market.basket(mug=1).total_minor == 1000


def test_a_nightly_file_of_standing_prices_leaves_a_running_offer_alone(market: Market) -> None:
    market.costs("mug", 1000)
    market.costs("mug", 800, until=market.now() + timedelta(days=7))

    stored = market.costs("mug", 1000)

    assert (stored.changed, stored.unchanged) == (0, 1)
    assert market.basket(mug=1).total_minor == 800


def test_an_offer_ended_early_stays_in_the_history_and_a_planned_one_does_not(
    market: Market,
) -> None:
    market.costs("mug", 1000)
    market.costs("mug", 800, until=market.now() + timedelta(days=7))
    market.later(days=1)
    soon = market.now() + timedelta(days=30)
    market.costs("mug", 700, starts=soon, until=soon + timedelta(days=1))

    ask = EndOffers(
        channel_id=market.channel("web"), currency="EUR", variant_ids=(market.product("mug"),)
    )
    over = market.hub.run(end_offers, ask, actor=SYSTEM)

    assert over.variants == 1
    assert market.basket(mug=1).total_minor == 1000
    amounts = market.ask("SELECT amount_minor FROM pricing.prices WHERE is_offer")
    assert [row.amount_minor for row in amounts] == [800]


def test_the_lowest_price_of_thirty_days_is_shown_beside_a_reduction(market: Market) -> None:
    market.costs("mug", 1000)
    market.later(days=40)
    market.costs("mug", 850, until=market.now() + timedelta(days=3))
    market.later(days=10)
    market.costs("mug", 900, until=market.now() + timedelta(days=7))

    shown = market.shown("mug")

    assert shown is not None
    assert (shown.amount_minor, shown.standing_minor, shown.prior_minor) == (900, 1000, 850)


def test_a_price_that_only_rose_has_no_prior_price(market: Market) -> None:
    market.costs("mug", 1000)
    market.later(days=1)
    market.costs("mug", 1100)

    shown = market.shown("mug")
    assert shown is not None
    assert shown.prior_minor is None


def test_putting_the_same_prices_again_changes_nothing_and_says_nothing(market: Market) -> None:
    first = market.costs("mug", 1000)
    again = market.costs("mug", 1000)

    assert (first.changed, again.changed, again.unchanged) == (1, 0, 1)
    facts = market.ask(FACTS, id=first.list_id)
    assert [fact.name for fact in facts] == ["pricing.price_list_opened", "pricing.prices_put"]
    assert facts[1].body["variant_ids"] == [str(market.product("mug"))]


def test_what_is_taken_off_sale_has_no_price(market: Market) -> None:
    market.costs("mug", 1000)
    market.later(hours=1)
    market.costs("mug", None)

    assert market.shown("mug") is None
    with pytest.raises(PriceMissing) as refused:
        market.basket(mug=1)
    assert refused.value.variant_ids == (market.product("mug"),)


def test_a_price_cannot_begin_in_the_past(market: Market) -> None:
    with pytest.raises(PriceInThePast):
        market.costs("mug", 1000, starts=market.now() - timedelta(minutes=1))


def test_an_offer_that_ends_before_it_begins_is_refused(market: Market) -> None:
    with pytest.raises(PeriodInvalid):
        market.costs("mug", 1000, until=market.now() - timedelta(minutes=1))


def test_an_offer_must_say_its_price(market: Market) -> None:
    with pytest.raises(OfferWithoutAmount):
        market.costs("mug", None, until=market.now() + timedelta(days=1))


def test_two_prices_of_one_product_from_one_instant_are_refused(market: Market) -> None:
    one = PriceDraft(variant_id=market.product("mug"), amount_minor=1000)
    other = PriceDraft(variant_id=market.product("mug"), amount_minor=1100)
    ask = PutPrices(channel_id=market.channel("web"), currency="EUR", prices=(one, other))
    with pytest.raises(PriceRepeated):
        market.hub.run(put_prices, ask, actor=SYSTEM)


def test_a_standing_price_and_an_offer_may_be_put_together(market: Market) -> None:
    variant, tomorrow = market.product("mug"), market.now() + timedelta(days=1)
    standing = PriceDraft(variant_id=variant, amount_minor=1000)
    offer = PriceDraft(variant_id=variant, amount_minor=700, valid_until=tomorrow)
    ask = PutPrices(channel_id=market.channel("web"), currency="EUR", prices=(standing, offer))

    assert market.hub.run(put_prices, ask, actor=SYSTEM).changed == 2
    assert market.basket(mug=1).total_minor == 700


def test_delivery_may_be_charged_once_the_price_of_the_goods_is_known(market: Market) -> None:
    market.taxes("RS", reduced=100_000)
    market.costs("mug", 1000)
    goods = market.basket(mug=2)
    with market.hub.reading() as tx:
        parcel = BasketCharge(charge_id=tx.new_id(), amount_minor=550, tax_class="reduced")
        delivered = charge(tx, goods, [parcel], country="RS")

    assert delivered.lines == goods.lines
    assert (delivered.charges_minor, delivered.total_minor) == (550, 2550)
    assert [(tax.tax_rate_ppm, tax.tax_minor) for tax in delivered.taxes] == [
        (100_000, 50),
        (200_000, 333),
    ]


def test_a_change_of_tax_rates_is_told_and_a_repetition_is_not(market: Market) -> None:
    first = market.taxes("PL", standard=230_000, reduced=80_000)
    again = market.taxes("PL", standard=230_000, reduced=80_000)

    assert (first.changed, again.changed, again.unchanged) == (2, 0, 2)
    bodies = market.ask("SELECT body FROM kernel.facts WHERE name = 'pricing.tax_rates_put'")
    told = [row.body for row in bodies if row.body["country"] == "PL"]
    assert told == [{"country": "PL", "tax_classes": ["reduced", "standard"]}]


@pytest.mark.parametrize("year", [1, 9999])
def test_an_instant_beyond_all_calendars_is_refused(market: Market, year: int) -> None:
    far = datetime(year, 1, 1, tzinfo=timezone(timedelta(hours=14)))
    with pytest.raises(InstantInvalid):
        market.costs("mug", 1000, starts=far)
    with pytest.raises(InstantInvalid):
        market.taxes("PL", starts=far, standard=0)
    with pytest.raises(InstantInvalid):
        market.coupon("FAR", discount_ppm=1, valid_until=far)


def test_one_wrong_price_keeps_all_of_them_out(market: Market) -> None:
    good = PriceDraft(variant_id=market.product("mug"), amount_minor=1000)
    unknown = PriceDraft(variant_id=market.ids(1)[0], amount_minor=1000)
    ask = PutPrices(channel_id=market.channel("web"), currency="EUR", prices=(good, unknown))

    with pytest.raises(VariantUnknown) as refused:
        market.hub.run(put_prices, ask, actor=SYSTEM)

    assert refused.value.data["variant_ids"] == [str(unknown.variant_id)]
    assert market.ask("SELECT * FROM pricing.prices") == []


def test_each_channel_and_currency_has_its_own_prices(market: Market) -> None:
    market.costs("mug", 1000)
    market.costs("mug", 1100, at="app")
    market.costs("mug", 117_000, currency="RSD")

    assert market.basket(mug=1).total_minor == 1000
    assert market.basket(mug=1, at="app").total_minor == 1100
    assert market.basket(mug=1, currency="RSD").total_minor == 117_000
    with pytest.raises(PriceListMissing):
        market.basket(mug=1, currency="PLN")


def test_the_tax_mode_of_a_list_with_prices_does_not_change(market: Market) -> None:
    ask = OpenPriceList(channel_id=market.channel("web"), currency="EUR", tax_mode="added")
    opened = market.hub.run(open_price_list, ask, actor=SYSTEM)
    assert opened.tax_mode == "added"
    market.costs("mug", 1000)

    back = OpenPriceList(channel_id=market.channel("web"), currency="EUR", tax_mode="included")
    with pytest.raises(PriceListInUse):
        market.hub.run(open_price_list, back, actor=SYSTEM)


def test_tax_is_in_the_price_or_comes_on_top_as_the_list_says(market: Market) -> None:
    market.channel("wholesale", tax_mode="added")
    market.costs("mug", 1000)
    market.costs("mug", 1000, at="wholesale")

    retail = market.basket(mug=3, delivery=500)
    wholesale = market.basket(mug=3, delivery=500, at="wholesale")

    assert (retail.net_minor, retail.tax_minor, retail.total_minor) == (2917, 583, 3500)
    assert (wholesale.net_minor, wholesale.tax_minor, wholesale.total_minor) == (3500, 700, 4200)


def test_each_line_is_taxed_by_the_class_of_its_product(market: Market) -> None:
    market.product("book", tax_class="reduced")
    market.taxes("RS", reduced=100_000)
    market.costs("mug", 1200)
    market.costs("book", 1100)

    basket = market.basket(mug=1, book=1)

    shares = [(tax.tax_rate_ppm, tax.net_minor, tax.tax_minor) for tax in basket.taxes]
    assert shares == [(100_000, 1000, 100), (200_000, 1000, 200)]


def test_a_country_without_a_known_tax_rate_is_refused_rather_than_untaxed(
    market: Market,
) -> None:
    market.costs("mug", 1200)
    with pytest.raises(TaxRateMissing):
        market.basket(mug=1, country="PL")


def test_a_tax_rate_of_next_year_does_not_tax_today(market: Market) -> None:
    market.costs("mug", 1200)
    market.taxes("PL", standard=230_000)
    market.taxes("PL", starts=market.now() + timedelta(days=365), standard=0)

    assert market.basket(mug=1, country="PL").tax_minor == 224
    market.later(days=366)
    assert market.basket(mug=1, country="PL").tax_minor == 0


def test_what_is_sold_by_weight_costs_its_part_of_a_kilogram(market: Market) -> None:
    market.product("coffee", unit="KGM", quantity_scale=3)
    market.costs("coffee", 2599)

    assert market.basket(coffee=1250).total_minor == 3249  # 32.4875, half up


def test_a_currency_that_does_not_exist_has_no_prices(market: Market) -> None:
    with pytest.raises(HubError) as refused:
        market.costs("mug", 1000, currency="ZZZ")
    assert refused.value.code == "currency_unknown"
