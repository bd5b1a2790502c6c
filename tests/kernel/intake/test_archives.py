"""Files come packed, and some packages are bombs."""

import gzip
import io
import struct
import zipfile

import pytest

from charsu.kernel.intake import (
    ArchiveRefused,
    DamagedFile,
    EmptyFile,
    Limits,
    NoSuchFile,
    RawRow,
    UnknownFormat,
    read_rows,
)

TABLE = b"sku,note\nA1,x\nA2,y\n"
ROWS = [RawRow(2, {"sku": "A1", "note": "x"}), RawRow(3, {"sku": "A2", "note": "y"})]
SMALL = Limits(ratio_from=1 << 20)


def zipped(*files: tuple[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", how) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return content.getvalue()


def test_a_gzipped_table_is_read(write):
    found = read_rows(write("stock.csv.gz", gzip.compress(TABLE)))

    assert list(found) == ROWS
    assert (found.facts.packing, found.facts.format) == ("gzip", "csv")


def test_the_one_table_in_a_zip_is_read(write):
    packed = zipped(("export/stock.csv", TABLE), ("__MACOSX/._stock.csv", b"x"))

    assert list(read_rows(write("stock.zip", packed))) == ROWS


def test_the_name_inside_says_the_format(write):
    packed = zipped(("stock.jsonl", b'{"sku": "A1"}\n'))

    assert list(read_rows(write("stock.zip", packed))) == [RawRow(1, {"sku": "A1"})]


@pytest.mark.parametrize(
    "packed",
    [
        zipped(("a.csv", TABLE), ("b.csv", TABLE)),
        zipped(("folder/", b"")),
        zipped(("a.zip", zipped(("a.csv", TABLE)))),
        zipped(("a.csv.gz", gzip.compress(TABLE))),
        gzip.compress(gzip.compress(TABLE)),
        zipped(("a.csv", TABLE), how=zipfile.ZIP_LZMA),
        zipped(*((f"{n}.csv", b"") for n in range(20_000))),
    ],
    ids=["two files", "none", "zip in zip", "gzip in zip", "gzip in gzip", "lzma", "20000 files"],
)
def test_other_archives_are_refused(packed, write):
    with pytest.raises(ArchiveRefused):
        read_rows(write("stock.csv", packed))


def test_a_locked_archive_is_refused(write):
    packed = bytearray(zipped(("a.csv", TABLE)))
    directory = packed.index(b"PK\x01\x02")
    struct.pack_into("<H", packed, directory + 8, 1)  # the flag that says encrypted

    with pytest.raises(ArchiveRefused, match="password"):
        read_rows(write("stock.zip", bytes(packed)))


def test_a_zip_bomb_is_refused_before_anything_is_unpacked(write):
    with pytest.raises(ArchiveRefused, match="200 times"):
        read_rows(write("bomb.zip", zipped(("a.csv", bytes(4 << 20)))), limits=SMALL)


def test_a_gzip_bomb_is_refused_soon(write):
    bomb = gzip.compress(b"a,b\n" + b"1,2\n" * (2 << 20))

    with pytest.raises(ArchiveRefused, match="200 times"):
        read_rows(write("bomb.csv.gz", bomb), limits=SMALL)


def test_what_unpacks_beyond_all_measure_is_refused(write):
    packed = gzip.compress(bytes(range(32, 127)) * 2_000)

    with pytest.raises(ArchiveRefused, match="more than 100000 bytes"):
        read_rows(write("big.csv.gz", packed), limits=Limits(unpacked_bytes=100_000))


def test_an_archive_that_lies_about_its_size_gives_no_more_than_it_said(write):
    packed = bytearray(zipped(("a.csv", TABLE * 1_000)))
    struct.pack_into("<I", packed, packed.index(b"PK\x01\x02") + 24, 10)

    with pytest.raises(DamagedFile):
        read_rows(write("lie.zip", bytes(packed)))


@pytest.mark.parametrize("cut", [30, -8])
def test_an_archive_that_broke_off_is_called_damaged(cut, write):
    with pytest.raises(DamagedFile):
        read_rows(write("cut.csv.gz", gzip.compress(TABLE * 500)[:cut]))


def test_a_zip_without_its_end_is_called_damaged(write):
    with pytest.raises(DamagedFile):
        read_rows(write("cut.zip", zipped(("a.csv", TABLE))[:60]))


def test_an_excel_workbook_is_refused_by_name(write):
    workbook = zipped(("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>"))

    with pytest.raises(UnknownFormat, match="Excel"):
        read_rows(write("stock.xlsx", workbook))


def test_an_archive_of_nothing_is_empty(write):
    with pytest.raises(EmptyFile):
        read_rows(write("empty.csv.gz", gzip.compress(b"")))


def test_a_path_to_nothing_is_no_file(tmp_path):
    with pytest.raises(NoSuchFile):
        read_rows(tmp_path / "absent.csv")
    with pytest.raises(NoSuchFile):
        read_rows(tmp_path)
