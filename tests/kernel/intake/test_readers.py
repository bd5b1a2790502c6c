"""Cells become values, or say why not."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from charsu.kernel.intake import BadCell, code, day, decimal, moment, one_of, text, whole, yes_or_no

BELGRADE = ZoneInfo("Europe/Belgrade")


def refusal(reader, value, mark=None):
    with pytest.raises(BadCell) as refused:
        reader.read(value, mark)
    assert refused.value.found_at(1).sentence()
    assert refused.value.found_at(1).advice()
    return refused.value.reason.code


def test_text_is_trimmed_and_composed():
    assert text(max=9).read(" s\u030col\u030cja\u00a0", None) == "šoľja"
    assert text(max=9).read("a\n\tb", None) == "a\n\tb"
    assert text(max=9).read("'=1+1", None) == "=1+1"
    assert text(max=9).read(Decimal("1.50"), None) == "1.50"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("x" * 10, "too_long"),
        ("a\x07", "control_character"),
        (True, "not_text"),
        (["x"], "not_text"),
        ({"a": 1}, "not_text"),
    ],
)
def test_what_is_no_text_for_people_is_refused(value, reason):
    assert refusal(text(max=9), value) == reason


def test_codes_keep_leading_zeros_and_lose_spreadsheet_marks():
    reader = code(max=20)
    assert reader.read("00123", None) == "00123"
    assert reader.read("'00123", None) == "00123"
    assert reader.read(17850.0, None) == "17850"
    assert reader.read(17850, None) == "17850"


@pytest.mark.parametrize("value", ["8.60E+12", "8,6e+12", "1E+05"])
def test_a_code_that_a_spreadsheet_rounded_is_refused(value):
    assert refusal(code(max=20), value) == "shortened_code"


def test_a_code_stands_on_one_line():
    assert refusal(code(max=20), "a\nb") == "control_character"


def test_whole_numbers_may_carry_empty_decimals():
    assert whole().read("12.0", ".") == 12
    assert whole().read(3.0, None) == 3
    assert refusal(whole(), "12.5") == "not_whole"
    assert refusal(whole(least=0), "-1") == "too_small"
    assert refusal(whole(most=9), "10") == "too_large"


def test_decimals_have_so_many_places_and_no_more():
    reader = decimal(places=2)
    assert reader.read("12.5000", None) == Decimal("12.5")
    assert reader.read(19.99, None) == Decimal("19.99")
    assert refusal(reader, "1.2345") == "too_many_places"
    assert refusal(reader, 0.1 + 0.2) == "too_many_places"


def test_days_are_iso_or_of_a_pattern_that_was_given():
    assert day().read("2026-11-23", None) == date(2026, 11, 23)
    assert day(patterns=["%d.%m.%Y"]).read("23.11.2026", None) == date(2026, 11, 23)
    assert day().read(datetime(2026, 11, 23, 5, tzinfo=UTC), None) == date(2026, 11, 23)
    for value in ["23.11.2026", "01/02/2026", "2026-02-30", "45000", "２０２６-01-01", 7]:
        assert refusal(day(), value) == "not_a_day"


def test_moments_are_kept_in_utc():
    at = datetime(2026, 7, 1, 10, 30, tzinfo=UTC)
    for written in ["2026-07-01T10:30:00Z", "2026-07-01 12:30+02:00", "2026-07-01T10:30+00:00"]:
        assert moment().read(written, None) == at
    assert moment(zone=BELGRADE).read("2026-07-01 12:30", None) == at
    assert moment(zone=BELGRADE).read(datetime(2026, 7, 1, 12, 30), None) == at  # noqa: DTZ001
    assert moment().read(at.astimezone(timezone(timedelta(hours=5))), None) == at
    assert moment().read(at, None).tzinfo is UTC


def test_local_time_needs_a_zone_in_which_it_existed():
    assert refusal(moment(), "2026-07-01 12:30") == "zone_missing"
    assert refusal(moment(zone=BELGRADE), "2026-03-29 02:30") == "no_such_time"
    assert refusal(moment(), "01.07.2026 12:30") == "not_a_moment"
    assert refusal(moment(), "2026-13-01T00:00Z") == "not_a_moment"
    assert refusal(moment(), "0001-01-01T00:00:00+05:00") == "not_a_moment"


def test_of_an_hour_that_comes_twice_the_first_is_meant():
    found = moment(zone=BELGRADE).read("2026-10-25 02:30", None)

    assert found == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("word", ["TRUE", "yes", "1", "da", "Tak", "bəli", 1, True])
def test_yes_is_understood(word):
    assert yes_or_no().read(word, None) is True


@pytest.mark.parametrize("word", ["false", "No", "0", "ne", "nie", "xeyr", 0, False])
def test_no_is_understood(word):
    assert yes_or_no().read(word, None) is False


def test_anything_else_is_neither():
    assert refusal(yes_or_no(), "maybe") == "not_yes_or_no"


def test_one_of_some_words_stands_for_its_value():
    reader = one_of({"Aktivan": "active", "draft": "draft"})
    assert reader.read(" AKTIVAN ", None) == "active"
    assert refusal(reader, "gone") == "not_one_of"
