"""What an import has done, as a struct and as a sheet that its owner can work through."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from . import problems
from .cells import safe_cell
from .numbers import Mark
from .problems import RowProblem, problem
from .rows import FileFacts
from .shape import Survey

Change = Literal["created", "changed", "unchanged", "refused"]

KEPT = 1_000  # problems, warnings and differences kept in memory; all are counted
SHEET_HEADER = ("line of the file", "field", "reason", "what is wrong", "how to mend it")


class Difference(Struct, frozen=True):
    """One thing that would change or has changed: each field's value before and after."""

    line: int
    name: str
    change: Change
    fields: dict[str, tuple[str | None, str | None]]


class Progress(Struct, frozen=True):
    """How far an import is. Seconds left are None until a rate can be told."""

    rows: int
    rows_total: int
    bytes: int
    bytes_total: int
    rows_per_second: float
    seconds_left: float | None


class Report(Struct, frozen=True, kw_only=True):
    """The account of one import: rows in = rows stored + rows reported + rows stored earlier.

    That of a run which goes on where another was interrupted tells the problems of both.

    rows_stored    rows of things created, changed or found unchanged; in a dry run, that would be
    rows_reported  rows that did not go in, each for itself or with others it belongs to
    rows_earlier   rows that an interrupted run of the same file had stored
    created, changed, unchanged, refused  count things, which may stand in several rows each
    counts         problems and warnings by "field: code", all of them
    problems, warnings, differences       the first thousand of each
    marks          the decimal mark that each number field was read with, where it mattered
    """

    file: FileFacts
    dry_run: bool
    rows_in: int
    rows_stored: int
    rows_reported: int
    rows_earlier: int
    created: int
    changed: int
    unchanged: int
    refused: int
    counts: dict[str, int]
    problems: tuple[RowProblem, ...]
    warnings: tuple[RowProblem, ...]
    differences: tuple[Difference, ...]
    columns_ignored: tuple[str, ...]
    marks: dict[str, Mark]
    seconds: float

    def __post_init__(self) -> None:
        assert self.rows_in == self.rows_stored + self.rows_reported + self.rows_earlier, self


class Tally:
    """A report while it is being counted."""

    def __init__(self, on_problem: Callable[[RowProblem], None] | None) -> None:
        self.rows: Counter[str] = Counter()
        self.things: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self.problems: list[RowProblem] = []
        self.warnings: list[RowProblem] = []
        self.differences: list[Difference] = []
        self._on_problem = on_problem

    def reported(self, rows: int, problems: tuple[RowProblem, ...]) -> None:
        self.rows["reported"] += rows
        self.things["refused"] += 1
        for found in problems:
            self._count(found, self.problems)

    def stored(self, rows: int, warnings: tuple[RowProblem, ...], difference: Difference) -> None:
        self.rows["stored"] += rows
        self.things[difference.change] += 1
        for found in warnings:
            self._count(found, self.warnings)
        if difference.change != "unchanged" and len(self.differences) < KEPT:
            self.differences.append(difference)

    def stored_earlier(self, rows: int, warnings: tuple[RowProblem, ...]) -> None:
        """Rows that an interrupted run has stored."""
        self.rows["earlier"] += rows
        for found in warnings:
            self._count(found, self.warnings)

    def refused_earlier(self, rows: int) -> None:
        """Rows that an interrupted run has refused, nobody knows why any more; they will be among
        those that it is said to have stored."""
        self.rows["earlier"] -= rows
        self.reported(rows, (problem(problems.REFUSED_EARLIER, line=1, rows=rows),))

    def report(
        self,
        file: FileFacts,
        found: Survey,
        *,
        dry_run: bool,
        columns_ignored: tuple[str, ...],
        seconds: float,
    ) -> Report:
        """The finished account. Asserts that it balances with the rows that the survey counted."""
        return Report(
            file=file,
            dry_run=dry_run,
            rows_in=found.rows,
            rows_stored=self.rows["stored"],
            rows_reported=self.rows["reported"],
            rows_earlier=self.rows["earlier"],
            created=self.things["created"],
            changed=self.things["changed"],
            unchanged=self.things["unchanged"],
            refused=self.things["refused"],
            counts=dict(self.counts),
            problems=tuple(sorted(self.problems, key=_line)),
            warnings=tuple(sorted(self.warnings, key=_line)),
            differences=tuple(self.differences),
            columns_ignored=columns_ignored,
            marks=found.marks,
            seconds=seconds,
        )

    def _count(self, found: RowProblem, kept: list[RowProblem]) -> None:
        self.counts[f"{found.field or 'row'}: {found.code}"] += 1
        if len(kept) < KEPT:
            kept.append(found)
        if self._on_problem:
            self._on_problem(found)


def _line(found: RowProblem) -> int:
    return found.line


@contextmanager
def problem_sheet(
    path: Path, translate: Callable[[str], str] = str
) -> Iterator[Callable[[RowProblem], None]]:
    """A CSV of every problem and warning, written as they are found; give it as ``on_problem``."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        sheet = csv.writer(file)
        sheet.writerow(map(translate, SHEET_HEADER))

        def write(found: RowProblem) -> None:
            sentence, advice = found.sentence(translate), found.advice(translate)
            texts = (found.field or "", found.code, sentence, advice)
            sheet.writerow((found.line, *map(safe_cell, texts)))

        yield write


def write_report(report: Report, path: Path) -> None:
    """The report as JSON, without what exceeds the first thousand problems."""
    finished = msgspec.structs.replace(
        report,
        problems=tuple(one.filled() for one in report.problems),
        warnings=tuple(one.filled() for one in report.warnings),
    )
    path.write_bytes(msgspec.json.format(msgspec.json.encode(finished), indent=2) + b"\n")
