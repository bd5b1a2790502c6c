"""Running an import on a shop: chunk by chunk, each with the position that it leads to."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from charsu.imports.positions import Position
from charsu.imports.target import AnyTarget, Options
from charsu.kernel import Hub
from charsu.kernel.intake import (
    ApplyChunk,
    Chunk,
    Earlier,
    Outcome,
    Progress,
    Report,
    RowProblem,
    Rows,
    read_rows,
    run_import,
)


class _DryRun(Exception):
    """Rolls back what a dry run has written."""


def run_target(
    hub: Hub,
    target: AnyTarget,
    source: Rows | Path | str,
    *,
    options: Options,
    dry_run: bool,
    resume: bool,
    progress: Callable[[Progress], None] | None,
    on_problem: Callable[[RowProblem], None] | None,
) -> Report:
    """Bring a file in, from where an interrupted run of the same file and options stopped."""
    rows = source if isinstance(source, Rows) else read_rows(source, encoding=options.encoding)
    position = Position(target.name, rows.facts.sha256, options)
    report = run_import(
        rows,
        target.shape(rows, options),
        _applying(hub, target, options, position),
        dry_run=dry_run,
        chunk=target.chunk,
        decimal=options.decimal,
        earlier=_earlier(hub, position, dry_run=dry_run, resume=resume),
        progress=progress,
        on_problem=on_problem,
    )
    if not dry_run:
        position.finish(hub)
    return report


def _earlier(hub: Hub, position: Position, *, dry_run: bool, resume: bool) -> Earlier:
    """What an interrupted run has left; a dry run looks at the whole file."""
    if dry_run:
        return Earlier()
    if not resume:
        position.forget(hub)
    return position.earlier(hub)


def _applying(hub: Hub, target: AnyTarget, options: Options, position: Position) -> ApplyChunk[Any]:
    """Stores a chunk and its position in one transaction; a dry run takes both back."""

    def apply(chunk: Chunk[Any]) -> Sequence[Outcome]:
        outcomes: list[Outcome] = []
        try:
            with hub.writing(f"import.{target.name}") as tx:
                outcomes += target.store(tx, chunk.items, options)
                if chunk.dry_run:
                    raise _DryRun
                position.keep(tx, chunk.position, chunk.remarks_with(outcomes))
        except _DryRun:
            pass
        return outcomes

    return apply
