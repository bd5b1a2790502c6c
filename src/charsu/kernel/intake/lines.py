"""The lines of a text, each and all of bounded length, with a way back."""

import io
from collections import deque
from collections.abc import Iterator

from .errors import QuotesUnmatched
from .limits import Limits

SAMPLE_CHARS = 1 << 16
SAMPLE_LINES = 200
LINE_ENDS = ("\n", "\r")
BYTE_ORDER_MARK = "\ufeff"


class LineTooLong(Exception):
    """The line goes on beyond the limit; what has been read of it is the record's only line."""


class RecordTooLong(Exception):
    """More was taken for one record than any record has: a quote stands open."""


class Lines:
    """Lines of a text for csv.reader, counted from 1.

    The lines of the record being read are kept, so that a record that turns out wrong can be
    given up and its later lines read anew.
    """

    def __init__(self, text: io.TextIOBase, limits: Limits) -> None:
        self._text = text
        self._limits = limits
        self._most = limits.line_chars + 2  # a line end may take two
        self._waiting: deque[str] = deque()
        self._record_chars = 0
        self._rescanned_chars = 0
        self.record: list[str] = []
        self.number = 0  # of the line taken last

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else self._text.readline(self._most)
        if not line:
            raise StopIteration
        self._record_chars += len(line)
        if self.record and self._record_chars > self._limits.line_chars:
            self._waiting.appendleft(line)
            raise RecordTooLong
        self.number += 1
        self.record.append(line)
        if self._goes_on(line):
            raise LineTooLong
        return line

    def sample(self) -> list[str]:
        """The first lines, which will be read again, without a byte order mark."""
        chars = 0
        while chars < SAMPLE_CHARS and len(self._waiting) < SAMPLE_LINES:
            line = self._text.readline(self._most)
            if not line:
                break
            self._waiting.append(line if self._waiting else line.removeprefix(BYTE_ORDER_MARK))
            chars += len(line)
            if self._goes_on(line):
                break  # its rest is still to come, and to be skipped
        return list(self._waiting)

    def begin_record(self) -> None:
        self.record = []
        self._record_chars = 0

    def give_up_record(self) -> None:
        """Put all but the record's first line back, to be read as records of their own.

        Raises QuotesUnmatched when that has happened so often that no end is in sight.
        """
        later = self.record[1:]
        self._waiting.extendleft(reversed(later))
        self.number -= len(later)
        self._rescanned_chars += sum(map(len, later))
        if self._rescanned_chars > self._limits.rescanned_chars:
            raise QuotesUnmatched(self.number)

    def skip_rest_of_line(self) -> None:
        """After LineTooLong: drop what is left of that line, a piece at a time."""
        while (rest := self._text.readline(self._most)) and not rest.endswith(LINE_ENDS):
            pass

    def _goes_on(self, line: str) -> bool:
        return len(line) > self._limits.line_chars and not line.endswith(LINE_ENDS)
