"""Imports: what a retailer brings along, as files, into the shop.

Each row of a file is stored or reported with the reason and how to mend it. The same file twice
changes nothing; a run that broke off goes on where it was, where the same was said with the file;
a dry run says what would change.
"""

from collections.abc import Callable
from pathlib import Path

from charsu.imports.customers import CUSTOMERS
from charsu.imports.errors import TargetUnknown
from charsu.imports.exports import Asked, Export
from charsu.imports.orders import ORDERS
from charsu.imports.products import PRODUCTS
from charsu.imports.running import run_target
from charsu.imports.stock import STOCK
from charsu.imports.target import AnyTarget, Options, Target
from charsu.kernel import Hub
from charsu.kernel.intake import Progress, Report, RowProblem, read_rows

TARGETS: dict[str, AnyTarget] = {
    target.name: target for target in (PRODUCTS, STOCK, CUSTOMERS, ORDERS)
}
"""Everything that can be imported, by its name."""


def run(
    hub: Hub,
    target: str,
    path: Path | str,
    *,
    dry_run: bool = False,
    resume: bool = True,
    options: Options = Options(),  # noqa: B008 (frozen)
    exports: tuple[Export, ...] = (),
    progress: Callable[[Progress], None] | None = None,
    on_problem: Callable[[RowProblem], None] | None = None,
) -> Report:
    """Bring a file in and account for every row.

    target    a name of TARGETS
    exports   other systems' whole exports, known by their columns: such a file goes in its own way

    Raises TargetUnknown, UnreadableFile and NoSuchFile before anything is stored.
    """
    if target not in TARGETS:
        raise TargetUnknown(target, TARGETS)
    rows = read_rows(path, encoding=options.encoding)
    for export in exports:
        if target in export.targets and export.knows(rows.columns):
            asked = Asked(
                file=rows.facts, dry_run=dry_run, progress=progress, on_problem=on_problem
            )
            return export.bring_in(hub, Path(path), asked)
    return run_target(
        hub,
        TARGETS[target],
        rows,
        options=options,
        dry_run=dry_run,
        resume=resume,
        progress=progress,
        on_problem=on_problem,
    )


__all__ = ["TARGETS", "Asked", "Export", "Options", "Target", "TargetUnknown", "run"]
