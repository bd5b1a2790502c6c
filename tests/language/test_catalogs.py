"""Every sentence stands in every catalog, whole, and nothing else does."""

import re
from gettext import c2py
from pathlib import Path
from string import Formatter
from typing import Any, Literal, get_args

import pytest
import typer
from babel import Locale
from babel.messages import Message
from babel.messages.extract import extract_from_dir

import charsu
from charsu.channels.ucp.errors import SessionClosed
from charsu.channels.ucp.model import SessionState
from charsu.cli.speaking import HELP, OF_THE_LIBRARY
from charsu.customers import IdentifierTaken
from charsu.customers.kinds import IdentifierKind
from charsu.kernel import HubError
from charsu.language import FALLBACK, LANGUAGES, spoken, translate
from charsu.orders.errors import WrongStep
from charsu.orders.model import (
    ExceptionKind,
    OrderState,
    ParcelState,
    Step,
    TaskState,
    TerminalPaymentState,
)
from charsu.reference.catalogs import CYRILLIC, LATIN, catalog
from charsu.reference.cyrillic import cyrillic
from charsu.reference.finding import our_errors
from charsu.reference.sentences import sentences
from charsu.shopping.errors import CartClosed

LOCALES = Path(charsu.__file__).parent / "locales"
NUMBERS = range(1000)


def forms(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return text if isinstance(text, tuple) else (text,)


def slots(sentence: str) -> list[str]:
    """What is filled in, in no order; ``{}`` has the name ``\"\"``."""
    return sorted(name for _, name, _, _ in Formatter().parse(sentence) if name is not None)


def is_whole(message: Message | None) -> bool:
    return message is not None and not message.fuzzy and all(forms(message.string))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_kept_in_every_language(language: str) -> None:
    kept = catalog(LOCALES, language)

    assert len(sentences()) > 700
    assert [one for one in sentences() if not is_whole(kept.get(forms(one)[0]))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_catalog_keeps_what_nobody_says(language: str) -> None:
    kept = {message.id for message in catalog(LOCALES, language) if message.id}
    assert sorted(map(str, kept - sentences())) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_fills_in_exactly_what_its_source_does(language: str) -> None:
    for message in catalog(LOCALES, language):
        if message.id:
            [wanted] = {tuple(set(slots(one))) for one in forms(message.id)}
            for one in forms(message.string):
                assert set(slots(one)) == set(wanted), message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_plural_has_the_forms_that_cldr_gives_its_language(language: str) -> None:
    kept = catalog(LOCALES, language)
    cldr = Locale.parse(language, sep="-").plural_form
    kinds = {cldr(number) for number in NUMBERS}
    plurals = [message for message in kept if isinstance(message.id, tuple)]

    assert plurals
    assert kept.num_plurals == len(kinds)
    assert {len(forms(message.string)) for message in plurals} == {len(kinds)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_number_takes_the_form_that_cldr_gives_it(language: str) -> None:
    chosen = c2py(catalog(LOCALES, language).plural_expr)
    cldr = Locale.parse(language, sep="-").plural_form

    told = {(cldr(number), chosen(number)) for number in NUMBERS}

    assert len(told) == len({kind for kind, _ in told}) == len({form for _, form in told})


def test_english_sentences_are_their_own_translation() -> None:
    kept = [message for message in catalog(LOCALES, FALLBACK) if message.id]
    assert [message.id for message in kept if message.id != message.string] == []


def test_cyrillic_serbian_is_latin_serbian_letter_by_letter() -> None:
    latin = {one.id: one.string for one in catalog(LOCALES, LATIN) if one.id}
    for message in catalog(LOCALES, CYRILLIC):
        if message.id:
            written = tuple(map(cyrillic, forms(latin[message.id])))
            assert forms(message.string) == written, message.id


@pytest.mark.parametrize(
    ("latin", "written"),
    [
        ("Porudžbina je kod komšije Ljubiše u Nišu.", "Поруџбина је код комшије Љубише у Нишу."),
        ("Njoj DŽ, LJ i NJ: {kind} `make x` za SKU.", "Њој Џ, Љ и Њ: {kind} `make x` за SKU."),
        ("Navedite --data ili DATABASE_URL.", "Наведите --data или DATABASE_URL."),
        ("API ključ za UTF-8 i webhook", "API кључ за UTF-8 и webhook"),
    ],
    ids=["letters", "digraphs", "options", "names"],
)
def test_codes_and_names_stay_latin(latin: str, written: str) -> None:
    assert cyrillic(latin) == written


def test_a_refusal_that_says_a_sentence_of_its_own_has_it_found() -> None:
    """A class with an ``__init__`` hands a template on; found ones are in the catalogs."""
    made = {
        kind: _templates(kind)
        for kind in our_errors()
        if "__init__" in vars(kind) and issubclass(kind, HubError)
    }
    assert len(made) > 100
    lost = {kind.__name__: said - sentences() for kind, said in made.items() if said - sentences()}
    assert lost == {}


def _templates(kind: type[HubError]) -> set[str]:
    """Sentences among the constants of ``__init__``: they end like one, or fill something in."""
    texts = {one for one in vars(kind)["__init__"].__code__.co_consts if isinstance(one, str)}
    documented = {vars(kind)["__init__"].__doc__, kind.__doc__}
    return {one for one in texts - documented if one.endswith(".") and " " in one}


def test_what_the_library_says_is_in_the_library() -> None:
    """An update that says it otherwise is noticed, rather than leaving English between ours."""
    folder = Path(typer.__file__).parent
    found = extract_from_dir(folder, method_map=[("**.py", "python")], keywords={"_": None})
    said = {message for _, _, message, _, _ in found}
    assert set(OF_THE_LIBRARY) - said == {HELP}
    assert HELP in (folder / "_click" / "decorators.py").read_text("utf-8")


STANDINGS: list[tuple[type[HubError], Any]] = [
    *((WrongStep, one) for one in (OrderState, TaskState, Step, ParcelState, ExceptionKind)),
    (WrongStep, TerminalPaymentState),
    (CartClosed, Literal["paying", "merged", "ordered", "abandoned"]),
    (SessionClosed, SessionState),
]


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {FALLBACK}))
def test_how_something_stands_is_said_in_the_reader_s_language(language: str) -> None:
    for refusal, states in STANDINGS:
        for state in get_args(states):
            error = refusal(state=state, **({"asked": "paid"} if refusal is WrongStep else {}))

            said = translate(language)(error.template, **error.data)

            assert error.data["state"] == state  # programs are told the code
            assert not re.search(rf"\b({state}|{spoken(state)})\b", said), said


def test_codes_are_said_as_words_in_english_too() -> None:
    error = WrongStep(state="partly_fulfilled", asked="canceled")
    said = translate("en")(error.template, **error.data)
    assert said == "It is partly fulfilled; it cannot be canceled."


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {FALLBACK}))
def test_what_belongs_to_another_customer_is_named_in_the_reader_s_language(language: str) -> None:
    said = set()
    for kind in get_args(IdentifierKind):
        error = IdentifierTaken(kind, "")
        sentence = translate(language)(error.template, **error.data)

        assert error.data["kind"] == kind  # programs are told the code
        assert not re.search(rf"\b{kind}\b", sentence), sentence
        said.add(sentence)
    assert len(said) == len(get_args(IdentifierKind)) == 7
