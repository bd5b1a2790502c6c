"""What a campaign found."""

from collections import Counter
from statistics import quantiles

from msgspec import Struct

Kind = str  # web, worker, postgres


class Kill(Struct, frozen=True):
    """A process that was killed.

    point              the named point at which it died; None: at a moment like any other
    recovered_seconds  until the next request was acknowledged; None if none was
    """

    kind: Kind
    point: str | None
    recovered_seconds: float | None = None


class Report(Struct, frozen=True, kw_only=True):
    """What a campaign found.

    acknowledged  requests that were answered, by operation
    retried       attempts that came to nothing and were made again with the same key
    faults        answers 5xx but 503, by kind: even where the retry went well
    lost          acknowledged requests that are not there, or not as they were answered
    inconsistent  everything else that is wrong: what nobody was told of, and failed checks
    """

    kills: tuple[Kill, ...]
    acknowledged: dict[str, int]
    retried: int
    faults: dict[str, int]
    lost: tuple[str, ...]
    inconsistent: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.inconsistent)

    def killed(self, kind: Kind) -> int:
        """How many processes of this kind were killed."""
        return sum(kill.kind == kind for kill in self.kills)

    @property
    def at_points(self) -> int:
        """How many were killed inside an operation, at a named point."""
        return sum(kill.point is not None for kill in self.kills)

    def lines(self) -> list[str]:
        """The report for people: the sum first, then what was killed where, then what is wrong."""
        kinds = Counter(kill.kind for kill in self.kills)
        points = Counter(f"{kill.kind} at {kill.point}" for kill in self.kills if kill.point)
        return [
            f"{len(self.kills)} kills / {len(self.lost)} acknowledged lost / "
            f"{len(self.inconsistent)} inconsistent",
            f"killed: {_counts(kinds)}; {self.at_points} of them inside an operation",
            f"acknowledged: {_counts(self.acknowledged)}; {self.retried} attempts made again, "
            f"{sum(self.faults.values())} answered as faults",
            f"after a kill the next answer came within {self._recovery()}",
            *(f"  {count:4} {name}" for name, count in sorted(points.items())),
            *(f"  {count:4} {name}" for name, count in sorted(self.faults.items())),
            *(f"lost: {line}" for line in self.lost),
            *(f"inconsistent: {line}" for line in self.inconsistent),
        ]

    def _recovery(self) -> str:
        seconds = [
            kill.recovered_seconds for kill in self.kills if kill.recovered_seconds is not None
        ]
        if len(seconds) < 2:
            return "an unknown time"
        cuts = quantiles(seconds, n=100, method="inclusive")
        return f"{cuts[49]:.2f} s (half of them) and {cuts[98]:.2f} s (99 of 100)"


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
