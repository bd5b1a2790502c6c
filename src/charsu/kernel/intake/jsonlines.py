"""JSON Lines: one object a line, https://jsonlines.org. Numbers stay exact (Decimal)."""

import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec

from . import problems
from .errors import EmptyFile, UnknownFormat
from .limits import Limits
from .lines import Lines, LineTooLong
from .problems import problem
from .rows import Entry, RawRow
from .unpack import Unpacked

DAMAGED = "\ufffd"

# Strings are decoded as text first, for the line limit counts characters in every encoding.
_DECODER = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)


class JsonLines:
    """One pass over JSON Lines. The columns are those of the first object that can be read."""

    def __init__(self, stream: Unpacked, *, encoding: str, limits: Limits) -> None:
        self._stream = stream
        self._encoding = encoding
        self._limits = limits
        buffered = io.BufferedReader(stream, 1 << 16)
        text = io.TextIOWrapper(buffered, encoding, errors="replace", newline="")
        self._lines = Lines(text, limits)
        self.columns = _first_columns(self._lines.sample())

    @property
    def consumed(self) -> int:
        return self._stream.consumed

    def __iter__(self) -> Iterator[Entry]:
        lines = self._lines
        while True:
            lines.begin_record()
            try:
                text = next(lines)
            except StopIteration:
                return
            except LineTooLong:
                lines.skip_rest_of_line()
                limit = self._limits.line_chars
                yield problem(problems.LINE_TOO_LONG, line=lines.number, limit=limit)
                continue
            if text.strip():
                yield self._row(lines.number, text)

    def _row(self, line: int, text: str) -> Entry:
        if DAMAGED in text:
            return problem(problems.UNDECODABLE, line=line, encoding=self._encoding)
        fields = _object(text)
        if fields is None or len(fields) > self._limits.columns:
            return problem(problems.NOT_JSON, line=line)
        if _holds_nul(fields):
            return problem(problems.NUL_CHARACTER, line=line)
        return RawRow(line, fields)


def _object(text: str) -> dict[str, Any] | None:
    try:
        return _DECODER.decode(text)
    except (msgspec.DecodeError, RecursionError, ArithmeticError, ValueError):
        return None


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_holds_nul(name) or _holds_nul(held) for name, held in value.items())
    return isinstance(value, list) and any(map(_holds_nul, value))


def _first_columns(sample: list[str]) -> tuple[str, ...]:
    """Raises EmptyFile, or UnknownFormat where one JSON value spans the lines."""
    written = [line for line in sample if line.strip()]
    if not written:
        raise EmptyFile
    objects = filter(None, map(_object, written))
    columns = next((tuple(fields) for fields in objects), ())
    if not columns and written[0].lstrip().startswith(("[", "{")):
        raise UnknownFormat("This is JSON, but not one object on each line. Save it as JSON Lines.")
    return columns
