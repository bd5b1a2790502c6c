"""What a process is: named steps, each run with no transaction open."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from types import ModuleType
from typing import Any
from uuid import UUID

from msgspec import Struct

from charsu.kernel.hub import Hub

LEASE = timedelta(minutes=2)  # longer than any step may take


class Running(Struct, frozen=True):
    """A process at the step that it is to take now.

    attempt   of this step; the first is 1
    """

    id: UUID
    kind: str
    subject_id: UUID
    step: str
    data: dict[str, Any]
    attempt: int

    @property
    def key(self) -> str:
        """What the outside sees at each attempt of this step, so that it does it once."""
        return f"{self.id}:{self.step}"


Step = Callable[[Hub, Running], None]
"""Takes one step: calls outside with no transaction open, then stores what came of it together with
``advance`` or ``finish`` in one transaction. It may be run again after a crash at any point."""


class Process(Struct, frozen=True):
    """A kind of process; the first step named is the first that is taken."""

    kind: str
    steps: Mapping[str, Step]

    @property
    def first(self) -> str:
        return next(iter(self.steps))


class Outside(Exception):
    """The outside did not answer or does not know; the step is tried again later."""


def processes_in(modules: Iterable[ModuleType]) -> Iterator[Process]:
    """Every kind of process that these modules show, each once, in order of its name."""
    found = {
        value.kind: value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, Process)
    }
    yield from (found[kind] for kind in sorted(found))
