"""Searching as people type."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charsu.catalog import (
    Option,
    OptionValue,
    ProductDraft,
    ProductText,
    RecountWords,
    VariantDraft,
    mark_gone_from,
    mark_sold_at,
    put_product,
    recount_words,
    set_popularity,
)
from charsu.catalog.operations.put_product import PutProduct
from charsu.catalog.search.question import Term, forgiving, ladder, strict
from charsu.catalog.search.vocabulary import Known
from charsu.kernel import SYSTEM, PageUnknown
from tests.catalog.shelf import Shelf, a_product

STORE = UUID("01940000-0000-7000-8000-000000000001")


@pytest.mark.parametrize(
    "typed",
    [
        "chocolate milk",
        "milk chocolate",
        "choclate milk",
        "chocolate mlik",
        "hcocolate",
        "CHOCOLATE",
        "choco",
        "choc mil",
        "chocolatemilk",
        "choco late",
        "chocolates",
        "chocolate milk unheardof",
    ],
)
def test_typos_order_halves_and_lost_blanks_are_forgiven(shelf: Shelf, typed: str) -> None:
    shelf.holds("Chocolate milk", "Strawberry jam", "Rye bread", "Chocolatier's apron")

    assert shelf.titles(typed)[0] == "Chocolate milk"


@pytest.mark.parametrize(
    ("title", "language", "typed"),
    [
        ("Џемпер од вуне", "sr-Cyrl", "džemper"),
        ("Џемпер од вуне", "sr-Cyrl", "dzemper vune"),
        ("Ljubičasti šal", "sr-Latn", "љубичасти шал"),
        ("Haljina", "sr-Latn", "haljine"),
        ("Łyżka stołowa", "pl", "lyzka stolowa"),
        ("Czółenka", "pl", "czolenka"),
        ("Gecə köynəyi", "az", "gece koyneyi"),
        ("Qızıl sırğa", "az", "QIZIL SIRGA"),
        ("İpək şərf", "az", "ipek serf"),
    ],
)
def test_any_script_with_marks_or_none(shelf: Shelf, title: str, language: str, typed: str) -> None:
    shelf.holds(title, language=language)
    shelf.holds("Something else")

    assert shelf.titles(typed, language=language) == [title]


def test_a_word_finds_what_others_call_by_another_name(shelf: Shelf) -> None:
    shelf.holds("Karmin Crveni", language="sr-Latn")
    shelf.holds("Pomada czerwona", language="pl")
    shelf.synonyms(("ruž za usne", "karmin"), language="sr-Latn")
    shelf.synonyms(("szminka", "pomada"), language="pl")

    assert shelf.titles("руж за усне", language="sr-Latn") == ["Karmin Crveni"]
    assert shelf.titles("szminka czerwona", language="pl") == ["Pomada czerwona"]


def test_the_title_that_says_no_more_than_was_asked_comes_first(shelf: Shelf) -> None:
    shelf.holds("Mug rack with hooks", "Mug", "Tea for a mug")
    shelf.put(
        a_product("Tea towel", texts={"en": ProductText(title="Tea towel", description="A mug.")})
    )

    found = shelf.titles("mug")

    assert found[0] == "Mug"
    assert found[-1] == "Tea towel"


def test_of_equal_answers_the_more_wanted_comes_first(shelf: Shelf) -> None:
    shelf.put(a_product("Green mug", "green"))
    red = shelf.put(a_product("Red mug", "red")).product_id

    assert shelf.titles("mug") == ["Green mug", "Red mug"]
    with shelf.hub.writing("test.rank") as tx:
        set_popularity(tx, {red: 1.0})
    assert shelf.titles("mug") == ["Red mug", "Green mug"]


def test_products_of_one_title_take_turns_with_others(shelf: Shelf) -> None:
    for maker in range(5):
        shelf.put(a_product("Blue mug", f"mug-{maker}", brand=f"Maker {maker}"))
    shelf.put(a_product("Blue mug large"))

    assert shelf.titles("blue mug")[:3] == ["Blue mug", "Blue mug large", "Blue mug"]


def test_a_word_of_three_letters_is_no_other_word(shelf: Shelf) -> None:
    shelf.holds("Green tea", "Tie", "Ten candles", "Organic tee")

    assert shelf.titles("tee") == ["Organic tee"]
    assert shelf.titles("toe") == []
    assert shelf.titles("candls") == ["Ten candles"]  # longer ones still are


def test_facets_count_what_was_found_and_offer_what_else_there_is(shelf: Shelf) -> None:
    shelf.category("home", "Home")
    shelf.category("cups", "Cups", parent="home")
    for color, brand in (("red", "Muscat"), ("red", "Sava"), ("blue", "Sava")):
        cup = VariantDraft(sku=f"{color}-{brand}", options={"color": color})
        shelf.put(
            a_product(
                f"Cup {color}",
                handle=f"{color}-{brand}".lower(),
                brand=brand,
                category="cups",
                variants=(cup,),
            )
        )

    answer = shelf.search("cup", where=("brand:Sava",))

    facets = {
        facet.name: {value.label: value.count for value in facet.values} for facet in answer.facets
    }
    assert answer.total == 2
    assert facets == {
        "brand": {"Sava": 2, "Muscat": 1},
        "category": {"Cups": 2, "Home": 2},
        "option.color": {"red": 1, "blue": 1},
    }
    both = ("brand:Sava", "brand:Muscat", "option.color:red")
    assert shelf.search("cup", where=both).total == 2


def test_a_facet_calls_a_choice_as_the_products_do(shelf: Shelf) -> None:
    sage = OptionValue(value="sage", labels={"en": "Sage", "pl": "Szałwia", "sr-Latn": "Žalfija"})
    plain = OptionValue(value="xl")
    for number in range(3):
        cup = VariantDraft(sku=f"cup-{number}", options={"color": "sage", "size": "xl"})
        options = (
            Option(name="color", values=(sage,)),
            Option(name="size", values=(plain,)),
        )
        shelf.put(a_product(f"Cup {number}", handle=f"c{number}", variants=(cup,), options=options))

    def labels(language: str) -> dict[str, list[tuple[str, str]]]:
        facets = shelf.search("cup", language=language).facets
        return {facet.name: [(v.value, v.label) for v in facet.values] for facet in facets}

    assert labels("pl")["option.color"] == [("sage", "Szałwia")]
    assert labels("sr-Cyrl")["option.color"] == [("sage", "Žalfija")]
    assert labels("az")["option.color"] == [("sage", "Sage")]
    assert labels("pl")["option.size"] == [("xl", "xl")]


def test_pages_hold_every_answer_once(shelf: Shelf) -> None:
    shelf.holds(*(f"Mug number {number}" for number in range(11)))

    seen, after = [], None
    while True:
        page = shelf.search("mug", limit=4, after=after)
        seen += [found.title for found in page.items]
        if (after := page.next) is None:
            break

    assert sorted(seen) == sorted(f"Mug number {number}" for number in range(11))
    with pytest.raises(PageUnknown):
        shelf.search("mug", after="four")


@pytest.mark.parametrize("typed", ["AB-1234-X", "ab-12", "4006381333931", "04006381333931"])
def test_an_sku_or_a_barcode_finds_its_product(shelf: Shelf, typed: str) -> None:
    mug = VariantDraft(sku="AB-1234-X", gtin="4006381333931")
    shelf.put(a_product("Mug", handle="mug", variants=(mug,)))
    shelf.holds("AB negative", "Pack of 12")

    assert shelf.titles(typed)[0] == "Mug"


def test_a_place_shows_what_it_has_to_sell(shelf: Shelf) -> None:
    mug = shelf.put(a_product("Blue mug", "mug"))
    shelf.put(a_product("Blue cup", "cup"))

    with shelf.hub.writing("test.stock") as tx:
        mark_sold_at(tx, STORE, mug.variant_ids)
    here, browsed = shelf.titles("blue", location_id=STORE), shelf.titles(location_id=STORE)
    with shelf.hub.writing("test.stock") as tx:
        mark_gone_from(tx, STORE, [mug.product_id])

    assert here == browsed == ["Blue mug"]
    assert shelf.titles("blue", location_id=STORE) == []


def test_a_product_is_found_from_its_commit_and_not_before(shelf: Shelf) -> None:
    with shelf.hub.writing("test.put") as tx:
        put_product(tx, PutProduct(product=a_product("Blue mug", "mug")))
        during = shelf.titles("mug")

    assert during == []
    assert shelf.titles("mug") == ["Blue mug"]


def test_a_draft_is_not_found(shelf: Shelf) -> None:
    shelf.put(a_product("Blue mug", status="draft"))

    assert shelf.titles("mug") == shelf.titles() == []


def test_words_that_left_the_catalog_are_no_longer_what_was_meant(shelf: Shelf) -> None:
    shelf.put(a_product("Marzipan", "sweet"))
    shelf.put(a_product("Nougat", "sweet"))

    before = shelf.search("marzipn").instead
    shelf.hub.run(recount_words, RecountWords(), actor=SYSTEM)

    assert before == {"marzipn": ("marzipan",)}
    assert shelf.search("marzipn").instead == {}


@pytest.mark.parametrize("recounted", [False, True])
def test_a_count_of_words_changes_no_answer(shelf: Shelf, recounted: bool) -> None:
    shelf.holds("Chocolate milk", "Milk", "Milkshake glass")
    if recounted:
        shelf.hub.run(recount_words, RecountWords(), actor=SYSTEM)

    assert shelf.titles("milk")[0] == "Milk"
    assert set(shelf.titles("milk")) == {"Milk", "Chocolate milk", "Milkshake glass"}
    assert shelf.titles("chocolte") == ["Chocolate milk"]


@pytest.mark.parametrize(
    "typed",
    ["'", "\\", "a & b", "!(:*", "mug:A", "' | '", "%s %(found)s", "🫖", "-", "١٢٣", "a" * 200],
)
def test_whatever_is_typed_is_only_words(shelf: Shelf, typed: str) -> None:
    shelf.holds("Mug")

    assert shelf.search(typed, where=(f"brand:{typed}",)).total == 0
    assert shelf.search(typed).total <= 1


TERMS = st.lists(
    st.builds(
        Term,
        words=st.tuples(st.sampled_from(("milk", "bread", "12"))),
        known=st.builds(Known, st.integers(0, 5000), st.integers(0, 5000)),
        is_last=st.booleans(),
        synonyms=st.just(()) | st.just(("full cream",)),
        meant=st.just(()) | st.just(("milt", "mild")),
    ),
    min_size=1,
    max_size=8,
)


@given(TERMS)
def test_every_rung_of_the_ladder_is_a_question(terms: list[Term]) -> None:
    questions = [strict(terms), forgiving(terms), *ladder(terms)]

    assert all(question.found for question in questions)
    assert all(question.found.count("(") == question.found.count(")") for question in questions)


def test_every_option_value_and_attribute_is_searched(shelf: Shelf) -> None:
    shelf.put(
        ProductDraft(
            handle="coat",
            texts={"en": ProductText(title="Winter coat")},
            attributes={"fabric": ["alpaca"], "lining": "viscose"},
            variants=(VariantDraft(sku="coat-m", options={"color": "Burgundy"}),),
        )
    )

    for typed in ("burgundy coat", "alpaca", "viscose"):
        assert shelf.titles(typed) == ["Winter coat"]
