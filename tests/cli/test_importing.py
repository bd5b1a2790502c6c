"""What `charsu import` tells, on the screen and in its files."""

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from subprocess import CompletedProcess

import pytest

from charsu.catalog import PutChannel, put_channel
from charsu.kernel import SYSTEM, Hub

from .conftest import Run

pytestmark = pytest.mark.slow

Bring = Callable[..., CompletedProcess[str]]


@pytest.fixture
def bring(hub: Hub, database: str, tmp_path: Path, charsu: Run) -> Bring:
    """Brings a file with this content into a shop with one channel."""
    web = PutChannel(code="web", name="Web", kind="web", currency="EUR")
    hub.run(put_channel, web, actor=SYSTEM)

    def run(
        target: str, content: str | bytes, *words: str | Path, name: str = "file.csv", **env: str
    ) -> CompletedProcess[str]:
        file = tmp_path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return charsu("import", target, file, *words, DATABASE_URL=database, **env)

    return run


def test_the_advice_about_a_number_that_may_mean_two_can_be_followed(bring: Bring) -> None:
    content = "sku;title;price\nMUG;Blue mug;1.250\n"

    told = bring("products", content)
    followed = bring("products", content, "--decimal", "comma", "--dry-run")
    other_way = bring("products", content, "--decimal", "point", "--dry-run")

    assert "--decimal comma" in told.stdout
    assert told.returncode == 1
    assert "– → 125000 EUR" in followed.stdout
    assert "– → 125 EUR" in other_way.stdout


ESCAPE = "\x1b]0;owned\x07\x1b[2J"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (f"{ESCAPE}sku,other\nA1,1\n", "columns.csv"),
        (f"sku,{ESCAPE},{ESCAPE}\nA1,1,1\n", "twice.csv"),
        (f"sku,title\nA1,Blue\x9b2J mug\n,{ESCAPE}\n", "titles.csv"),
        ("sku,title\nA1,Mug\n", f"{ESCAPE}.csv"),
    ],
)
def test_nothing_in_a_file_speaks_to_the_terminal(bring: Bring, content: str, name: str) -> None:
    done = bring("products", content, "--dry-run", name=name)

    printed = (done.stdout + done.stderr).replace("\n", "")
    assert "owned" in printed or "mug" in printed
    assert [c for c in printed if ord(c) < 32 or 127 <= ord(c) < 160] == []


def test_one_row_is_no_rows(bring: Bring) -> None:
    content = "sku,title\nMUG,Mug\n"

    assert "1 row: 1 stored" in bring("products", content).stdout
    assert "1 wiersz: " in bring("products", content, CHARSU_LANGUAGE="pl").stdout
    assert "2 wiersze: " in bring("products", content + "CUP,Cup\n", CHARSU_LANGUAGE="pl").stdout


def test_a_report_for_programs_holds_finished_sentences(bring: Bring, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    bring("products", "sku,title,price\nMUG,Mug,{dear}\n", "--report", file)

    (problem,) = json.loads(file.read_bytes())["problems"]
    assert problem["message"] == "This is no number: {dear}."
    assert problem["data"] == {"value": "{dear}"}


def test_a_guessed_encoding_is_told(bring: Bring) -> None:
    content = "sku,title\nMUG,šolja za čaj\n"

    assert "Read as cp1250, guessed" in bring("products", content.encode("cp1250")).stderr
    assert "guessed" not in bring("products", content).stderr


def test_random_bytes_are_told_to_be_no_text(bring: Bring) -> None:
    told = bring("products", Random(7).randbytes(4_000))

    assert told.returncode == 1
    assert "unknown_format This is no text." in told.stderr


def test_the_encoding_of_a_file_can_be_said(bring: Bring) -> None:
    content = "sku,title\nMUG,šolja\n".encode("cp1250")

    found = bring("products", content, "--encoding", "cp1250", "--dry-run")
    wrong = bring("products", content, "--encoding", "nonsense")

    assert found.returncode == 0, found.stderr
    assert "unknown_encoding" in wrong.stderr
