"""Sentences in the reader's language."""

from pathlib import Path
from string import Formatter

import pytest
from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.pofile import read_po

import charsu.web
from charsu.kernel import NotFound
from charsu.web import LANGUAGES, choose, translate

WEB = Path(charsu.web.__file__).parent
SOURCES = [("**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "plural": (1, 2), "sentences": None}

# A refusal says its sentence where its class is, or where one of a family is raised.
REFUSING = {"__init__": None, "Conflict": None, "Forbidden": None, "Unavailable": None}
# Whoever types commands reads English for now.
SAID_AT_A_TERMINAL = (
    "bench",
    "cli",
    "demo",
    "imports",
    "kernel/intake",
    "kernel/server",
    "torture",
)

Sentences = set[str | tuple[str, ...]]


def sentences() -> Sentences:
    """Every English sentence of the site, its pages and its refusals; a plural is a pair."""
    found = extract_from_dir(WEB, method_map=SOURCES, keywords=KEYWORDS)
    shown = (one for one in modules() if not one.startswith(SAID_AT_A_TERMINAL))
    return {message for _, _, message, _, _ in found}.union(*map(refusals, shown))


def refusals(path: str) -> Sentences:
    """The templates of a module's errors."""
    found = extract_from_file("python", WEB.parent / path, keywords=REFUSING)
    return {message for _, message, _, _ in found}


def every_refusal() -> Sentences:
    return set().union(*map(refusals, modules()))


def modules() -> list[str]:
    return [module.relative_to(WEB.parent).as_posix() for module in WEB.parent.rglob("*.py")]


def catalog(language: str) -> Catalog:
    folder = language.replace("-", "_")
    with (WEB.parent / "locales" / folder / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=folder)


def forms(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return text if isinstance(text, tuple) else (text,)


def names(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def is_whole(message: Message | None) -> bool:
    return message is not None and not message.fuzzy and all(forms(message.string))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_the_pages_is_kept_in_every_language(language: str) -> None:
    kept = catalog(language)
    asked = sentences()

    assert len(asked) > 100
    assert [text for text in asked if not is_whole(kept.get(forms(text)[0]))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_fills_in_exactly_what_its_source_does(language: str) -> None:
    for message in catalog(language):
        if message.id:
            wanted = set().union(*map(names, forms(message.id)))
            assert [names(form) for form in forms(message.string)] == [wanted] * len(
                forms(message.string)
            ), message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_catalog_keeps_what_nobody_says(language: str) -> None:
    said = {forms(text)[0] for text in sentences() | every_refusal()}
    assert [message.id for message in catalog(language) if forms(message.id)[0] not in said] == [""]


@pytest.mark.parametrize(
    ("number", "sentence"),
    [(1, "1 zamówienie"), (3, "3 zamówienia"), (5, "5 zamówień"), (22, "22 zamówienia")],
)
def test_a_number_takes_the_form_that_its_language_gives_it(number: int, sentence: str) -> None:
    said = translate("pl").plural("{number} order", "{number} orders", number, number=number)
    assert said == sentence


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("pl,en;q=0.8", "pl"),
        ("en;q=0.3, az;q=0.9", "az"),
        ("sr", "sr-Latn"),
        ("sr-Cyrl-RS", "sr-Cyrl"),
        ("de-DE, fr;q=0.9", "en"),
        ("pl;q=0, az", "az"),
        ("pl;q=often, az", "az"),
        ("*", "en"),
        ("", "en"),
    ],
)
def test_the_browser_is_answered_in_the_language_it_wants_most(header: str, language: str) -> None:
    assert choose(cookie=None, account=None, accept=header) == language


def test_a_choice_on_this_device_counts_before_the_account_and_the_account_before_the_browser() -> (
    None
):
    assert choose(cookie="az", account="pl", accept="sr") == "az"
    assert choose(cookie=None, account="pl", accept="sr") == "pl"
    assert choose(cookie="tlh", account=None, accept="sr") == "sr-Latn"


def test_a_refusal_is_said_in_the_readers_language() -> None:
    refused = NotFound("order", "10418")
    assert translate("pl")(refused.template, **refused.data) == "Nie ma: order 10418."


def test_a_sentence_that_no_catalog_has_is_said_in_english() -> None:
    assert translate("pl")("{name} is on strike.", name="The robot") == "The robot is on strike."
