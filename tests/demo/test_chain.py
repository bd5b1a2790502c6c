"""The invented chain: whole, consistent, sayable in five languages, and clearly invented."""

import re
from collections import Counter
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from stdnum import ean

from charsu.catalog import PutCategory, put_category, put_many_products
from charsu.demo.chain import (
    CURRENCIES,
    LANGUAGES,
    Product,
    draft,
    draw,
    gtin,
    pictures,
    products,
    shop,
    stock,
    synonyms,
    variants,
)
from charsu.demo.chain.goods import slug
from charsu.demo.chain.model import choices
from charsu.demo.chain.pictures import mix, silhouettes
from charsu.kernel import Hub
from charsu.kernel.money import digits

pytestmark = pytest.mark.slow

CYRILLIC = dict(
    zip("абвгдђежзијклљмнњопрстћуфхцчџш", (
        "a", "b", "v", "g", "d", "đ", "e", "ž", "z", "i", "j", "k", "l", "lj", "m", "n", "nj", "o",
        "p", "r", "s", "t", "ć", "u", "f", "h", "c", "č", "dž", "š",
    ), strict=True)
)  # fmt: skip

EVERY = products()


def latin(text: str) -> str:
    """Serbian Cyrillic as Latin, lower case; other letters stay."""
    return "".join(CYRILLIC.get(letter, letter) for letter in text.lower())


def test_the_catalog_takes_the_whole_chain_and_a_second_time_changes_nothing(hub: Hub) -> None:
    with hub.writing("demo") as tx:
        for category in shop().categories:
            put_category(tx, PutCategory(
                code=category.code, titles=category.titles, parent=category.parent
            ))  # fmt: skip
        first = put_many_products(tx, [draft(product) for product in EVERY])
    with hub.writing("demo") as tx:
        second = put_many_products(tx, [draft(product) for product in EVERY])

    assert [outcome.problems for outcome in first.outcomes] == [()] * len(EVERY)
    assert (first.count("created"), second.count("unchanged")) == (64, 64)
    assert sum(len(outcome.variant_ids) for outcome in first.outcomes) == 319


@pytest.mark.parametrize("product", EVERY, ids=lambda product: product.handle)
def test_a_product_speaks_all_five_languages(product: Product) -> None:
    assert tuple(product.texts) == LANGUAGES
    descriptions = [text.description for text in product.texts.values()]
    assert len(set(descriptions)) == len(LANGUAGES)
    assert all(re.search(r"\.$", description) for description in descriptions)


def test_both_serbian_scripts_say_the_same() -> None:
    for product in EVERY:
        ours, other = product.texts["sr-Latn"], product.texts["sr-Cyrl"]
        assert latin(other.title) == ours.title.lower()
        assert latin(other.description) == ours.description.lower()
        left = set(re.findall(r"[A-Za-z]+", other.title + other.description))
        assert left <= {"C", "SPF", "g", "l", "ml", "mm"}, "only units and signs stay Latin"


def test_names_of_choices_and_categories_are_there_in_all_languages() -> None:
    names = choices()
    labels = [*names.axes.values(), *names.values.values()]
    labels += [color.labels for color in names.colors.values()]
    labels += [category.titles for category in shop().categories]
    labels += [delivery.titles for delivery in shop().deliveries]
    for label in labels:
        assert tuple(label) == LANGUAGES
        assert all(label.values())
        assert latin(label["sr-Cyrl"]) == label["sr-Latn"].lower()


def test_there_is_enough_to_sell() -> None:
    every = [variant for product in EVERY for variant in variants(product)]
    assert (len(EVERY), len(every)) == (64, 319)
    parents = {category.code: category.parent for category in shop().categories}
    by_department = Counter(parents[product.category] for product in EVERY)
    assert by_department == {"fashion": 23, "cosmetics": 16, "home": 14, "coffee-bar": 11}


def test_skus_and_gtins_are_unique_and_numbers_are_for_demonstration() -> None:
    every = [variant for product in EVERY for variant in variants(product)]
    numbers = [variant.gtin for variant in every if variant.gtin]
    assert len({variant.sku for variant in every}) == len(every)
    assert len(set(numbers)) == len(numbers)
    assert all(ean.is_valid(number) and number.startswith("952") for number in numbers)
    assert len({product.number for product in EVERY}) == len(EVERY)
    assert gtin(1001, 0) == "9521001000000"


def test_every_variant_has_a_whole_price_in_every_currency() -> None:
    for product in EVERY:
        for variant in variants(product):
            assert tuple(variant.prices) == CURRENCIES
            assert all(digits(currency) == 2 for currency in variant.prices)
            in_euro = variant.prices["EUR"]
            assert 90 < variant.prices["RSD"] / in_euro < 140
            assert 3.7 < variant.prices["PLN"] / in_euro < 4.8
            assert 1.7 < variant.prices["AZN"] / in_euro < 2.2


def test_a_choice_with_its_own_price_is_one_that_the_product_has() -> None:
    special = [product for product in EVERY if product.prices_of]
    assert len(special) == 6
    for product in special:
        offered = {choice.value for axis in product.options for choice in axis.values}
        assert set(product.prices_of) <= offered
        assert len({variant.prices["EUR"] for variant in variants(product)}) == 2


def test_shades_and_colors_carry_the_color_they_show() -> None:
    for product in EVERY:
        for option in draft(product).options:
            if option.name in {"color", "shade"}:
                assert all(value.swatch for value in option.values), product.handle
    foundation = next(p for p in EVERY if p.handle == "skin-tint-foundation")
    assert len(draft(foundation).options[0].values) == 12


def test_weighed_beans_are_counted_in_grams() -> None:
    beans = next(product for product in EVERY if product.handle == "loose-beans")
    assert (draft(beans).unit, draft(beans).quantity_scale) == ("KGM", 3)
    grams = [level.on_hand for level in stock() if level.sku == "LOOSE-BEANS"]
    assert min(grams) > 3_000


def test_codes_refer_to_what_exists() -> None:
    whole = shop()
    channels = {channel.code for channel in whole.channels}
    categories = {category.code for category in whole.categories}
    assert {product.category for product in EVERY} <= categories
    assert set(whole.marketplace_categories) <= categories
    assert {code for location in whole.locations for code in location.channels} == channels
    assert {code for coupon in whole.coupons for code in coupon.channels} <= channels
    seen: set[str] = set()
    for category in whole.categories:
        assert category.parent is None or category.parent in seen
        seen.add(category.code)


def test_stores_have_a_clock_hours_and_a_place() -> None:
    locations = shop().locations
    assert Counter(location.kind for location in locations) == {"store": 4, "warehouse": 1}
    assert {location.country for location in locations} == {"RS", "PL", "AZ"}
    for location in locations:
        ZoneInfo(location.time_zone)
        assert len(location.hours) == 7
        for spans in location.hours:
            for span in spans:
                assert all(re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", clock) for clock in span)


def test_taxes_and_deliveries_cover_the_countries_of_the_stores() -> None:
    whole = shop()
    rates = {tax.country: tax.rate_ppm for tax in whole.taxes}
    assert rates == {"RS": 200_000, "PL": 230_000, "AZ": 180_000}
    own = {"RS": "RSD", "PL": "PLN", "AZ": "AZN"}
    for country, currency in own.items():
        ways = [way for way in whole.deliveries if country in way.countries]
        assert {way.kind for way in ways} == {"ship", "pickup"}
        for way in ways:
            assert {"EUR", currency} <= {rate.currency for rate in way.rates}


def test_a_coupon_takes_off_a_part_or_an_amount() -> None:
    for coupon in shop().coupons:
        assert (coupon.discount_ppm is None) != (not coupon.terms)
        assert {terms.currency for terms in coupon.terms} in (set(), set(CURRENCIES))
    limits = {coupon.code: coupon.limit_total for coupon in shop().coupons}
    assert limits["FIRST100"] == 100


def test_nobody_real_can_be_written_to() -> None:
    customers = shop().customers
    assert len(customers) == 8
    assert all(customer.email.endswith("@example.com") for customer in customers)
    assert {customer.language for customer in customers} == set(LANGUAGES)


def test_stock_names_known_goods_and_places_once() -> None:
    levels = stock()
    skus = {variant.sku for product in EVERY for variant in variants(product)}
    locations = {location.code for location in shop().locations}
    pairs = Counter((level.sku, level.location) for level in levels)
    assert {sku for sku, _ in pairs} == skus
    assert {location for _, location in pairs} == locations
    assert max(pairs.values()) == 1
    assert min(level.on_hand for level in levels) == 0


def test_the_dress_of_the_story_is_down_to_its_last_piece_in_belgrade() -> None:
    left = {level.location: level.on_hand for level in stock()
            if level.sku == "SATIN-SLIP-DRESS-BURGUNDY-S"}  # fmt: skip
    assert (left["belgrade-knez"], left["belgrade-vracar"], left["simanovci"]) == (1, 0, 0)
    assert left["warsaw-mokotowska"] + left["baku-nizami"] > 0


def test_what_is_made_at_the_counter_is_kept_in_stores_only() -> None:
    counter = {variant.sku for product in EVERY if product.sold == "in_store"
               for variant in variants(product)}  # fmt: skip
    assert len(counter) == 12
    assert not {level.sku for level in stock() if level.location == "simanovci"} & counter


def test_synonyms_are_groups_of_different_words_in_each_language() -> None:
    words = synonyms()
    assert tuple(words) == LANGUAGES
    for language, groups in words.items():
        assert len(groups) >= 15, language
        assert all(len(set(group)) == len(group) >= 2 for group in groups)
    assert ["ruž", "karmin", "ruž za usne"] in words["sr-Latn"]
    assert [list(map(latin, group)) for group in words["sr-Cyrl"]] == words["sr-Latn"]


def test_every_variant_has_a_picture_that_opens() -> None:
    every = pictures()
    wanted = {variant.picture for product in EVERY for variant in variants(product)}
    shown = {media.url for product in EVERY for media in draft(product).media}

    assert set(every) == wanted
    assert shown == {f"/media/chain/{name}" for name in every}
    for name, content in every.items():
        if name.endswith(".svg"):
            assert ElementTree.fromstring(content).attrib["viewBox"] == "0 0 400 400"
        else:
            assert (content[:4], content[8:12]) == (b"RIFF", b"WEBP")
    assert sum(map(len, every.values())) < 1_500_000


def test_every_paint_of_a_drawing_is_defined() -> None:
    for name in silhouettes():
        picture = draw(name, "#6f1d2e")
        used = set(re.findall(r'class="(\w+)"', picture))
        assert used <= set(re.findall(r"\.(\w+)[{,]", picture)), name


def test_a_picture_shows_the_color_it_was_asked_for() -> None:
    assert "#6f1d2e" in draw("lipstick", "#6f1d2e")
    assert draw("lipstick", "#6f1d2e") != draw("lipstick", "#c2415a")
    with pytest.raises(ValueError, match="red"):
        draw("lipstick", "red")
    with pytest.raises(KeyError):
        draw("zeppelin", "#000000")


def test_colors_mix_by_share() -> None:
    assert mix("#000000", "#ffffff", 0) == "#000000"
    assert mix("#000000", "#ffffff", 0.5) == "#808080"
    assert mix("#6f1d2e", "#ffffff", 1) == "#ffffff"


def test_names_for_files_are_plain() -> None:
    assert slug("N2 Slonova kost") == "n2-slonova-kost"
    assert slug("Višnja") == "visnja"
    assert slug("Svetlosmeđa") == "svetlosmedja"
    assert slug("30 ml") == "30-ml"
