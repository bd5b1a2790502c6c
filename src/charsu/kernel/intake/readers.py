"""How a cell becomes a value. Each reader takes text, or what JSON and Parquet have typed already.

A reader is never asked about an empty cell. It raises BadCell with the reason and the mend.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Generic, Literal, TypeVar
from zoneinfo import ZoneInfo

from msgspec import Struct

from . import problems
from .cells import plain_cell
from .numbers import Mark, number_of
from .problems import BadCell, shown

T_co = TypeVar("T_co", covariant=True)

YES = frozenset(["true", "yes", "y", "1", "on", "da", "tak", "bəli", "beli", "да"])
NO = frozenset(["false", "no", "n", "0", "off", "ne", "nie", "xeyr", "не"])
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ROUNDED = re.compile(r"[0-9][.,]?[0-9]*E\+[0-9]{2,}", re.IGNORECASE)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}[0-9:.,+-]*Z?")


class Reader(Struct, Generic[T_co], frozen=True):
    """Makes a value of a cell, knowing the decimal mark of its column where that is known."""

    kind: Literal["text", "number", "other"]
    read: Callable[[Any, Mark | None], T_co]


def is_empty(value: Any) -> bool:
    """No value: nothing, blanks only, or the not-a-number by which tables say nothing."""
    if isinstance(value, str):
        return not value or value.isspace()
    return value is None or (isinstance(value, float) and math.isnan(value))


def text(*, max: int) -> Reader[str]:
    """Text for people, trimmed, in composed form (NFC); line ends and tabs may stay inside."""

    def read(value: Any, _mark: Mark | None) -> str:
        return _limited(_string(value), max)

    return Reader("text", read)


def code(*, max: int) -> Reader[str]:
    """A code on one line, such as a SKU or barcode: never what a spreadsheet has rounded."""

    def read(value: Any, _mark: Mark | None) -> str:
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # tables with gaps keep whole numbers as floats
        found = _string(value)
        if _ROUNDED.fullmatch(found):
            raise BadCell(problems.SHORTENED_CODE, value=shown(found))
        if not found.isprintable():
            raise BadCell(problems.CONTROL_CHARACTER, value=shown(found))
        return _limited(re.sub(r"^'(?=[0-9])", "", found), max)

    return Reader("text", read)


def decimal(
    *,
    places: int | None = None,
    least: Decimal | int | None = None,
    most: Decimal | int | None = None,
) -> Reader[Decimal]:
    """An exact number with at most so many decimal places, between bounds (both included)."""

    def read(value: Any, mark: Mark | None) -> Decimal:
        number = number_of(value, mark)
        if places is not None and number != round(number, places):
            raise BadCell(problems.TOO_MANY_PLACES, value=shown(value), places=places)
        return _within(number, least, most)

    return Reader("number", read)


def whole(*, least: int | None = None, most: int | None = None) -> Reader[int]:
    """A whole number between bounds (both included)."""

    def read(value: Any, mark: Mark | None) -> int:
        number = number_of(value, mark)
        if number != int(number):
            raise BadCell(problems.NOT_WHOLE, value=shown(value))
        return int(_within(number, least, most))

    return Reader("number", read)


def day(*, patterns: Sequence[str] = ()) -> Reader[date]:
    """A calendar day in ISO 8601, or in one of the given patterns of ``strptime``."""

    def read(value: Any, _mark: Mark | None) -> date:
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        if isinstance(value, str) and (parsed := _parsed(value.strip(), _DAY, patterns)):
            return parsed.date()
        raise BadCell(problems.NOT_A_DAY, value=shown(value))

    return Reader("other", read)


def moment(*, zone: ZoneInfo | None = None, patterns: Sequence[str] = ()) -> Reader[datetime]:
    """An instant, in UTC: ISO 8601 with an offset, or local time of the given zone.

    Of an hour that the clocks repeat in autumn the first is meant; one that they skip in spring is
    refused.
    """

    def read(value: Any, _mark: Mark | None) -> datetime:
        found = value if isinstance(value, datetime) else None
        if isinstance(value, str):
            found = _parsed(value.strip(), _MOMENT, patterns)
        if found is None:
            raise BadCell(problems.NOT_A_MOMENT, value=shown(value))
        return _in_utc(found, zone)

    return Reader("other", read)


def yes_or_no() -> Reader[bool]:
    """Yes or no, in the languages of the product."""

    def read(value: Any, _mark: Mark | None) -> bool:
        word = str(value).strip().casefold()
        if word in YES:
            return True
        if word in NO:
            return False
        raise BadCell(problems.NOT_YES_OR_NO, value=shown(value))

    return Reader("other", read)


def one_of(words: Mapping[str, str]) -> Reader[str]:
    """One of these words, in any case; each stands for the value it maps to."""
    meanings = {word.casefold(): meaning for word, meaning in words.items()}

    def read(value: Any, _mark: Mark | None) -> str:
        try:
            return meanings[str(value).strip().casefold()]
        except KeyError:
            allowed = ", ".join(words)
            raise BadCell(problems.NOT_ONE_OF, value=shown(value), allowed=allowed) from None

    return Reader("other", read)


def _string(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise BadCell(problems.NOT_TEXT, value=shown(value))
    found = plain_cell(str(value).strip())
    if _CONTROL.search(found):
        raise BadCell(problems.CONTROL_CHARACTER, value=shown(found))
    return found if found.isascii() else unicodedata.normalize("NFC", found)


def _limited(found: str, limit: int) -> str:
    if len(found) > limit:
        raise BadCell(problems.TOO_LONG, length=len(found), limit=limit)
    return found


def _within(number: Decimal, least: Decimal | int | None, most: Decimal | int | None) -> Decimal:
    if least is not None and number < least:
        raise BadCell(problems.TOO_SMALL, value=str(number), limit=str(least))
    if most is not None and number > most:
        raise BadCell(problems.TOO_LARGE, value=str(number), limit=str(most))
    return number


def _parsed(written: str, iso: re.Pattern[str], patterns: Sequence[str]) -> datetime | None:
    if iso.fullmatch(written):
        try:
            return datetime.fromisoformat(written)
        except ValueError:
            return None
    for pattern in patterns:
        try:
            return datetime.strptime(written, pattern)  # noqa: DTZ007  # the zone comes after
        except ValueError:
            continue
    return None


def _in_utc(found: datetime, zone: ZoneInfo | None) -> datetime:
    try:
        if found.tzinfo is not None:
            return found.astimezone(UTC)
        if zone is None:
            raise BadCell(problems.ZONE_MISSING, value=shown(found))
        instant = found.replace(tzinfo=zone).astimezone(UTC)
        if instant.astimezone(zone).replace(tzinfo=None) != found:
            raise BadCell(problems.NO_SUCH_TIME, value=shown(found), zone=zone.key)
    except OverflowError:
        raise BadCell(problems.NOT_A_MOMENT, value=shown(found)) from None
    return instant
