"""What benchmarks share: a shop of their own, buyers as processes, pairs in turn, and results."""

import json
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from msgspec import Struct

from charsu.assembly import prepare
from charsu.kernel.server import open_server


class Result(Struct, frozen=True, kw_only=True):
    """One figure, and whether it reaches what was promised.

    ratio    ours to the reference: above 1 is faster than by hand
    target   the least ratio, or None where the figure stands alone
    """

    name: str
    ratio: float | None
    target: float | None
    met: bool
    figures: dict[str, Any]

    def line(self) -> str:
        """The result for a terminal."""
        shown = ", ".join(f"{name} {value}" for name, value in self.figures.items())
        ratio = "" if self.ratio is None else f" ratio {self.ratio:.2f}"
        target = "" if self.target is None else f" (at least {self.target:.2f})"
        return f"{'met   ' if self.met else 'MISSED'} {self.name}{ratio}{target}: {shown}"


@contextmanager
def fresh_shops(*names: str) -> Iterator[list[str]]:
    """Empty shops on one server of their own; their connection strings."""
    with tempfile.TemporaryDirectory() as folder, open_server(Path(folder) / "data") as server:
        shops = []
        for name in names:
            with psycopg.connect(server.dsn, autocommit=True) as connection:
                connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(_named(name)))
            shops.append(psycopg.conninfo.make_conninfo(server.dsn, dbname=name))
            prepare(shops[-1])
        yield shops


def _named(name: str) -> Any:
    return psycopg.sql.Identifier(name)


Work = Callable[..., AbstractContextManager[Callable[[], None]]]
"""Opens what it needs in a process of its own, and gives what is to be done again and again."""


class Buyers:
    """Processes that work at the same time when they are told to."""

    def __init__(self, count: int, work: Work, *arguments: Any) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipes = []
        self._processes = []
        for number in range(count):
            ours, theirs = context.Pipe()
            process = context.Process(
                target=_buyer, args=(theirs, work, number, *arguments), daemon=True
            )
            process.start()
            self._pipes.append(ours)
            self._processes.append(process)
        for pipe in self._pipes:
            assert pipe.recv() == "ready"

    def per_second(self, seconds: float) -> float:
        """How often they all together did their work, a second."""
        start = time.perf_counter()
        self._order(seconds)
        done = sum(len(pipe.recv()) for pipe in self._pipes)
        return float(done / (time.perf_counter() - start))

    def latencies(self, seconds: float) -> list[float]:
        """How long each piece of work took, in seconds, the shortest first."""
        self._order(seconds)
        return sorted(took for pipe in self._pipes for took in pipe.recv())

    def _order(self, seconds: float) -> None:
        for pipe in self._pipes:
            pipe.send(seconds)

    def close(self) -> None:
        for pipe in self._pipes:
            pipe.send(None)
        for process in self._processes:
            process.join(10)


def _buyer(pipe: Any, work: Work, number: int, *arguments: Any) -> None:
    with work(number, *arguments) as once:
        for _ in range(20):
            once()
        pipe.send("ready")
        while (seconds := pipe.recv()) is not None:
            pipe.send(_worked(once, seconds))


def _worked(once: Callable[[], None], seconds: float) -> list[float]:
    """Work for so long; how long each time took."""
    took: list[float] = []
    now = time.perf_counter()
    end = now + seconds
    while now < end:
        start = now
        once()
        now = time.perf_counter()
        took.append(now - start)
    return took


def in_turn(
    ours: Buyers, by_hand: Buyers, *, pairs: int, seconds: float
) -> tuple[list[float], list[float]]:
    """Both rates, measured in turn so that a slower moment of the machine hits both."""
    first, second = [], []
    for _ in range(pairs):
        first.append(ours.per_second(seconds))
        second.append(by_hand.per_second(seconds))
    return first, second


def compared(
    name: str, ours: Sequence[float], by_hand: Sequence[float], *, target: float, unit: str
) -> Result:
    """The median of the ratios pair by pair, with their spread."""
    ratios = [one / other for one, other in zip(ours, by_hand, strict=True)]
    ratio = statistics.median(ratios)
    figures = {
        f"ours {unit}": round(statistics.median(ours)),
        f"by hand {unit}": round(statistics.median(by_hand)),
        "spread": f"{min(ratios):.2f}–{max(ratios):.2f}",
    }
    return Result(name=name, ratio=ratio, target=target, met=ratio >= target, figures=figures)


def write(results: Sequence[Result], path: Path) -> None:
    """The results as JSON: name, ratio, target, met, figures."""
    rows = [
        {
            "name": r.name,
            "ratio": r.ratio,
            "target": r.target,
            "met": r.met,
            "figures": r.figures,
        }
        for r in results
    ]
    path.write_text(json.dumps({"results": rows}, indent=2, ensure_ascii=False) + "\n")
