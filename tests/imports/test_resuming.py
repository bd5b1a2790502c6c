"""An import whose process is killed, and the one that comes after it."""

import csv
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from charsu.imports import Options, positions, run
from charsu.kernel.intake import Report
from charsu.stock import put_location
from charsu.stock.operations.locations import PutLocation
from tests.imports.desk import Desk

pytestmark = pytest.mark.slow

ROWS = 600
KILLED = {"CHARSU_FAULTS": "import.stock/committed=kill@1"}  # after its first chunk

Charsu = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def charsu(database: str) -> Charsu:
    """Runs `charsu import stock` on this test's shop, as a process of its own."""

    def run(*words: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
        ours = {"DATABASE_URL": database, "CHARSU_LANGUAGE": "en", "COLUMNS": "200"}
        return subprocess.run(
            [sys.executable, "-m", "charsu.cli", "import", "stock", *map(str, words)],
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, **ours, **env},
            check=False,
        )

    return run


@pytest.fixture
def counts(desk: Desk) -> Path:
    """A file of counts: every tenth row cannot be read, and every seventh names no product."""
    skus = [f"A{number}" for number in range(ROWS)]
    known = "\n".join(f"{sku},Thing" for n, sku in enumerate(skus) if n % 7)
    desk.brings("products", f"sku,title\n{known}\n", name="products.csv")
    lines = (f"{sku},{'many' if n % 10 == 0 else n}" for n, sku in enumerate(skus))
    return desk.file("sku,on_hand\n" + "\n".join(lines), "counts.csv")


BAD = {n + 2 for n in range(ROWS) if n % 10 == 0 or n % 7 == 0}
"""The lines that do not go in."""


def test_what_was_reported_before_a_kill_is_reported_again_after_it(
    charsu: Charsu, counts: Path, desk: Desk, tmp_path: Path
) -> None:
    sheet, report = tmp_path / "to-mend.csv", tmp_path / "report.json"
    asked = (counts, "--location", "knez", "--problems", sheet, "--report", report)
    killed = charsu(*asked, **KILLED)
    half = desk.count("ledger.balances")
    done = charsu(*asked)

    assert killed.returncode == -signal.SIGKILL
    assert 0 < half < ROWS - len(BAD)
    assert done.returncode == 0, done.stderr
    account = msgspec.json.decode(report.read_bytes(), type=Report)
    assert account.rows_in == ROWS
    assert account.rows_reported == len(BAD)
    assert account.rows_earlier == half
    assert account.rows_earlier + account.rows_stored == ROWS - len(BAD)
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        assert {int(row[0]) for row in list(csv.reader(file))[1:]} == BAD
    assert desk.count("imports.remarks") == 0


def test_another_location_is_another_import(charsu: Charsu, counts: Path, desk: Desk) -> None:
    second = PutLocation(
        code="vracar", name="Vračar", kind="store", country="RS", time_zone="Europe/Belgrade"
    )
    with desk.hub.writing("test") as tx:
        put_location(tx, second)
    assert charsu(counts, "--location", "knez", **KILLED).returncode == -signal.SIGKILL
    half = desk.count("ledger.balances")

    elsewhere = run(desk.hub, "stock", counts, options=Options(location="vracar"))
    rest = run(desk.hub, "stock", counts, options=Options(location="knez"))

    assert (elsewhere.rows_earlier, elsewhere.rows_stored) == (0, ROWS - len(BAD))
    assert (rest.rows_earlier, rest.rows_stored) == (half, ROWS - len(BAD) - half)


def test_beyond_so_many_reasons_the_refused_rows_are_counted(
    charsu: Charsu, counts: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(positions, "REMARKS_MAX", 5)
    chunks = iter(range(2))

    def stop(_progress: object) -> None:
        if next(chunks):
            raise ConnectionError("the machine lost its power")

    here = Options(location="knez")
    with pytest.raises(ConnectionError):
        run(desk.hub, "stock", counts, options=here, progress=stop)
    kept = desk.count("imports.remarks")
    rest = run(desk.hub, "stock", counts, options=here)

    assert kept == 5
    assert rest.rows_reported == len(BAD)
    assert rest.counts["row: refused_earlier"] == 1
