"""What `charsu import` tells, on the screen and in its files."""

from collections.abc import Callable
from pathlib import Path
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


def test_the_encoding_of_a_file_can_be_said(bring: Bring) -> None:
    content = "sku,title\nMUG,šolja\n".encode("cp1250")

    found = bring("products", content, "--encoding", "cp1250", "--dry-run")
    wrong = bring("products", content, "--encoding", "nonsense")

    assert found.returncode == 0, found.stderr
    assert "unknown_encoding" in wrong.stderr
