"""Other systems' whole exports: files that hold several things at once and need rules of their own.

Who knows such a system gives an ``Export`` to ``imports.run``.
"""

from collections.abc import Callable, Sequence

from msgspec import Struct

from charsu.kernel import Hub
from charsu.kernel.intake import Progress, Report, RowProblem, Rows

BringIn = Callable[
    [Hub, Rows, bool, Callable[[Progress], None] | None, Callable[[RowProblem], None] | None],
    Report,
]


class Export(Struct, frozen=True):
    """How one system's export is known and brought in.

    targets    under which names of targets its users will bring it
    knows      whether a file with these columns is one
    bring_in   (hub, rows, dry run, progress, on problem): stores or reports every row
    """

    name: str
    targets: frozenset[str]
    knows: Callable[[Sequence[str]], bool]
    bring_in: BringIn
