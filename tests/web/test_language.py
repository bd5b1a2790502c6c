"""Sentences in the reader's language."""

import pytest

from charsu.kernel import NotFound
from charsu.web import choose, translate


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
    assert translate("pl")(refused.template, **refused.data) == "Nie ma: zamówienie 10418."


def test_a_sentence_that_no_catalog_has_is_said_in_english() -> None:
    assert translate("pl")("{name} is on strike.", name="The robot") == "The robot is on strike."
