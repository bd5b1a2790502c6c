import os
import queue
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from charsu.kernel.server import Event, Family

pytestmark = pytest.mark.slow

PATIENCE = 30
Ended = Callable[[list[psutil.Process]], bool]

READY = """
from charsu.kernel.server import announce_ready
import signal
announce_ready()
signal.pause()
"""

# Deaf to SIGTERM, and so is its child.
STUBBORN = """
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.fork()
from charsu.kernel.server import announce_ready
announce_ready()
while True:
    signal.pause()
"""

OWNER = """
import sys
from charsu.kernel.server import Family

def tell(event):
    print(event.name, event.kind, flush=True)

with Family(tell) as family:
    for name in ("web", "worker"):
        family.start(name, [sys.executable, "-c", sys.argv[1]])
    family.wait()
print("all ended", flush=True)
"""


class Heard:
    """What a family told, in order."""

    def __init__(self) -> None:
        self._events: queue.Queue[Event] = queue.Queue()
        self.tell = self._events.put

    def next(self, kind: str) -> Event:
        """The next event of this kind; earlier ones of other kinds are passed over."""
        while (event := self._events.get(timeout=PATIENCE)).kind != kind:
            pass
        return event


@pytest.fixture
def owner() -> Callable[[str], subprocess.Popen[str]]:
    def start(child: str) -> subprocess.Popen[str]:
        """A process with a family of two that are ready."""
        process = subprocess.Popen(
            [sys.executable, "-c", OWNER, child], stdout=subprocess.PIPE, text=True
        )
        ready = 0
        while ready < 2:
            ready += process.stdout.readline().endswith("ready\n")
        return process

    return start


def test_a_family_tells_what_becomes_of_its_processes() -> None:
    heard = Heard()
    with Family(heard.tell) as family:
        family.start("web", [sys.executable, "-c", READY])
        started = heard.next("started")
        assert heard.next("ready") == Event("web", "ready")
        assert psutil.Process(started.value).is_running()
    assert heard.next("died") == Event("web", "died", -signal.SIGTERM)


def test_a_process_that_was_killed_is_started_again() -> None:
    heard = Heard()
    with Family(heard.tell) as family:
        family.start("worker", [sys.executable, "-c", READY])
        first = heard.next("started")
        heard.next("ready")
        os.kill(first.value, signal.SIGKILL)
        assert heard.next("died").value == -signal.SIGKILL
        second = heard.next("started")
        heard.next("ready")
        assert second.value != first.value


def test_a_process_that_keeps_failing_is_tried_again_and_tells_its_exit_code() -> None:
    heard = Heard()
    with Family(heard.tell) as family:
        family.start("web", [sys.executable, "-c", "raise SystemExit(3)"])
        assert [heard.next("died").value for _ in range(3)] == [3, 3, 3]


def test_a_program_that_does_not_exist_dies_and_does_not_hang(tmp_path: Path) -> None:
    heard = Heard()
    with Family(heard.tell) as family:
        family.start("web", [tmp_path / "missing"], output=subprocess.DEVNULL)
        assert heard.next("died").value == 127


def test_what_a_process_left_behind_ends_before_it_is_started_again(all_ended: Ended) -> None:
    heard = Heard()
    with Family(heard.tell) as family:
        family.start("web", [sys.executable, "-c", STUBBORN])
        first = psutil.Process(heard.next("started").value)
        heard.next("ready")
        left = first.children()
        first.kill()
        heard.next("started")
        assert all_ended(left)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_owner_ends_all(
    number: int, owner: Callable[[str], subprocess.Popen[str]], all_ended: Ended
) -> None:
    process = owner(READY)
    members = psutil.Process(process.pid).children(recursive=True)
    assert len(members) == 4
    process.send_signal(number)
    said, _ = process.communicate(timeout=PATIENCE)
    assert said.endswith("all ended\n")
    assert all_ended(members)


def test_those_who_do_not_listen_are_killed(
    owner: Callable[[str], subprocess.Popen[str]], all_ended: Ended
) -> None:
    process = owner(STUBBORN)
    members = psutil.Process(process.pid).children(recursive=True)
    assert len(members) == 6
    process.terminate()
    said, _ = process.communicate(timeout=PATIENCE)
    assert said.endswith("all ended\n")
    assert all_ended(members)


@pytest.mark.parametrize("child", [READY, STUBBORN])
def test_nobody_outlives_a_killed_owner(
    child: str, owner: Callable[[str], subprocess.Popen[str]], all_ended: Ended
) -> None:
    process = owner(child)
    members = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate()
    assert all_ended(members)
