"""The worker: hands facts to their consumers and does what has become due.

Any number of workers may run on one shop: a consumer is worked by one of them at a time, and due
work is claimed row by row.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType

import psycopg
import structlog
from msgspec import Struct
from psycopg_pool import PoolTimeout

from charsu.kernel.hub import Hub
from charsu.kernel.log.consume import BATCH, deliver, put_off_next, retry_parked

_log = structlog.get_logger("charsu.work")

IDLE_SECONDS = 0.2
AFTER_TROUBLE_SECONDS = 1.0


class Chore(Struct, frozen=True):
    """Something that becomes due again and again; ``do`` returns how much it did."""

    name: str
    every_seconds: float
    do: Callable[[Hub], int]


def chore(name: str, *, every_seconds: float) -> Callable[[Callable[[Hub], int]], Chore]:
    """Declare work that the worker looks after, so often; at once again while there is much."""

    def declare(do: Callable[[Hub], int]) -> Chore:
        return Chore(name, every_seconds, do)

    return declare


def chores_in(modules: Iterable[ModuleType]) -> Iterator[Chore]:
    """Every chore that these modules show, each once, in order of its name."""
    found = {
        value.name: value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, Chore)
    }
    yield from (found[name] for name in sorted(found))


class Worker:
    """Works until it is told to stop; trouble with one task leaves the others going.

    consumers   whom it hands facts to, by name; without it, all of the hub's
    """

    def __init__(
        self,
        hub: Hub,
        chores: Iterable[Chore],
        stop: threading.Event,
        *,
        consumers: Iterable[str] | None = None,
    ) -> None:
        self.hub = hub
        self.stop = stop
        self._consumers = list(hub.consumers if consumers is None else consumers)
        self._batches = dict.fromkeys(self._consumers, BATCH)
        self._due = {chore.name: (0.0, chore) for chore in chores}

    def run(self) -> None:
        """Work until told to stop."""
        while not self.stop.is_set():
            if not self.turn():
                self.stop.wait(IDLE_SECONDS)

    def turn(self) -> int:
        """Do once what is due now; how much was done.

        Where the database does not answer the turn ends: every other task would wait for it, too.
        """
        try:
            done = sum(self._deliver(name) for name in self._consumers)
            return done + sum(self._do(name) for name in list(self._due))
        except (psycopg.OperationalError, PoolTimeout) as problem:
            _log.warning("database_away", problem=type(problem).__name__)
            self.stop.wait(AFTER_TROUBLE_SECONDS)
            return 0

    def _deliver(self, name: str) -> int:
        """Hand over the next facts. A batch that fails as a whole comes again in half, and a fact
        that fails so alone is put off: no fact may hold a consumer up for ever."""
        consumer = self.hub.consumers[name]

        def step() -> int:
            with self.hub.writing("kernel.deliver") as tx:
                limit = self._batches[name]
                self._batches[name] = limit // 2  # unless this one goes well
                if limit:
                    done = deliver(tx, consumer, limit=limit)
                    done += retry_parked(tx, consumer, limit=min(limit, 50))
                else:
                    done = put_off_next(tx, consumer)
            self._batches[name] = min(max(limit, 1) * 2, BATCH)
            return done

        return self._guarded(name, step)

    def _do(self, name: str) -> int:
        due_at, chore = self._due[name]
        if time.monotonic() < due_at or self.stop.is_set():
            return 0
        done = self._guarded(name, lambda: chore.do(self.hub))
        pause = 0.0 if done else chore.every_seconds
        self._due[name] = (time.monotonic() + pause, chore)
        return done

    def _guarded(self, name: str, step: Callable[[], int]) -> int:
        try:
            return step()
        except Exception as problem:
            if is_away(problem):
                raise
            _log.exception("work_failed", task=name)
            self.stop.wait(AFTER_TROUBLE_SECONDS)
            return 0


def is_away(problem: Exception) -> bool:
    """Whether the database did not answer at all: no connection, or it is shutting down.

    Source: PostgreSQL's error codes, classes 08 and 57P; without a code the connection broke.
    """
    if isinstance(problem, psycopg.OperationalError):
        return problem.sqlstate is None or problem.sqlstate.startswith(("08", "57P"))
    return isinstance(problem, PoolTimeout)
