"""CSV as the world writes it, in bounded memory, losing no row silently.

The csv module of the standard library splits records, in its strict mode. Around it stands what it
does not promise: lines of bounded length, a quote that never closes costs its own line and not
the rest of the file, and each row has exactly as many cells as the header.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence

from . import problems
from .errors import BrokenHeader, DuplicateColumns, EmptyFile, HeaderTooLong, TooManyColumns
from .limits import Limits
from .lines import Lines, LineTooLong, RecordTooLong
from .problems import Reason, problem
from .rows import Entry, RawRow
from .unpack import Unpacked

DELIMITERS = (",", ";", "\t", "|")
DAMAGED = "\ufffd"
SAID = "sep="  # Excel's way to name the delimiter, in a line before the header


class Delimited:
    """One pass over delimited text: the header at once, then its rows.

    Raises EmptyFile, HeaderTooLong, BrokenHeader, TooManyColumns or DuplicateColumns; while the
    rows are read QuotesUnmatched, and what the stream raises.
    """

    def __init__(
        self, stream: Unpacked, *, encoding: str, delimiter: str | None, limits: Limits
    ) -> None:
        self._stream = stream
        self._encoding = encoding
        self._limits = limits
        buffered = io.BufferedReader(stream, 1 << 16)
        self._lines = Lines(
            io.TextIOWrapper(buffered, encoding, errors="replace", newline=""), limits
        )
        sample = self._lines.sample()
        said = _said_delimiter(sample)
        if said:
            next(self._lines)
        self.delimiter = delimiter or said or sniff_delimiter(sample)
        self._reader = csv.reader(self._lines, delimiter=self.delimiter, strict=True)
        self._header = self._checked(self._read_header())
        self.columns = tuple(name for name in self._header if name)

    @property
    def consumed(self) -> int:
        return self._stream.consumed

    def __iter__(self) -> Iterator[Entry]:
        lines, reader = self._lines, self._reader
        while True:
            lines.begin_record()
            line = lines.number + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except LineTooLong:
                lines.skip_rest_of_line()
                limit = self._limits.line_chars
                yield problem(problems.LINE_TOO_LONG, line=line, limit=limit)
            except (csv.Error, RecordTooLong):
                reason = self._reason()
                lines.give_up_record()
                yield problem(reason, line=line, limit=self._limits.cell_chars)
            else:
                whole = "".join(cells)
                if whole and not whole.isspace():
                    yield self._row(line, cells, whole)

    def _row(self, line: int, cells: list[str], whole: str) -> Entry:
        header = self._header
        while len(cells) > len(header) and not cells[-1].strip():
            cells.pop()
        if len(cells) != len(header):
            found, wanted = len(cells), len(header)
            return problem(problems.WRONG_CELL_COUNT, line=line, found=found, wanted=wanted)
        if "\0" in whole:
            return problem(problems.NUL_CHARACTER, line=line)
        if DAMAGED in whole:
            return problem(problems.UNDECODABLE, line=line, encoding=self._encoding)
        fields = dict(zip(header, cells, strict=True))
        fields.pop("", None)  # a column without a name
        return RawRow(line, fields)

    def _reason(self) -> Reason:
        """Why the record just tried is none; its first line, closed by force, tells."""
        first = self._lines.record[0]
        if self._splits(first + '"'):
            return problems.QUOTE_OPEN
        if len(first) > self._limits.cell_chars and self._cell_is_too_long(first):
            return problems.CELL_TOO_LONG
        return problems.QUOTE_INSIDE

    def _splits(self, line: str) -> bool:
        try:
            list(csv.reader([line], delimiter=self.delimiter, strict=True))
        except csv.Error:
            return False
        return True

    def _cell_is_too_long(self, line: str) -> bool:
        """Without strictness only a cell's length can still be wrong."""
        try:
            list(csv.reader([line], delimiter=self.delimiter))
        except csv.Error:
            return True
        return False

    def _read_header(self) -> list[str]:
        while True:
            self._lines.begin_record()
            try:
                cells = next(self._reader)
            except StopIteration:
                raise EmptyFile from None
            except LineTooLong as error:
                raise HeaderTooLong(self._limits.line_chars) from error
            except (csv.Error, RecordTooLong) as error:
                raise BrokenHeader from error
            if any(cell.strip() for cell in cells):
                return [" ".join(cell.split()) for cell in cells]

    def _checked(self, names: list[str]) -> list[str]:
        while not names[-1]:
            names.pop()
        if len(names) > self._limits.columns:
            raise TooManyColumns(len(names), self._limits.columns)
        seen = Counter(name.casefold() for name in names if name)
        if twice := [name for name, times in seen.items() if times > 1]:
            raise DuplicateColumns(twice)
        return names


def sniff_delimiter(sample: Sequence[str]) -> str:
    """The delimiter that cuts the sample's records into as many cells as its header.

    A comma where nothing cuts it, since a file of one column needs none.
    """
    best = max(DELIMITERS, key=lambda delimiter: _consistency(sample, delimiter))
    return best if _consistency(sample, best) > (0.0, 1) else ","


def _consistency(sample: Sequence[str], delimiter: str) -> tuple[float, int]:
    """Share of records with as many cells as the header, and how many cells that is."""
    counts = [len(cells) for cells in _records(sample, delimiter) if cells]
    if not counts or counts[0] == 1:
        return 0.0, 1
    return counts.count(counts[0]) / len(counts), counts[0]


def _records(sample: Sequence[str], delimiter: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(iter(sample), delimiter=delimiter)
    except csv.Error:  # a cell beyond the limit ends the sample; the reading itself reports it
        return


def _said_delimiter(sample: Sequence[str]) -> str | None:
    first = sample[0].strip("\r\n").lower() if sample else ""
    if first.startswith(SAID) and len(first) == len(SAID) + 1:
        return first[-1]
    return None
