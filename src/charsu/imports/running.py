"""Running an import on a shop: chunk by chunk, each with the position that it leads to."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from charsu.imports.positions import finish, interrupted_at, keep_position
from charsu.imports.target import AnyTarget, Options
from charsu.kernel import Hub
from charsu.kernel.intake import (
    ApplyChunk,
    Chunk,
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
    """Bring a file in, from where an interrupted run of the same file stopped."""
    rows = source if isinstance(source, Rows) else read_rows(source)
    file = rows.facts.sha256
    report = run_import(
        rows,
        target.shape(rows, options),
        _applying(hub, target, options),
        dry_run=dry_run,
        chunk=target.chunk,
        resume_at=interrupted_at(hub, target.name, file) if resume and not dry_run else 0,
        progress=progress,
        on_problem=on_problem,
    )
    if not dry_run:
        finish(hub, target.name, file)
    return report


def _applying(hub: Hub, target: AnyTarget, options: Options) -> ApplyChunk[Any]:
    """Stores a chunk and its position in one transaction; a dry run takes both back."""

    def apply(chunk: Chunk[Any]) -> Sequence[Outcome]:
        outcomes: list[Outcome] = []
        try:
            with hub.writing(f"import.{target.name}") as tx:
                outcomes += target.store(tx, chunk.items, options)
                if chunk.dry_run:
                    raise _DryRun
                keep_position(tx, target.name, chunk.file_sha256, chunk.position)
        except _DryRun:
            pass
        return outcomes

    return apply
