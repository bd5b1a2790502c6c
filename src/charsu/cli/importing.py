"""A file into the shop, with a bar that tells how far it is and a report of every row."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from charsu.cli.bars import bar
from charsu.cli.refusing import ZoneUnknown, out, said
from charsu.cli.shop import shop
from charsu.cli.speaking import _, number, plural, spoken
from charsu.demo.loading.wholesale import ONLINE_RETAIL
from charsu.imports import Options, run
from charsu.kernel.intake import (
    Difference,
    Mark,
    Progress,
    Report,
    RowProblem,
    problem_sheet,
    visible,
    write_report,
)
from charsu.language import mark_sentence

SHOWN = 20


CHANGES = {
    "created": mark_sentence("created"),
    "changed": mark_sentence("changed"),
    "unchanged": mark_sentence("unchanged"),
    "refused": mark_sentence("refused"),
}


MARKS: dict[str, Mark] = {"comma": ",", "point": "."}


def options(*, zone: str | None, decimal: str | None, **given: Any) -> Options:
    """What a file does not say itself. Raises OptionInvalid."""
    mark = None if decimal is None else MARKS[decimal]
    try:
        return Options(**given, decimal=mark, zone=None if zone is None else ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError) as problem:
        raise ZoneUnknown(zone) from problem


def import_file(
    data: Path | None,
    target: str,
    file: Path,
    *,
    options: Options,
    dry_run: bool,
    report: Path | None,
    problems: Path | None,
) -> None:
    """Import the file; exits with status 1 where no row of it was good."""
    with shop(data) as hub, _told(file.name) as progress, _sheet(problems) as on_problem:
        done = run(
            hub,
            target,
            file,
            dry_run=dry_run,
            options=options,
            exports=(ONLINE_RETAIL,),
            progress=progress,
            on_problem=on_problem,
        )
    show_report(done)
    if report is not None:
        write_report(done, report)
    if done.rows_in and not done.rows_stored and not done.rows_earlier:
        raise typer.Exit(1)


def show_report(report: Report) -> None:
    """What came in, what would change, and the first rows that did not go in."""
    if report.file.encoding_decided == "guessed":
        guessed = _(
            "Read as {encoding}, guessed by its letters; if that is wrong, "
            "name it with --encoding.",
            encoding=report.file.encoding,
        )
        said.print(guessed, markup=False)
    for difference in report.differences[:SHOWN] if report.dry_run else ():
        out.print(_changed(difference), markup=False)
    for problem in (*report.problems[:SHOWN], *report.warnings[:SHOWN]):
        out.print(_mended(problem), markup=False)
    out.print(_rows(report), _things(report), markup=False)


def _rows(report: Report) -> str:
    """What became of the rows of the file."""
    counts = {
        "rows": number(report.rows_in),
        "stored": number(report.rows_stored),
        "reported": number(report.rows_reported),
        "earlier": number(report.rows_earlier),
    }
    if report.dry_run:
        return plural(
            "{rows} row: {stored} would be stored, {reported} reported.",
            "{rows} rows: {stored} would be stored, {reported} reported.",
            report.rows_in,
            **counts,
        )
    return plural(
        "{rows} row: {stored} stored, {reported} reported, {earlier} stored earlier.",
        "{rows} rows: {stored} stored, {reported} reported, {earlier} stored earlier.",
        report.rows_in,
        **counts,
    )


def _things(report: Report) -> str:
    """What became of the products, customers or orders that the rows tell of."""
    counts = {
        "created": number(report.created),
        "changed": number(report.changed),
        "unchanged": number(report.unchanged),
        "refused": number(report.refused),
    }
    if report.dry_run:
        return _(
            "{created} would be created, {changed} changed, {unchanged} unchanged, "
            "{refused} refused.",
            **counts,
        )
    return _(
        "{created} created, {changed} changed, {unchanged} unchanged, {refused} refused.",
        **counts,
    )


@contextmanager
def _sheet(path: Path | None) -> Iterator[Callable[[RowProblem], None] | None]:
    if path is None:
        yield None
        return
    with problem_sheet(path, spoken()) as write:
        yield write


@contextmanager
def _told(name: str) -> Iterator[Callable[[Progress], None]]:
    with bar() as bars:
        task = bars.add_task(visible(name), total=None)

        def show(progress: Progress) -> None:
            bars.update(task, completed=progress.rows, total=progress.rows_total)

        yield show


def _changed(difference: Difference) -> str:
    fields = ", ".join(
        f"{name} {before or '–'} → {after or '–'}"
        for name, (before, after) in difference.fields.items()
    )
    where = _("line {line}", line=difference.line)
    return f"{where}: {_(CHANGES[difference.change])} {difference.name} {fields}".rstrip()


def _mended(problem: RowProblem) -> str:
    where = _("line {line}", line=problem.line) + (f", {problem.field}" if problem.field else "")
    return f"{where}: {problem.sentence(spoken())} {problem.advice(spoken())}".rstrip()
