"""Numbers, money and times as the reader's language writes them, in the reader's time zone."""

import re
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import (
    format_date,
    format_datetime,
    format_skeleton,
    format_time,
    format_timedelta,
)
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_name

from charsu.kernel import Money

Grain = Literal["hour", "day", "week", "month"]

_SHORT_BUCKET = {"day": "MMMd", "week": "MMMd", "month": "MMM"}
_LONG_BUCKET = {"day": "MMMEd", "week": "yMMMd", "month": "yMMMM"}

# CLDR parts a currency written in letters from its number; Babel leaves that out.
_BETWEEN_LETTER_AND_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)")


class Formats:
    """How one reader sees values. Instants are UTC with their zone; they are shown in ``zone``."""

    def __init__(self, locale: Locale, zone: ZoneInfo) -> None:
        self.locale = locale
        self.zone = zone

    def money(self, amount: Money) -> str:
        """With the currency's sign, and the digits used in daily life there."""
        shown = format_currency(amount.decimal, amount.currency, locale=self.locale)
        return _BETWEEN_LETTER_AND_DIGIT.sub("\N{NO-BREAK SPACE}", shown)

    def amount(self, amount: Money) -> str:
        """Without the sign, for columns headed by the currency."""
        shown = format_currency(amount.decimal, amount.currency, "#,##0.00", locale=self.locale)
        return shown.strip()

    def currency(self, code: str) -> str:
        """The currency's name."""
        return get_currency_name(code, locale=self.locale)

    def number(self, value: int) -> str:
        return format_decimal(value, locale=self.locale)

    def percent(self, ratio: float) -> str:
        """A share or a change; up to one digit after the point."""
        return format_percent(ratio, "#,##0.#%", locale=self.locale)

    def clock(self, at: datetime) -> str:
        """Hours, minutes and seconds."""
        return format_time(at, "medium", tzinfo=self.zone, locale=self.locale)

    def moment(self, at: datetime) -> str:
        """Day and time, for titles."""
        return format_datetime(at, "medium", tzinfo=self.zone, locale=self.locale)

    def day(self, at: datetime) -> str:
        return format_date(at.astimezone(self.zone), "long", locale=self.locale)

    def age(self, span: timedelta) -> str:
        """How long something has lasted, in one unit: "3 hrs", "2 days"."""
        return format_timedelta(
            max(span, timedelta(minutes=1)),
            granularity="minute",
            threshold=1.5,
            format="short",
            locale=self.locale,
        )

    def bucket(self, start: datetime, grain: Grain, *, long: bool = False) -> str:
        """Where a stretch of time begins, short for an axis or long for a sentence."""
        if grain == "hour":
            return format_time(start, "short", tzinfo=self.zone, locale=self.locale)
        skeleton = (_LONG_BUCKET if long else _SHORT_BUCKET)[grain]
        return format_skeleton(skeleton, start, tzinfo=self.zone, locale=self.locale)
