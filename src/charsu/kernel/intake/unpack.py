"""The bytes of a file, plain, gzipped or the one file in a zip. Nothing is unpacked to disk."""

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Literal, cast

from msgspec import Struct

from .errors import ArchiveRefused, DamagedFile, EmptyFile, NoSuchFile, UnknownFormat
from .limits import Limits

Packing = Literal["plain", "gzip", "zip"]

GZIP = b"\x1f\x8b"
ZIP = b"PK\x03\x04"
PARQUET = b"PAR1"
FOREIGN = {
    b"PK\x05\x06": "This zip archive is empty. Pack the table again.",
    b"\xd0\xcf\x11\xe0": "This is an old Office document. Save the table as CSV in UTF-8.",
    b"%PDF": "This is a PDF. Save the table as CSV in UTF-8.",
    b"\x89PNG": "This is a picture. Save the table as CSV in UTF-8.",
    b"\xff\xd8\xff": "This is a picture. Save the table as CSV in UTF-8.",
    b"SQLite format": "This is an SQLite database. Save the table as CSV in UTF-8.",
    b"BZh": "This is a bzip2 archive. Unpack it, or use gzip or zip.",
    b"\xfd7zXZ": "This is an xz archive. Unpack it, or use gzip or zip.",
    b"\x28\xb5\x2f\xfd": "This is a Zstandard archive. Unpack it, or use gzip or zip.",
    b"7z\xbc\xaf": "This is a 7z archive. Unpack it, or use gzip or zip.",
    b"Rar!": "This is a RAR archive. Unpack it, or use gzip or zip.",
}
WORKBOOK = "This is a document of Excel or Word. Save the table as CSV in UTF-8."

HOLDS_TOO_MUCH = "The archive holds more than {limit} bytes. Split the table into several."
UNPACKS_TOO_FAR = (
    "The archive unpacks to more than {ratio} times its size. Send the table unpacked."
)
ARCHIVE_INSIDE = "The archive holds another archive. Unpack it first."
PARQUET_INSIDE = "The archive holds Parquet, which is compressed as it is. Unpack it first."
NOT_ONE_FILE = "The archive holds {found} files instead of one. Send each table by itself."
LOCKED = "The archive is locked with a password. Unpack it first."
PACKED_UNUSUALLY = "The archive is packed in an unusual way. Unpack it, or use gzip or plain zip."
DIRECTORY_TOO_LARGE = (
    "The archive is made for thousands of files or more than 4 GB. Unpack it first."
)

DIRECTORY_BYTES = 1 << 20  # a zip of one file needs a hundred
COPIED_BY_MACS = ("__MACOSX/", ".DS_Store")


class Parcel(Struct, frozen=True):
    """What lies at a path: how it is packed, and the name of the file inside."""

    path: Path
    packing: Packing
    inner_name: str
    size: int
    head: bytes


class Unpacked(io.RawIOBase):
    """A stream of unpacked bytes that stops with ArchiveRefused where a bomb begins."""

    def __init__(self, inner: IO[bytes], file: IO[bytes], limits: Limits, *, packed: bool) -> None:
        self._inner = inner
        self._file = file
        self._limits = limits
        self._packed = packed
        self._given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        try:
            data = self._inner.read(len(buffer))
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
            raise DamagedFile(str(error)) from error
        buffer[: len(data)] = data
        self._given += len(data)
        if self._packed:
            self._refuse_bombs()
        return len(data)

    @property
    def consumed(self) -> int:
        """Bytes of the file as it lies on the disk that have been read."""
        return self._file.tell()

    def _refuse_bombs(self) -> None:
        if self._given > self._limits.unpacked_bytes:
            raise ArchiveRefused(HOLDS_TOO_MUCH, limit=self._limits.unpacked_bytes)
        if (
            self._given > self._limits.ratio_from
            and self._given > self.consumed * self._limits.unpacked_ratio
        ):
            raise ArchiveRefused(UNPACKS_TOO_FAR, ratio=self._limits.unpacked_ratio)


def look_at(path: Path, limits: Limits) -> Parcel:
    """How the file at this path is packed, told by its bytes and not by its name.

    Raises NoSuchFile, EmptyFile, UnknownFormat for known foreign formats, ArchiveRefused.
    """
    try:
        size, head = path.stat().st_size, _head(path)
    except OSError as error:
        raise NoSuchFile(str(path)) from error
    if not size:
        raise EmptyFile
    _refuse_foreign(head)
    if head.startswith(GZIP):
        return Parcel(path, "gzip", path.name.removesuffix(".gz"), size, _inside(path, "gzip"))
    if head.startswith(ZIP):
        name = _only_member(path, size, limits).filename
        return Parcel(path, "zip", name, size, _inside(path, "zip", name))
    return Parcel(path, "plain", path.name, size, head)


@contextmanager
def unpacked(parcel: Parcel, limits: Limits) -> Iterator[Unpacked]:
    """The bytes inside, as a stream read once from the beginning."""
    with ExitStack() as stack:
        file = stack.enter_context(parcel.path.open("rb"))
        inner = stack.enter_context(_unpacking(file, parcel.packing, parcel.inner_name))
        yield Unpacked(inner, file, limits, packed=parcel.packing != "plain")


@contextmanager
def _unpacking(file: IO[bytes], packing: Packing, name: str) -> Iterator[IO[bytes]]:
    if packing == "plain":
        yield file
    elif packing == "gzip":
        with gzip.GzipFile(fileobj=file) as inner:
            yield cast(IO[bytes], inner)
    else:
        with zipfile.ZipFile(file) as archive, archive.open(name) as member:
            yield member


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4096)


def _inside(path: Path, packing: Packing, name: str = "") -> bytes:
    """The first bytes inside an archive; another archive there is refused."""
    try:
        with path.open("rb") as file, _unpacking(file, packing, name) as inner:
            head = inner.read(4096)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise DamagedFile(str(error)) from error
    if head.startswith((GZIP, ZIP)):
        raise ArchiveRefused(ARCHIVE_INSIDE)
    if head.startswith(PARQUET):
        raise ArchiveRefused(PARQUET_INSIDE)
    if not head:
        raise EmptyFile
    _refuse_foreign(head)
    return head


def _refuse_foreign(head: bytes) -> None:
    for magic, sentence in FOREIGN.items():
        if head.startswith(magic):
            raise UnknownFormat(sentence)


def _only_member(path: Path, size: int, limits: Limits) -> zipfile.ZipInfo:
    _refuse_large_directory(path, size)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise DamagedFile(str(error)) from error
    if any(member.filename == "[Content_Types].xml" for member in members):
        raise UnknownFormat(WORKBOOK)
    files = [m for m in members if not m.is_dir() and not _copied_by_a_mac(m.filename)]
    if len(files) != 1:
        raise ArchiveRefused(NOT_ONE_FILE, found=len(files))
    return _acceptable(files[0], limits)


def _copied_by_a_mac(name: str) -> bool:
    return name.startswith(COPIED_BY_MACS[0]) or name.endswith(COPIED_BY_MACS[1])


def _acceptable(member: zipfile.ZipInfo, limits: Limits) -> zipfile.ZipInfo:
    """The member, unless what the archive says of it is reason enough to refuse."""
    if member.flag_bits & 1:
        raise ArchiveRefused(LOCKED)
    if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise ArchiveRefused(PACKED_UNUSUALLY)
    if member.file_size > limits.unpacked_bytes:
        raise ArchiveRefused(HOLDS_TOO_MUCH, limit=limits.unpacked_bytes)
    if (
        member.file_size > limits.ratio_from
        and member.file_size > member.compress_size * limits.unpacked_ratio
    ):
        raise ArchiveRefused(UNPACKS_TOO_FAR, ratio=limits.unpacked_ratio)
    return member


def _refuse_large_directory(path: Path, size: int) -> None:
    """Look at the end record before zipfile reads a directory of a million names into memory.

    Source: PKWARE APPNOTE 6.3, sections 4.3.15 (ZIP64 locator) and 4.3.16 (end record).
    """
    with path.open("rb") as file:
        file.seek(max(0, size - (1 << 16) - 42))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise DamagedFile("no end of central directory")
    (directory_bytes,) = struct.unpack_from("<I", tail, at + 12)
    has_zip64 = at >= 20 and tail[at - 20 : at - 16] == b"PK\x06\x07"
    if has_zip64 or directory_bytes > DIRECTORY_BYTES:
        raise ArchiveRefused(DIRECTORY_TOO_LARGE)
