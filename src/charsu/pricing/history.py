"""The price of one variant through time: which one holds, and which one the law calls prior."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

PRIOR_PRICE_PERIOD = timedelta(days=30)


class PriceSpan(Struct, frozen=True, kw_only=True):
    """One price and the time it was set for.

    A span with an end is an offer. ``amount_minor`` None says that the variant is not for sale.
    """

    amount_minor: int | None
    valid_from: datetime
    valid_until: datetime | None = None

    def covers(self, at: datetime) -> bool:
        """Whether it was set for this instant; the end is the first instant after it."""
        return self.valid_from <= at and (self.valid_until is None or at < self.valid_until)


def span_at(spans: Sequence[PriceSpan], at: datetime) -> PriceSpan | None:
    """The span in force: an offer before the standing price, and of each kind the latest begun."""
    covering = [span for span in spans if span.covers(at)]
    return max(covering, key=lambda s: (s.valid_until is not None, s.valid_from), default=None)


def price_at(spans: Sequence[PriceSpan], at: datetime) -> int | None:
    """The amount in force at this instant; None where there is none."""
    span = span_at(spans, at)
    return None if span is None else span.amount_minor


def prior_price(spans: Sequence[PriceSpan], at: datetime) -> int | None:
    """The lowest price of the 30 days before the price in force was reduced; None if it was not.

    It must be shown with every announced reduction.
    Source: Directive 98/6/EC, article 6a (2), as amended by Directive (EU) 2019/2161.
    """
    steps = _steps(spans, at)
    if len(steps) < 2:
        return None
    (_, last), (since, current) = steps[-2:]
    if current is None or last is None or last <= current:
        return None
    shown = zip((amount for _, amount in steps), (start for start, _ in steps[1:]), strict=False)
    window = since - PRIOR_PRICE_PERIOD
    return min(amount for amount, end in shown if amount is not None and end > window)


def _steps(spans: Sequence[PriceSpan], at: datetime) -> list[tuple[datetime, int | None]]:
    """Each instant up to ``at`` where the price became another, with the price from then on."""
    begun = {span.valid_from for span in spans}
    ended = {span.valid_until for span in spans if span.valid_until is not None}
    steps: list[tuple[datetime, int | None]] = []
    for instant in sorted(begun | ended):
        amount = price_at(spans, instant)
        if instant <= at and (not steps or steps[-1][1] != amount):
            steps.append((instant, amount))
    return steps
