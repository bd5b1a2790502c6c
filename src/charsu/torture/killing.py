"""Processes that live until they are killed as planned, and are started again."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import psutil
from msgspec import Struct
from psycopg.pq import PGconn, Ping

from charsu.torture.report import Kind

POLL_SECONDS = 0.02
LIFE_SECONDS = 0.4  # after it has done its share a process lives on for a while, at most
GIVE_UP_SECONDS = 60.0
"""A failpoint that nobody passes is a mistake in the plan. The time counts from the last kill:
while PostgreSQL dies every second and recovers in between, a worker gets to nothing."""


class Planned(Struct, frozen=True):
    """How one life ends: at a named point with some probability each time, or at some moment."""

    kind: Kind
    point: str | None = None
    probability: float = 1.0

    @property
    def faults(self) -> str:
        """The value of CHARSU_FAULTS that makes it so."""
        return f"{self.point}=kill@{self.probability}" if self.point else ""


WEB_POINTS = (
    ("orders.place/opened", 0.05),
    ("orders.place/worked", 0.05),
    ("orders.place/closed", 0.05),
    ("orders.place/committed", 0.05),
    ("orders.pay/worked", 0.1),
    ("orders.pay/closed", 0.1),
    ("orders.pay/committed", 0.1),
    ("orders.ship/closed", 0.1),
    ("orders.ship/committed", 0.1),
    ("orders.cancel/worked", 0.2),
    ("orders.cancel/closed", 0.2),
)
WORKER_POINTS = (
    ("kernel.deliver/closed", 0.1),
    ("kernel.deliver/committed", 0.1),
    ("kernel.seal_log/closed", 1.0),
    ("kernel.seal_log/committed", 1.0),
    ("stock.expire_holds/closed", 1.0),
)


Points = tuple[tuple[str, float], ...]
"""Named points, and how likely a process dies at each pass."""


def plan(
    kills: int,
    chance: random.Random,
    *,
    web: Points = WEB_POINTS,
    worker: Points = WORKER_POINTS,
) -> dict[Kind, list[Planned]]:
    """A quarter of the kills or a little more for PostgreSQL, the others for the processes of ours.

    Half of all come at named points.
    """
    postgres = kills * 4 // 15
    workers = (kills - postgres) // 2
    webs = kills - postgres - workers
    web_points = kills // 4
    worker_points = kills // 2 - web_points
    plans = {
        "web": _lives("web", webs, web_points, web),
        "worker": _lives("worker", workers, worker_points, worker),
        "postgres": [Planned("postgres")] * postgres,
    }
    for lives in plans.values():
        chance.shuffle(lives)
    return plans


def _lives(kind: Kind, count: int, at_points: int, points: Points) -> list[Planned]:
    at_points = min(at_points, count)
    named = [Planned(kind, *points[number % len(points)]) for number in range(at_points)]
    return named + [Planned(kind)] * (count - at_points)


class Victim(threading.Thread, ABC):
    """One kind of process: started, killed as planned, started again; then left alive.

    due     returns when the next kill at a moment may come, or the victim is no longer alive
    last    when anybody was killed last, by the monotonic clock
    tell    hears of each kill
    over    ends everything
    """

    def __init__(
        self,
        lives: list[Planned],
        *,
        due: Callable[[Callable[[], bool]], None],
        last: Callable[[], float],
        tell: Callable[[Planned], None],
        over: threading.Event,
        chance: random.Random,
    ) -> None:
        super().__init__(daemon=True)
        self._lives, self._due, self._tell, self._over = lives, due, tell, over
        self._last = last
        self._chance = random.Random(chance.getrandbits(32))
        self.has_done_its_share = threading.Event()
        self.failure: BaseException | None = None

    def run(self) -> None:
        """Live and die as planned."""
        try:
            for planned in self._lives:
                self._die(planned)
                if self._over.is_set():
                    return
                self._tell(planned)
            self.has_done_its_share.set()
            self.live_on()
        except BaseException as failure:
            self.failure = failure
            self._over.set()

    def wait_for_moment(self, is_alive: Callable[[], bool] = lambda: True) -> None:
        """Return at the moment at which somebody is to be killed, or is dead already."""
        self._due(is_alive)
        time.sleep(self._chance.uniform(0, LIFE_SECONDS))

    @abstractmethod
    def _die(self, planned: Planned) -> None:
        """Live one life to its end."""

    @abstractmethod
    def live_on(self) -> None:
        """Let a last one live that nobody kills."""


class Process(Victim):
    """A process of ours, started with the fault that ends it.

    keep    a descriptor that each life inherits
    log     takes what they all print
    """

    def __init__(
        self, command: list[str], lives: list[Planned], *, keep: int | None, log: Path, **more: Any
    ) -> None:
        super().__init__(lives, **more)
        self._command, self._keep, self._log = command, keep, log

    def _die(self, planned: Planned) -> None:
        status = 0
        while status != -signal.SIGKILL:  # else it could not start: PostgreSQL was away
            process = self._start(planned.faults)
            if planned.point is None:
                self.wait_for_moment(partial(_is_alive, process))
                process.kill()
            status = self._ended(process)

    def live_on(self) -> None:
        while not self._over.is_set():
            self._ended(self._start(""), patience=None)

    def _start(self, faults: str) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "charsu.torture.processes", *self._command],
                env={**os.environ, "CHARSU_FAULTS": faults},
                pass_fds=() if self._keep is None else (self._keep,),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _ended(
        self, process: subprocess.Popen[bytes], patience: float | None = GIVE_UP_SECONDS
    ) -> int:
        started = time.monotonic()
        while process.poll() is None:
            waited = time.monotonic() - max(started, self._last())
            if self._over.wait(POLL_SECONDS) or (patience is not None and waited > patience):
                process.kill()
                process.wait()
                assert self._over.is_set(), f"no life of {self._command} came to its end"
        return process.returncode


def _is_alive(process: subprocess.Popen[bytes]) -> bool:
    return process.poll() is None


class Postmaster(Victim):
    """PostgreSQL; its guard starts it again."""

    def __init__(self, dsn: str, data: Path, lives: list[Planned], **more: Any) -> None:
        super().__init__(lives, **more)
        self._dsn = dsn
        self._pid_file = data / "postgres" / "postmaster.pid"

    def _die(self, planned: Planned) -> None:
        assert planned.point is None, "it passes no point of ours"
        self.wait_for_moment()
        server = psutil.Process(int(self._pid_file.read_text().split()[0]))
        assert server.name() == "postgres", server
        server.kill()
        server.wait(GIVE_UP_SECONDS)
        self._wait_until_back()

    def _wait_until_back(self) -> None:
        until = time.monotonic() + GIVE_UP_SECONDS
        while PGconn.ping(self._dsn.encode()) != Ping.OK:
            assert time.monotonic() < until, "the server did not come back"
            time.sleep(POLL_SECONDS)

    def live_on(self) -> None:
        """The guard sees to it."""
