"""A foreign file as rows, whatever it is written in."""

import hashlib
import io
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from .delimited import Delimited
from .encodings import Encoding, find_encoding, named_encoding
from .errors import ArchiveRefused, UnknownFormat
from .jsonlines import JsonLines
from .limits import LIMITS, Limits
from .parquet import Parquet
from .rows import Entry, FileFacts, Format, Reading
from .unpack import PARQUET, PARQUET_INSIDE, Parcel, look_at, unpacked

ENDINGS: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}


class Rows:
    """A file that has been looked at and may be read as often as one likes.

    ``facts`` tells how it was understood. Each iteration is a pass of its own over the file.
    """

    def __init__(
        self, parcel: Parcel, facts: FileFacts, *, limits: Limits, encoding: Encoding | None
    ) -> None:
        self._parcel = parcel
        self._limits = limits
        self._encoding = encoding
        self.facts = facts

    @property
    def columns(self) -> tuple[str, ...]:
        return self.facts.columns

    def __iter__(self) -> Iterator[Entry]:
        """Rows and the problems that stand in a row's place, in the order of the file.

        Raises DamagedFile, ArchiveRefused or QuotesUnmatched where reading cannot go on.
        """
        with self.reading() as reading:
            yield from reading

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """One pass, which also tells how many bytes it has consumed."""
        if self._encoding is None:
            yield Parquet(self._parcel.path, size=self._parcel.size, limits=self._limits)
            return
        with ExitStack() as stack:
            stream = stack.enter_context(unpacked(self._parcel, self._limits))
            if self.facts.format == "jsonl":
                yield JsonLines(stream, encoding=self._encoding.name, limits=self._limits)
            else:
                yield Delimited(
                    stream,
                    encoding=self._encoding.name,
                    delimiter=self.facts.delimiter,
                    limits=self._limits,
                )


def read_rows(
    path: Path | str,
    format: Format | None = None,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    limits: Limits = LIMITS,
) -> Rows:
    """Look at a CSV, JSON Lines or Parquet file, also gzipped or alone in a zip.

    What is not given is found out: the format from the name and the first bytes, the encoding from
    a byte order mark, by decoding it all as UTF-8, or from its letters; the delimiter from the
    first 200 lines. Memory stays bounded whatever the file holds, see Limits.

    Raises NoSuchFile, UnknownEncoding, and the other kinds of UnreadableFile.
    """
    parcel = look_at(Path(path), limits)
    form = format or _format(parcel)
    found: Encoding | None = None
    if form != "parquet":
        found = named_encoding(encoding) if encoding else _find_encoding(parcel, limits)
    elif parcel.packing != "plain":
        raise ArchiveRefused(PARQUET_INSIDE)
    facts = FileFacts(
        name=parcel.path.name,
        format=form,
        packing=parcel.packing,
        size=parcel.size,
        sha256=_sha256(parcel.path),
        encoding=found.name if found else None,
        encoding_decided=found.decided if found else None,
        delimiter=delimiter,
    )
    rows = Rows(parcel, facts, limits=limits, encoding=found)
    rows.facts = _with_header(rows)
    return rows


def _with_header(rows: Rows) -> FileFacts:
    with rows.reading() as reading:
        found = reading.delimiter if isinstance(reading, Delimited) else None
        return msgspec.structs.replace(rows.facts, columns=reading.columns, delimiter=found)


def _format(parcel: Parcel) -> Format:
    if parcel.head.startswith(PARQUET):
        return "parquet"
    if form := ENDINGS.get(Path(parcel.inner_name).suffix.lower()):
        return form
    if parcel.inner_name.lower().endswith(".parquet"):
        raise UnknownFormat(
            "This is no Parquet, although its name says so. Give it the name of what it is."
        )
    return "jsonl" if parcel.head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{") else "csv"


def _find_encoding(parcel: Parcel, limits: Limits) -> Encoding:
    with unpacked(parcel, limits) as stream:
        return find_encoding(parcel.head, io.BufferedReader(stream, 1 << 20))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
