"""What every format gives: rows with their line, or the problem that stands in a row's place."""

from collections.abc import Iterator
from typing import Any, Literal, Protocol

from msgspec import Struct

from .encodings import Decided
from .problems import RowProblem

Format = Literal["csv", "jsonl", "parquet"]


class RawRow(Struct, frozen=True, gc=False):
    """One row as the file has it: text from CSV, JSON values from JSON Lines, typed from Parquet.

    line    where the row begins, counted from 1; in Parquet the number of the row
    fields  by the file's own column names; what is empty is "" or None
    """

    line: int
    fields: dict[str, Any]


Entry = RawRow | RowProblem


class FileFacts(Struct, frozen=True, kw_only=True):
    """How a file was understood, for the report and for whoever disagrees.

    sha256 is of the file as it lies on the disk, size its bytes.
    """

    name: str
    format: Format
    packing: str
    size: int
    sha256: str
    encoding: str | None = None
    encoding_decided: Decided | None = None
    delimiter: str | None = None
    columns: tuple[str, ...] = ()


class Reading(Protocol):
    """One pass over a file."""

    columns: tuple[str, ...]

    def __iter__(self) -> Iterator[Entry]: ...

    @property
    def consumed(self) -> int:
        """Bytes of the file as it lies on the disk that have been read so far."""
