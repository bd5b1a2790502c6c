"""Shops in folders of their own, run and used by real processes."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from charsu.assembly import prepare
from charsu.kernel.server import open_server

LONG_ENOUGH = 60  # seconds; a hang, not a time, is what fails here
CHARSU = (sys.executable, "-m", "charsu.cli")
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


def environment(**more: str) -> dict[str, str]:
    """Ours without what would lead a command to another shop."""
    kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "CHARSU_DATA")}
    return {**kept, "COLUMNS": "200", "CHARSU_LANGUAGE": "en", **more}


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def charsu() -> Run:
    """Runs one command to its end."""

    def run(*words: str | Path, said: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*CHARSU, *map(str, words)],
            input=said,
            capture_output=True,
            text=True,
            timeout=LONG_ENOUGH,
            env=environment(**env),
            check=False,
        )

    return run


class Running:
    """A shop run by `charsu up`, as a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [*CHARSU, "up", "--data", str(folder), "--port", "0"],
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        self.address = self._address()

    def _address(self) -> str:
        said = ""
        for line in self.process.stderr:
            said += line
            if found := ADDRESS.search(line):
                return found[0]
        raise AssertionError(said)

    def descendants(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def interrupt(self) -> int:
        """Ctrl-C; the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(LONG_ENOUGH)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(LONG_ENOUGH)

    def close(self) -> None:
        if self.process.poll() is None:
            self.interrupt()
        self.process.stderr.close()


@pytest.fixture(scope="session")
def empty_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a shop that nobody has used."""
    made = tmp_path_factory.mktemp("made") / "shop"
    with open_server(made) as server:
        prepare(server.dsn)
    return made


@pytest.fixture
def folder(empty_shop: Path, tmp_path: Path) -> Path:
    """An unused shop of this test's own, stopped."""
    return Path(shutil.copytree(empty_shop, tmp_path / "shop"))


@pytest.fixture
def run_shop() -> Iterator[Callable[[Path], Running]]:
    """Runs shops, and ends those that are left."""
    started: list[Running] = []

    def start(folder: Path) -> Running:
        started.append(Running(folder))
        return started[-1]

    yield start
    for one in started:
        with contextlib.suppress(ProcessLookupError):
            one.close()
