"""A spreadsheet that opens our export runs nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charsu.kernel.intake import looks_like_formula, plain_cell, safe_cell

DANGEROUS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1+1", "-x"]
HARMLESS = ["", "plain", "-5", "-12.50", "-1.234,56", "a=b", "it's", "'quoted'"]
TELEPHONES = ["-5", "+48 600 100 200", "-", "+381 (11) 123-456", "plain", "'=x"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_formula_goes_out_behind_an_apostrophe(text):
    assert safe_cell(text) == "'" + text


@pytest.mark.parametrize("text", HARMLESS)
def test_what_no_spreadsheet_runs_goes_out_as_it_is(text):
    assert safe_cell(text) == text


@settings(deadline=None)
@given(st.text("'=+-@\t\ra1 ", max_size=6) | st.text(max_size=6))
def test_what_went_out_comes_back(text):
    assert plain_cell(safe_cell(text)) == text


@settings(deadline=None)
@given(st.text(alphabet="=+-@\t\r\n'ab12", max_size=6))
def test_nothing_leaves_that_begins_like_a_formula_but_negative_numbers(text):
    written = safe_cell(text)
    assert written[:1] not in set("=+@\t\r\n")
    assert not written.startswith("-") or written[1:].isdigit()


@pytest.mark.parametrize("text", TELEPHONES)
def test_numbers_and_telephones_are_no_formulas(text):
    assert not looks_like_formula(text)


@pytest.mark.parametrize("text", ["=1+1", "@x", "-2+cmd", "+HYPERLINK()"])
def test_formulas_are_noticed(text):
    assert looks_like_formula(text)
