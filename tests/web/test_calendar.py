"""Which instants a period means."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charsu.web import Period
from charsu.web.calendar import INSTANT, stretch

EARLY = datetime(2020, 1, 1, tzinfo=UTC)
BELGRADE = ZoneInfo("Europe/Belgrade")
ZONES = st.sampled_from(
    [
        BELGRADE,
        *map(
            ZoneInfo, ("Asia/Baku", "America/New_York", "Australia/Lord_Howe", "America/Asuncion")
        ),
        *map(ZoneInfo, ("Asia/Kathmandu", "UTC", "Africa/Casablanca")),
    ]
)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BELGRADE).astimezone(UTC)


@pytest.mark.parametrize(
    ("evening", "hours"),
    [(at(2026, 3, 29, 23, 30), 23), (at(2026, 10, 25, 23, 30), 25), (at(2026, 11, 23, 23, 30), 24)],
)
def test_a_day_has_as_many_hours_as_its_zone_says(evening: datetime, hours: int) -> None:
    assert len(stretch(Period.TODAY, now=evening, zone=BELGRADE).starts) == hours


def test_a_day_is_compared_with_yesterday_up_to_the_same_time_on_the_clock() -> None:
    """Yesterday had 23 hours, and its quarter past nine came after 8 of them."""
    days = stretch(Period.TODAY, now=at(2026, 3, 30, 9, 15), zone=BELGRADE)
    assert days.before_start == at(2026, 3, 29)
    assert days.before_end == at(2026, 3, 29, 9, 15) + INSTANT
    assert days.before_end - days.before_start == timedelta(hours=8, minutes=15) + INSTANT


def test_a_year_is_52_whole_weeks_of_which_the_last_goes_on() -> None:
    days = stretch(Period.YEAR, now=at(2026, 11, 23, 12), zone=BELGRADE)
    assert len(days.starts) == 52
    assert days.starts[-1] == at(2026, 11, 23)
    assert {start.astimezone(BELGRADE).weekday() for start in days.starts} == {0}
    assert days.before_end == at(2025, 11, 24, 12) + INSTANT


@given(
    now=st.integers(0, 15 * 366 * 24 * 60).map(lambda minutes: EARLY + timedelta(minutes=minutes)),
    zone=ZONES,
    period=st.sampled_from(list(Period)),
)
def test_a_period_has_no_gaps_and_ends_now(now: datetime, zone: ZoneInfo, period: Period) -> None:
    days = stretch(period, now=now, zone=zone)
    longest = {"hour": timedelta(hours=1), "day": timedelta(hours=25), "week": timedelta(hours=169)}

    assert days.starts[0] == days.start <= now < days.end
    assert now - days.starts[-1] <= longest[days.grain]
    assert all(timedelta() < b - a <= longest[days.grain] for a, b in pairwise(days.starts))
    assert days.before_start < days.before_end <= days.start + timedelta(hours=1)
