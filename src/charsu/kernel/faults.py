"""Named points where a test may stop the hub dead.

Every operation passes ``NAME/opened``, ``NAME/worked``, ``NAME/closed`` and
``NAME/committed``. With ``CHARSU_FAULTS="orders.place/closed=kill@0.2"`` a process dies by SIGKILL
at that point in one case out of five; ``*`` stands for any name. Without the variable nothing
is checked.
"""

import os
import random
import signal
from fnmatch import fnmatchcase

from msgspec import Struct


class Fault(Struct, frozen=True):
    """One rule: at which points, and how likely."""

    points: str
    probability: float


class Faults:
    """What may go wrong on purpose in this process; nothing by default."""

    def __init__(self, faults: list[Fault] | None = None, *, seed: int | None = None) -> None:
        self._faults = faults or []
        self._chance = random.Random(seed)

    def reach(self, point: str) -> None:
        """Die here if a rule says so."""
        for fault in self._faults:
            if fnmatchcase(point, fault.points) and self._chance.random() < fault.probability:
                os.kill(os.getpid(), signal.SIGKILL)

    def before_call(self, statement: str) -> None:
        """Called before each call of a transaction to the database but the commit, which has
        points of its own: the statement that opens it, those inside, savepoints and each COPY.
        Tests let the Nth one fail.
        """


def faults_from_environment() -> Faults:
    """The rules of CHARSU_FAULTS: ``point=kill@probability``, separated by commas."""
    text = os.environ.get("CHARSU_FAULTS", "")
    rules = (rule.partition("=kill@") for rule in text.split(",") if rule)
    return Faults([Fault(points, float(chance or 1)) for points, _, chance in rules])
