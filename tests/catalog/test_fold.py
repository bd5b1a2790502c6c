"""One plain spelling for what people type and what products are called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charsu.catalog import fold
from charsu.catalog.search.words import (
    compounds_of,
    shapes_of,
    shapes_typed,
    slips,
    stem,
    words_of,
)

LATIN = "a b v g d đ e ž z i j k l lj m n nj o p r s t ć u f h c č dž š"
LATIN_OF = dict(zip("абвгдђежзијклљмнњопрстћуфхцчџш", LATIN.split(" "), strict=True))
SERBIAN = st.text(alphabet=list(LATIN_OF), max_size=20)
WORD = st.text(alphabet="abcdefgh", min_size=4, max_size=12)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("ЏЕМПЕР", "dzemper"),
        ("Ǆemper", "dzemper"),
        ("Đorđe", "dorde"),
        ("djordje", "dorde"),
        ("İstanbul", "istanbul"),
        ("IŞIQ", "isiq"),
        ("ışıq", "isiq"),
        ("Səhər köynəyi", "seher koyneyi"),
        ("ŻÓŁTA ŁÓDŹ", "zolta lodz"),
        ("Straße", "strasse"),
        ("Men’s", "mens"),
        ("ＴＥＡ", "tea"),
    ],
)
def test_marks_scripts_and_case_do_not_count(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(SERBIAN)
def test_serbian_cyrillic_and_latin_fold_alike(cyrillic: str) -> None:
    latin = "".join(LATIN_OF[letter] for letter in cyrillic)

    assert fold(cyrillic) == fold(latin) == fold(cyrillic.upper()) == fold(latin.upper())


@given(st.text(max_size=50))
def test_folding_what_is_folded_changes_nothing(text: str) -> None:
    once = words_of(text)

    assert words_of(" ".join(once)) == once


def test_letters_and_digits_part_and_decimals_stay() -> None:
    assert words_of("1,5L milk 12oz B12") == ("1.5", "l", "milk", "12", "oz", "b", "12")


def test_hyphenated_words_are_known_as_one_word_too() -> None:
    assert compounds_of("T-Shirt by Coca-Cola") == ["tshirt", "cocacola"]


@pytest.mark.parametrize(
    ("one", "many"),
    [("tomato", "tomatoes"), ("haljina", "haljine"), ("sukienka", "sukienki"), ("beer", "beers")],
)
def test_number_and_case_endings_are_one_stem(one: str, many: str) -> None:
    assert stem(one).startswith(stem(many)) or stem(many).startswith(stem(one))


@given(WORD, st.integers(0, 11), st.sampled_from(["swap", "drop", "double", "replace"]))
def test_one_slip_is_one_slip_and_leaves_a_shape_in_common(
    word: str, place: int, kind: str
) -> None:
    at = place % (len(word) - 1)
    slipped = {
        "swap": word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        "drop": word[:at] + word[at + 1 :],
        "double": word[: at + 1] + word[at:],
        "replace": word[:at] + "z" + word[at + 1 :],
    }[kind]

    assert slips(slipped, word) == slips(word, slipped) == (slipped != word)
    assert shapes_typed(slipped) & shapes_of(word)
