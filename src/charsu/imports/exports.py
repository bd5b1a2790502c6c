"""Other systems' whole exports: files that hold several things at once and need rules of their own.

Who knows such a system gives an ``Export`` to ``imports.run``.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct

from charsu.kernel import Hub
from charsu.kernel.intake import FileFacts, Progress, Report, RowProblem


class Asked(Struct, frozen=True, kw_only=True):
    """How a file is to be brought in, and who watches."""

    file: FileFacts
    dry_run: bool = False
    progress: Callable[[Progress], None] | None = None
    on_problem: Callable[[RowProblem], None] | None = None


class Export(Struct, frozen=True):
    """How one system's export is known and brought in.

    targets    under which names of targets its users will bring it
    knows      whether a file with these columns is one
    bring_in   stores or reports every row of the file at this path
    """

    name: str
    targets: frozenset[str]
    knows: Callable[[Sequence[str]], bool]
    bring_in: Callable[[Hub, Path, Asked], Report]
