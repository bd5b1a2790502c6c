"""Which price holds when, told once more by looking at each hour."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from charsu.pricing import PriceSpan, price_at, prior_price

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAYS = 60


@st.composite
def histories(draw: st.DrawFn) -> list[PriceSpan]:
    """Spans of which no two of a kind begin together, with edges on whole days."""
    starts = draw(st.lists(st.integers(0, DAYS - 1), max_size=6, unique=True))
    spans = []
    for day in starts:
        length = draw(st.none() | st.integers(1, 20))
        begin = START + timedelta(days=day)
        amount = st.integers(1, 9) if length else st.none() | st.integers(1, 9)
        spans.append(
            PriceSpan(
                amount_minor=draw(amount),
                valid_from=begin,
                valid_until=length and begin + timedelta(days=length),
            )
        )
    return spans


def told_by_days(spans: list[PriceSpan]) -> list[int | None]:
    """The price of each day, written down day by day: standing prices first, offers over them."""
    days: list[int | None] = [None] * DAYS
    for of_offers in (False, True):
        for span in sorted(spans, key=lambda span: span.valid_from):
            first = (span.valid_from - START).days
            last = (span.valid_until - START).days if span.valid_until else DAYS
            if (span.valid_until is not None) == of_offers:
                days[first:last] = [span.amount_minor] * len(days[first:last])
    return days


@given(histories(), st.integers(0, DAYS - 1))
def test_the_latest_offer_holds_and_else_the_latest_standing_price(
    spans: list[PriceSpan], day: int
) -> None:
    assert price_at(spans, START + timedelta(days=day) + HOUR) == told_by_days(spans)[day]


@given(histories(), st.integers(0, DAYS - 1))
def test_the_prior_price_is_the_lowest_of_the_thirty_days_before_the_reduction(
    spans: list[PriceSpan], day: int
) -> None:
    days = told_by_days(spans)
    begun = day
    while begun > 0 and days[begun - 1] == days[day]:
        begun -= 1
    before, now = days[begun - 1] if begun else None, days[day]
    is_reduced = before is not None and now is not None and before > now
    month = [shown for shown in days[max(0, begun - 30) : begun] if shown is not None]
    lowest = min(month) if is_reduced else None

    assert prior_price(spans, START + timedelta(days=day) + HOUR) == lowest
