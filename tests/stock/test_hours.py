"""Deadlines run while the store is open, in its own time zone."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charsu.stock import Opening, after_open_time, is_working_day, last_open_moment
from charsu.stock.model import is_open_at

WEEK = tuple((("09:00", "17:00"),) if day < 6 else () for day in range(7))
STORE = Opening(WEEK, "Europe/Belgrade")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        (utc(2026, 1, 5, 9), 2, utc(2026, 1, 5, 11)),  # Monday at ten, local
        (utc(2026, 1, 5, 15), 2, utc(2026, 1, 6, 9)),  # an hour before it closes
        (utc(2026, 1, 10, 15, 30), 1, utc(2026, 1, 12, 8, 30)),  # Saturday evening, Sunday closed
        (utc(2026, 1, 5, 3), 1, utc(2026, 1, 5, 9)),  # before it opens
        (utc(2026, 3, 28, 15), 2, utc(2026, 3, 30, 8)),  # clocks go forward between
    ],
)
def test_time_runs_only_while_the_store_is_open(
    start: datetime, hours: int, expected: datetime
) -> None:
    assert after_open_time(STORE, start, timedelta(hours=hours)) == expected


def test_a_place_without_hours_is_always_open_and_a_closed_one_is_not_waited_for() -> None:
    start = utc(2026, 1, 4, 23)
    for opening in (Opening((), "UTC"), Opening(((),) * 7, "UTC")):
        assert after_open_time(opening, start, timedelta(hours=2)) == utc(2026, 1, 5, 1)


def test_a_night_shift_ends_on_the_next_day() -> None:
    bar = Opening(((("20:00", "02:00"),),) * 7, "UTC")
    assert after_open_time(bar, utc(2026, 1, 5, 23), timedelta(hours=2)) == utc(2026, 1, 6, 1)
    assert after_open_time(bar, utc(2026, 1, 5, 1), timedelta(hours=2)) == utc(2026, 1, 5, 21)


def test_the_last_moment_to_come_is_before_the_store_closes() -> None:
    assert last_open_moment(STORE, utc(2026, 1, 11, 12)) == utc(2026, 1, 10, 16)  # a Sunday
    assert last_open_moment(STORE, utc(2026, 1, 12, 12)) == utc(2026, 1, 12, 12)


def test_a_working_day_is_one_on_which_the_place_opens() -> None:
    assert is_working_day(STORE, date(2026, 1, 10)) and not is_working_day(STORE, date(2026, 1, 11))
    assert not is_working_day(Opening((), "UTC"), date(2026, 1, 10))


@given(
    after=st.timedeltas(timedelta(), timedelta(days=730)),
    minutes=st.integers(1, 3000),
    more=st.integers(1, 3000),
)
def test_deadlines_fall_into_open_time_and_follow_one_another(
    after: timedelta, minutes: int, more: int
) -> None:
    start = utc(2025, 1, 1) + after
    first = after_open_time(STORE, start, timedelta(minutes=minutes))
    second = after_open_time(STORE, start, timedelta(minutes=minutes + more))

    assert start < first < second
    assert is_open_at(WEEK, "Europe/Belgrade", first - timedelta(microseconds=1))
    assert after_open_time(STORE, first, timedelta(minutes=more)) == second
