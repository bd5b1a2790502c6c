"""Hostile files are answered below 200 MB, enforced by the operating system."""

import gzip
import subprocess
import sys
import zipfile
from pathlib import Path

import polars as pl
import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="Linux keeps the limit"),
]

LIMIT_MB = 200
BLOCK = 1 << 20

READ = """
import resource, sys
from charsu.kernel import HubError
from charsu.kernel.intake import RowProblem, read_rows

resource.setrlimit(resource.RLIMIT_DATA, ({limit} << 20, {limit} << 20))
try:
    rows, codes = 0, set()
    for entry in read_rows(sys.argv[1]):
        rows += 1
        if isinstance(entry, RowProblem):
            codes.add(entry.code)
    print(rows, ",".join(sorted(codes)))
except HubError as refused:
    print(refused.code)
with open("/proc/self/status") as status:  # of this process alone, unlike ru_maxrss
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
assert peak < {limit} << 10, f"{{peak}} KB"
"""


def answer(path: Path) -> str:
    """What reading the file comes to, in a process that may not have more memory."""
    script = READ.format(limit=LIMIT_MB)
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def fill(path: Path, *parts: tuple[bytes, int]) -> Path:
    """A file of these parts, each repeated."""
    with path.open("wb") as file:
        for part, times in parts:
            for _ in range(times):
                file.write(part)
    return path


def test_a_reader_that_takes_whole_lines_would_not_get_by(tmp_path):
    path = fill(tmp_path / "file.csv", (b"x" * BLOCK, LIMIT_MB + 50))
    script = READ.format(limit=LIMIT_MB).replace("read_rows(sys.argv[1])", "open(sys.argv[1])")

    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False
    )

    assert "MemoryError" in done.stderr


@pytest.mark.parametrize("name", ["stock.csv", "stock.jsonl"])
def test_one_line_larger_than_all_memory_is_one_reported_row(name, tmp_path):
    row = b"A1,1\n" if name.endswith("csv") else b'{"sku":"A1"}\n'
    head = b"sku,on_hand\n" if name.endswith("csv") else row

    path = fill(tmp_path / name, (head, 1), (b"x" * BLOCK, 250), (b"\n", 1), (row, 2))

    assert answer(path) in {"3 line_too_long", "4 line_too_long,not_json", "4 line_too_long"}


def test_a_file_that_is_one_endless_line_has_no_header(tmp_path):
    assert answer(fill(tmp_path / "file.csv", (b"x," * BLOCK, 150))) == "header_too_long"


def test_a_lone_quote_before_much_data_costs_one_row(tmp_path):
    lines = b"A1,1\n" * 100_000

    path = fill(tmp_path / "file.csv", (b'sku,on_hand\nA0,"1\n', 1), (lines, 5))

    assert answer(path) == "500001 quote_not_closed"


def test_quotes_that_match_nowhere_end_the_reading(tmp_path):
    path = fill(tmp_path / "file.csv", (b"sku,on_hand\n", 1), (b'a","\n' * 100_000, 5))

    assert answer(path) == "quotes_unmatched"


def test_a_zip_full_of_zeros_is_refused(tmp_path):
    path = tmp_path / "bomb.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("stock.csv", "w") as member,
    ):
        for _ in range(300):
            member.write(bytes(BLOCK))

    assert answer(path) == "archive_refused"


def test_an_endless_gzip_is_refused(tmp_path):
    path = tmp_path / "bomb.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(300):
            file.write(b"sku,on_hand\n" + bytes(BLOCK))

    assert answer(path) in {"archive_refused", "unknown_format"}


def test_columns_without_end_are_refused(tmp_path):
    assert answer(fill(tmp_path / "file.csv", (b"a,", 400_000))) == "too_many_columns"


def test_large_parquet_is_read_batch_by_batch(tmp_path):
    path = tmp_path / "file.parquet"
    rows = 500_000
    frame = pl.DataFrame({"sku": ["some text for every row"] * rows, "n": range(rows)})
    frame.write_parquet(path, row_group_size=100_000)

    assert answer(path) == f"{rows}"
