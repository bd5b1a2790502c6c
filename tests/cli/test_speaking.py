"""The command line in the language of whoever types."""

import csv
import json
from pathlib import Path

import pytest

from charsu.cli.speaking import language_of

from .conftest import Run

pytestmark = pytest.mark.slow

SHEET = "handle,title,sku,price\nmug,Mug,MUG,12.50\ncup,Cup,CUP,a lot\n"


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "pl_PL.UTF-8"}, "pl"),
        ({"LANG": "az_AZ"}, "az"),
        ({"LANG": "sr_RS.UTF-8"}, "sr-Cyrl"),
        ({"LANG": "sr_RS.UTF-8@latin"}, "sr-Latn"),
        ({"LANG": "sr_RS@latin"}, "sr-Latn"),
        ({"LANG": "sr_Latn_RS"}, "sr-Latn"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LC_MESSAGES": "pl_PL", "LANG": "az_AZ"}, "pl"),
        ({"LC_ALL": "C", "LC_MESSAGES": "pl_PL"}, "en"),
        ({"LC_ALL": "", "LANG": "pl_PL"}, "pl"),
        ({"CHARSU_LANGUAGE": "sr-Latn", "LC_ALL": "pl_PL"}, "sr-Latn"),
        ({"CHARSU_LANGUAGE": "sr", "LC_ALL": "pl_PL"}, "sr-Latn"),
        ({"CHARSU_LANGUAGE": "tlh", "LANG": "pl_PL"}, "pl"),
    ],
    ids=lambda value: value if isinstance(value, str) else "+".join(value) or "nothing",
)
def test_our_variable_decides_then_the_locale(environment: dict[str, str], language: str) -> None:
    assert language_of(environment) == language


@pytest.mark.parametrize(
    ("language", "heading", "what"),
    [
        ("sr-Latn", "Opcije", "Dokazuje da je tačno"),
        ("sr-Cyrl", "Опције", "Доказује да је тачно"),
        ("pl", "Opcje", "Dowodzi, że prawdą jest"),
        ("az", "Seçimlər", "sübut edir"),
    ],
    ids=["sr-Latn", "sr-Cyrl", "pl", "az"],
)
def test_help_is_in_the_language_of_whoever_types(
    charsu: Run, language: str, heading: str, what: str
) -> None:
    shown = charsu("check", "--help", CHARSU_LANGUAGE=language).stdout
    assert heading in shown
    assert what in shown
    assert "Show this message" not in shown


def test_options_that_operations_make_are_told_in_the_language(charsu: Run) -> None:
    shown = charsu("stock", "receive", "--help", CHARSU_LANGUAGE="pl").stdout
    assert "JSON albo @FILE [wymagane]" in shown
    assert "tekst (opcjonalnie)" in shown


def test_a_refusal_keeps_its_code_and_says_its_sentence_in_the_language(
    charsu: Run, tmp_path: Path
) -> None:
    refused = charsu("check", "--data", tmp_path / "shop", CHARSU_LANGUAGE="pl")
    assert refused.stderr.startswith("shop_missing W ")
    assert "nie ma sklepu" in refused.stderr


def test_the_kind_of_thing_that_is_missing_is_named_in_the_language(
    folder: Path, charsu: Run
) -> None:
    words = ("orders", "read", "--order-id", "01890000-0000-7000-8000-000000000000")
    refused = charsu(*words, "--data", folder, CHARSU_LANGUAGE="pl")
    assert refused.stderr.startswith("not_found Nie ma: zamówienie 01890000")


def test_check_says_its_sentences_in_the_language_and_json_stays_as_it_is(
    folder: Path, charsu: Run
) -> None:
    told = charsu("check", "--data", folder, CHARSU_LANGUAGE="sr-Cyrl").stdout
    written = charsu("check", "--json", "--data", folder, CHARSU_LANGUAGE="sr-Cyrl").stdout

    assert "Свака промена корпе има своју чињеницу." in told
    assert "Every change of a cart has its fact." in [
        one["sentence"] for one in json.loads(written)
    ]


def test_an_import_tells_field_reason_and_mending_in_the_language(
    folder: Path, tmp_path: Path, charsu: Run
) -> None:
    sheet, problems = tmp_path / "mugs.csv", tmp_path / "problems.csv"
    sheet.write_text(SHEET)

    done = charsu(
        *("import", "products", sheet, "--dry-run", "--problems", problems, "--data", folder),
        CHARSU_LANGUAGE="pl",
    )

    assert "wiersz 3, price: To nie jest liczba: a lot." in done.stdout, done.stderr
    assert "2 wiersze: zapisano by 1, zgłoszono 1." in done.stdout
    header, row = csv.reader(problems.read_text("utf-8-sig").splitlines())
    assert header == ["wiersz pliku", "pole", "powód", "co jest nie tak", "jak to poprawić"]
    assert row[1:3] == ["price", "not_a_number"]
