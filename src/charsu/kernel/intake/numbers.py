"""Numbers as people write them: 1,234.56 and 1.234,56 and 1 234,56.

A number is read in every way its marks allow. One way left is its meaning; two are refused, unless
the decimal mark of the column is known. 1,234 alone may be a thousand or a little more than one,
and a shop does not guess about that.
"""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, Literal

from . import problems
from .problems import BadCell, shown

Mark = Literal[".", ","]

LONGEST = 40
WHOLE_DIGITS, PLACES = 18, 20  # what fits a bigint, and more places than any price has
SPACES = " \u00a0\u2007\u2009\u202f"
_CLEAR = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,2})?")
_PLAIN = re.compile(r"([0-9]*)(?:([.,])([0-9]+))?")
_GROUPED = re.compile(
    rf"([1-9][0-9]{{0,2}}(?:([.,'’{SPACES}])[0-9]{{3}})(?:\2[0-9]{{3}})*)(?:([.,])([0-9]+))?"
)
_NOT_DIGITS = re.compile(r"[^0-9]")
_SIGNS = str.maketrans({"\u2212": "-", "\u2013": "-"})


def number_of(value: Any, mark: Mark | None = None) -> Decimal:
    """The exact number that a cell says; ``mark`` is the decimal mark of its column, if known.

    Floats count as what they print. Raises BadCell.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise BadCell(problems.NOT_A_NUMBER, value=shown(value))
    if isinstance(value, str):
        return _bounded(_written(value.strip(), mark), value)
    return _bounded(Decimal(str(value)), value)


def mark_of(value: Any) -> Mark | None:
    """The decimal mark that this cell proves, if it proves any."""
    if not isinstance(value, str) or len(value) > LONGEST:
        return None
    if _CLEAR.fullmatch(value):
        return "." if "." in value else None
    meanings = list(_meanings(_unsigned(value.strip())[1]))
    return meanings[0][1] if len(meanings) == 1 else None


def agreed(marks: Iterable[Mark]) -> Mark | None:
    """The one mark, where there is only one."""
    found = set(marks)
    return found.pop() if len(found) == 1 else None


def _written(text: str, mark: Mark | None) -> Decimal:
    if mark != "," and _CLEAR.fullmatch(text):
        return Decimal(text)  # most cells, without asking what else they might mean
    if any(c.isdecimal() and not c.isascii() for c in text[:LONGEST]):
        raise BadCell(problems.FOREIGN_DIGITS, value=shown(text))
    sign, unsigned = _unsigned(text)
    meanings = list(_meanings(unsigned)) if len(text) <= LONGEST else []
    if not meanings:
        raise BadCell(problems.NOT_A_NUMBER, value=shown(text))
    fitting = {number for number, implied in meanings if mark in (None, implied) or not implied}
    if not fitting:
        raise BadCell(problems.OTHER_DECIMAL_MARK, value=shown(text), mark=str(mark))
    if len(fitting) > 1:
        small, large = sorted(fitting)
        raise BadCell(
            problems.AMBIGUOUS_NUMBER, value=shown(text), small=str(small), large=str(large)
        )
    return fitting.pop() * sign


def _unsigned(text: str) -> tuple[int, str]:
    text = text.translate(_SIGNS)
    if text.startswith(("-", "+")):
        return (-1 if text[0] == "-" else 1), text[1:].lstrip(SPACES)
    return 1, text


def _meanings(text: str) -> Iterator[tuple[Decimal, Mark | None]]:
    """Every number that the marks allow, with the decimal mark it takes for granted."""
    if (plain := _PLAIN.fullmatch(text)) and text:
        whole, mark, places = plain.groups()
        yield Decimal(f"{whole or 0}.{places or 0}" if mark else whole), _as_mark(mark)
    if grouped := _GROUPED.fullmatch(text):
        whole, group, mark, places = grouped.groups()
        if group != mark:
            digits = _NOT_DIGITS.sub("", whole)
            yield Decimal(f"{digits}.{places}" if mark else digits), _implied(group, mark)


def _implied(group: str, mark: str | None) -> Mark | None:
    if mark:
        return _as_mark(mark)
    return {",": ".", ".": ","}.get(group)  # type: ignore[return-value]


def _as_mark(mark: str | None) -> Mark | None:
    return mark  # type: ignore[return-value]  # the patterns let nothing else through


def _bounded(number: Decimal, value: object) -> Decimal:
    """Refuse what would not fit or take for ever to write out, such as 1e999999."""
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -PLACES or number.adjusted() >= WHOLE_DIGITS:
        raise BadCell(problems.NOT_A_NUMBER, value=shown(value))
    return number
