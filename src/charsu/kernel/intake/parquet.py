"""Parquet, one slice of rows after another.

Slices and not the engine's own batches: those read ahead by whole row groups, which may be as large
as the file, while a slice decodes little more than its own pages.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from . import problems
from .errors import DamagedFile, TooManyColumns
from .limits import Limits
from .problems import problem
from .rows import Entry, RawRow

if TYPE_CHECKING:
    from polars import DataFrame

FIRST_ROWS, MOST_ROWS = 1_000, 10_000
SLICE_BYTES = 16 << 20  # of decoded rows, as far as the slice before foretells


class Parquet:
    """One pass over a Parquet file. Rows are numbered from 1, values typed as stored.

    Raises DamagedFile or TooManyColumns.
    """

    def __init__(self, path: Path, *, size: int, limits: Limits) -> None:
        # Polars takes 50 MB of memory and a quarter second: only those who need it pay for it.
        import polars

        self._size = size
        self._read_rows = 0
        self._failures = polars.exceptions.PolarsError
        try:
            self._frame = polars.scan_parquet(path, glob=False, low_memory=True)
            self.columns = tuple(self._frame.collect_schema().names())
            self._rows: int = self._frame.select(polars.len()).collect().item()
        except (self._failures, OSError) as error:
            raise DamagedFile(_first_line(error)) from error
        if len(self.columns) > limits.columns:
            raise TooManyColumns(len(self.columns), limits.columns)

    @property
    def consumed(self) -> int:
        """As far as the rows go, for a Parquet file is not read from front to back."""
        return self._size * self._read_rows // max(1, self._rows)

    def __iter__(self) -> Iterator[Entry]:
        step = FIRST_ROWS
        while self._read_rows < self._rows:
            batch = self._slice(step)
            for fields in batch.iter_rows(named=True):
                self._read_rows += 1
                yield _row(self._read_rows, fields)
            bytes_per_row = int(batch.estimated_size()) // batch.height + 1
            step = min(MOST_ROWS, SLICE_BYTES // bytes_per_row + 1)

    def _slice(self, rows: int) -> "DataFrame":
        try:
            batch = self._frame.slice(self._read_rows, rows).collect()
        except (self._failures, OSError) as error:
            raise DamagedFile(_first_line(error)) from error
        if not batch.height:
            raise DamagedFile("fewer rows than it says")
        return batch


def _row(line: int, fields: dict[str, object]) -> Entry:
    if any(isinstance(value, str) and "\0" in value for value in fields.values()):
        return problem(problems.NUL_CHARACTER, line=line)
    return RawRow(line, fields)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]
