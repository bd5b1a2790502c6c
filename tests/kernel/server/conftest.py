"""Other processes that open the same shop, to be killed, joined and raced."""

import contextlib
import json
import os
import select
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from charsu.kernel.server import open_server

LONG_ENOUGH = 30  # seconds; a wait that takes longer is a failure, not a slow machine

OPENER = """
import json, sys
from pathlib import Path
from charsu.kernel.server import open_server

{before}
with open_server(Path(sys.argv[1])) as server:
    print(json.dumps([server.started_here, server.dsn]), flush=True)
    sys.stdin.read()
"""


class Opener:
    """A process of its own that opens the shop and keeps it open until told otherwise."""

    def __init__(self, folder: Path, before: str = "", *command: str) -> None:
        program = OPENER.format(before=before)
        self.process = subprocess.Popen(
            [*(command or (sys.executable,)), "-c", program, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.folder = folder.resolve()
        self._answer: list[object] | None = None

    @property
    def started_here(self) -> bool:
        return bool(self._opened()[0])

    @property
    def dsn(self) -> str:
        return str(self._opened()[1])

    def _opened(self) -> list[object]:
        if self._answer is None:
            line = self.process.stdout.readline()
            assert line, self.process.stderr.read()
            self._answer = json.loads(line)
        return self._answer

    def descendants(self) -> list[psutil.Process]:
        """The guard, the server and its parts."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def guard(self) -> psutil.Process:
        return next(p for p in self.descendants() if "launch.py" in " ".join(p.cmdline()))

    def postmaster(self) -> psutil.Process:
        return next(p for p in self.guard().children() if p.name() == "postgres")

    def kill(self) -> None:
        self.process.kill()
        self._finish()

    def leave(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self._finish()

    def refusal(self) -> str:
        """The last line that it says before it gives up."""
        _, said = self.process.communicate(timeout=LONG_ENOUGH)
        return said.strip().splitlines()[-1]

    def _finish(self) -> None:
        self.process.wait(LONG_ENOUGH)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            pipe.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "shop"


@pytest.fixture(scope="session")
def fresh_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("fresh") / "shop"
    with open_server(made):
        pass
    return made


@pytest.fixture
def shop(fresh_shop: Path, folder: Path) -> Path:
    """A folder in which a shop was opened and closed before."""
    return Path(shutil.copytree(fresh_shop, folder))


@pytest.fixture
def opener() -> Iterator[Callable[..., Opener]]:
    """Starts processes that open a shop; those still there at the end leave."""
    openers: list[Opener] = []

    def open_elsewhere(folder: Path, before: str = "", *command: str) -> Opener:
        openers.append(Opener(folder, before, *command))
        return openers[-1]

    yield open_elsewhere
    for one in openers:
        if one.process.returncode is None:
            one.leave()


@pytest.fixture
def as_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become others")


def ask(dsn: str, question: str) -> object:
    """The first value of the answer."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        cursor = connection.execute(question)
        return None if cursor.description is None else cursor.fetchone()[0]


def all_ended(processes: list[psutil.Process]) -> bool:
    """Whether all of them end; one that its parent has not buried yet has ended, too."""
    return all(_ends(process) for process in processes)


def _ends(process: psutil.Process) -> bool:
    if not process.is_running():
        return True
    try:
        descriptor = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return True
    with os.fdopen(descriptor):
        return bool(select.select([descriptor], [], [], LONG_ENOUGH)[0])


@pytest.fixture(name="ask")
def ask_fixture() -> Callable[[str, str], object]:
    return ask


@pytest.fixture(name="all_ended")
def all_ended_fixture() -> Callable[[list[psutil.Process]], bool]:
    return all_ended
