"""12,50 is twelve and a half; 1,234 is nobody knows what."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charsu.kernel.intake import BadCell, number_of
from charsu.kernel.intake.numbers import mark_of


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", "0"),
        ("-12.50", "-12.50"),
        ("+7", "7"),
        ("12,50", "12.50"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1 234,56", "1234.56"),
        ("1\u00a0234,56", "1234.56"),
        ("1\u202f234\u202f567", "1234567"),
        ("1'234'567.89", "1234567.89"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("1 234,567", "1234.567"),
        ("0,125", "0.125"),
        ("0.125", "0.125"),
        ("1234,567", "1234.567"),
        (",5", "0.5"),
        ("\u22125,0", "-5.0"),
        ("- 5", "-5"),
        (" 8 ", "8"),
    ],
)
def test_numbers_are_read_as_they_are_written(text, number):
    assert number_of(text) == Decimal(number)


@pytest.mark.parametrize("text", ["1,234", "1.234", "12.000", "-999,999"])
def test_a_number_with_two_meanings_is_refused_with_both(text):
    with pytest.raises(BadCell) as refused:
        number_of(text)

    assert refused.value.reason.code == "ambiguous_number"
    assert refused.value.data["small"] != refused.value.data["large"]


def test_the_decimal_mark_of_the_column_settles_it():
    assert number_of("1,234", ",") == Decimal("1.234")
    assert number_of("1,234", ".") == 1234
    assert number_of("1.234", ",") == 1234


@pytest.mark.parametrize(("text", "mark"), [("12.50", ","), ("12,5", "."), ("1.234,5", ".")])
def test_a_number_against_the_mark_of_its_column_is_refused(text, mark):
    with pytest.raises(BadCell) as refused:
        number_of(text, mark)

    assert refused.value.reason.code == "other_decimal_mark"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_a_number"),
        ("-", "not_a_number"),
        ("abc", "not_a_number"),
        ("12 EUR", "not_a_number"),
        ("1e5", "not_a_number"),
        ("=1+1", "not_a_number"),
        ("1,2,3", "not_a_number"),
        ("1,23,456", "not_a_number"),
        ("1.234.56", "not_a_number"),
        ("--5", "not_a_number"),
        ("12.", "not_a_number"),
        ("NaN", "not_a_number"),
        ("Infinity", "not_a_number"),
        ("9" * 19, "not_a_number"),
        ("9" * 5_000, "not_a_number"),
        ("１２", "foreign_digits"),
        ("١٢", "foreign_digits"),
    ],
)
def test_what_is_no_number_is_refused(text, code):
    with pytest.raises(BadCell) as refused:
        number_of(text)

    assert refused.value.reason.code == code


@pytest.mark.parametrize(
    "value", [True, None, [], {}, float("inf"), float("nan"), 1e300, Decimal("1e999999999"), 1e-300]
)
def test_typed_values_that_are_no_amounts_are_refused(value):
    with pytest.raises(BadCell):
        number_of(value)


@pytest.mark.parametrize(
    ("text", "mark"),
    [("12,5", ","), ("12.5", "."), ("1.234.567", ","), ("1,234", None), ("5", None), ("x", None)],
)
def test_a_cell_proves_the_mark_that_it_alone_allows(text, mark):
    assert mark_of(text) == mark


NUMBERS = st.decimals(
    min_value=-(10**12), max_value=10**12, places=2, allow_nan=False, allow_infinity=False
)


@settings(deadline=None)
@given(number=NUMBERS, group=st.sampled_from([",", " ", "\u00a0", "'", ""]))
def test_any_grouping_with_a_point_comes_back(number, group):
    assert number_of(f"{number:,.2f}".replace(",", group)) == number


@settings(deadline=None)
@given(number=NUMBERS, group=st.sampled_from([".", " ", "\u202f", "’", ""]))
def test_any_grouping_with_a_comma_comes_back(number, group):
    written = f"{number:,.2f}".translate(str.maketrans({",": group, ".": ","}))
    assert number_of(written) == number
    assert mark_of(written) == ","


def digits_of(text: str) -> int:
    return int("".join(c for c in text if c.isdigit()))


@settings(deadline=None)
@given(text=st.text("0123456789., '-+eE", max_size=14), mark=st.sampled_from([None, ".", ","]))
def test_no_text_is_read_as_two_numbers_or_crashes(text, mark):
    try:
        number = number_of(text, mark)
    except BadCell as refused:
        assert refused.reason.mend
    else:
        assert digits_of(text) == digits_of(f"{number:f}")
