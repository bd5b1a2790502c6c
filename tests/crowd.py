"""Processes that work on one shop at the same time, each with a hub of its own."""

import multiprocessing
import traceback
from collections.abc import Callable, Sequence
from typing import Any

from charsu.assembly import open_hub
from charsu.kernel import Hub

SIZE = 4
PATIENCE_SECONDS = 120


class Member:
    """One of the processes.

    hub      its own
    number   0 for the first
    """

    def __init__(self, hub: Hub, number: int, barrier: Any) -> None:
        self.hub = hub
        self.number = number
        self._barrier = barrier
        self._has_met = False

    def meet(self) -> None:
        """Go on when everybody has come here; each waits once only."""
        if not self._has_met:
            self._has_met = True
            self._barrier.wait(PATIENCE_SECONDS)


class Crowd:
    """SIZE processes, started once, that rush whatever shop they are sent to."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._barrier = barrier = context.Barrier(SIZE)  # gone from the system with its last owner
        self._pipes = []
        self._processes = []
        for number in range(SIZE):
            ours, theirs = context.Pipe()
            process = context.Process(target=_live, args=(theirs, number, barrier), daemon=True)
            process.start()
            theirs.close()
            self._pipes.append(ours)
            self._processes.append(process)

    def rush(self, shop: str, work: Callable[..., Any], shares: Sequence[Any], **more: Any) -> list:
        """What ``work(member, share, **more)`` answers in each process, begun together.

        work   a function of a module, for the processes have nothing of ours but its name
        """
        assert len(shares) == SIZE
        for pipe, share in zip(self._pipes, shares, strict=True):
            pipe.send((shop, work, share, more))
        answers = [pipe.recv() for pipe in self._pipes]
        problems = [problem for _, problem in answers if problem]
        if problems:
            self._barrier.reset()
        assert not problems, "\n".join(problems)
        return [answer for answer, _ in answers]

    def close(self) -> None:
        """Send everybody home."""
        for pipe in self._pipes:
            pipe.send(None)
            pipe.close()
        for process in self._processes:
            process.join(30)
            process.close()


def shares(things: Sequence[Any]) -> list[list[Any]]:
    """The same number for each process, or one more."""
    return [list(things[number::SIZE]) for number in range(SIZE)]


def _live(pipe: Any, number: int, barrier: Any) -> None:
    while (task := pipe.recv()) is not None:
        shop, work, share, more = task
        try:
            with open_hub(shop, connections=2) as hub:
                with hub.reading():
                    barrier.wait(PATIENCE_SECONDS)
                pipe.send((work(Member(hub, number, barrier), share, **more), ""))
        except Exception:
            barrier.abort()  # or the others would wait for this one
            pipe.send((None, traceback.format_exc()))
