"""One import from file to report: twice gives nothing new, a crash costs one chunk's work.

This module opens no transaction. Each chunk is handed to the target, which applies it in one
transaction of its own and keeps there the position that comes with it; in a dry run it finds out
what would change and rolls back. So a kept position is never ahead of the rows, nor behind them.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from charsu.kernel.errors import Conflict, HubError, Invalid, NotFound, TookTooLong

from . import problems
from .numbers import Mark
from .problems import RowProblem, problem, refused_by
from .reading import Rows, read_rows
from .report import Change, Difference, Progress, Report, Tally
from .seen import SeenKeys
from .shape import Item, Shape, Survey, require_columns, survey

T = TypeVar("T")

# Refusals that lie in the row. Others (no permission, no database) end the import.
OF_THE_ROW = (Invalid, NotFound, Conflict)


class Chunk(Struct, Generic[T], frozen=True):
    """Things to apply in one transaction, in the order of the file.

    file_sha256  with the name of the target the key under which a position is kept
    position     rows of the file dealt with once this chunk is; to be kept in its transaction
    dry_run      find out what would change, then roll back and keep no position
    refused      items between the chunk before and the end of this one that were refused alone
    """

    items: tuple[Item[T], ...]
    file_sha256: str
    position: int
    dry_run: bool
    refused: tuple["Remark", ...] = ()

    @property
    def values(self) -> list[T]:
        return [item.value for item in self.items if item.value is not None]

    def remarks_with(self, outcomes: Sequence["Outcome"]) -> list["Remark"]:
        """What is to be kept with the position, once these are the outcomes."""
        said = zip(self.items, outcomes, strict=True)
        return [
            *self.refused,
            *(
                Remark(item.line, outcome.change == "refused", outcome.problems, item.rows)
                for item, outcome in said
                if outcome.problems
            ),
        ]


class Outcome(Struct, frozen=True):
    """What became of one item. A refused one says why, as ``problem(reason, line=item.line)``."""

    change: Change
    name: str = ""
    fields: dict[str, tuple[str | None, str | None]] = {}
    problems: tuple[RowProblem, ...] = ()


class Remark(Struct, frozen=True):
    """What the target says of an item, and reading the file again does not: why it is refused, or
    what is remarkable about it. To be kept with the position."""

    line: int
    is_refused: bool
    problems: tuple[RowProblem, ...]
    rows: int = 0


class Earlier(Struct, frozen=True):
    """What an interrupted run of the same file had dealt with, as it was kept.

    position          kept with its last chunk
    remarks           by the line of their items
    rows_unexplained  rows that were refused beyond those with a remark
    """

    position: int = 0
    remarks: dict[int, Remark] = {}
    rows_unexplained: int = 0


class _Placed(NamedTuple, Generic[T]):
    """An item, and how many rows of the file end with it."""

    item: Item[T]
    end: int


ApplyChunk = Callable[[Chunk[T]], Sequence[Outcome]]


def run_import(
    source: Rows | Path | str,
    shape: Shape[T],
    apply_chunk: ApplyChunk[T],
    *,
    dry_run: bool = False,
    chunk: int = 1_000,
    decimal: Mark | None = None,
    earlier: Earlier = Earlier(),  # noqa: B008 (frozen)
    progress: Callable[[Progress], None] | None = None,
    on_problem: Callable[[RowProblem], None] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Report:
    """Bring a file's good rows in, and account for every row.

    apply_chunk  gives one outcome for each item. A refusal that it raises is narrowed down, by
                 halves, to the item that causes it, and reported as that item's problem. A chunk
                 that takes longer than a transaction may comes again in halves, too.
    chunk        rows after which a chunk is applied; things of several rows are not cut
    decimal      the decimal mark of all numbers; without it each column's is found
    earlier      what an interrupted run of the same file has left: its rows are not applied again,
                 and its problems are reported again
    on_problem   is told every problem and warning; the report keeps the first thousand

    Raises UnreadableFile or NoSuchFile before anything is applied, and TookTooLong where one item
    alone takes longer than a transaction may.
    """
    began = clock()
    rows = source if isinstance(source, Rows) else read_rows(source)
    found = _survey(rows, shape, decimal)
    tally = Tally(on_problem)
    target = _Target(apply_chunk, rows.facts.sha256, dry_run, tally)
    with rows.reading() as reading, SeenKeys() as seen:
        pace = _Pace(found.rows, rows.facts.size, earlier.position, clock)
        placed = _placed(shape.items(iter(reading), found.marks), seen)
        for batch in _batches(_after(placed, earlier, tally), chunk):
            target.take(batch)
            if progress:
                progress(pace.at(batch[-1].end, reading.consumed))
    ignored = _ignored(shape, rows.columns)
    return tally.report(
        rows.facts, found, dry_run=dry_run, columns_ignored=ignored, seconds=clock() - began
    )


class _Target(Generic[T]):
    """Where batches go, and the account of what became of them."""

    def __init__(
        self, apply_chunk: ApplyChunk[T], file_sha256: str, dry_run: bool, tally: Tally
    ) -> None:
        self._apply_chunk = apply_chunk
        self._file_sha256 = file_sha256
        self._dry_run = dry_run
        self._tally = tally
        self._refused: list[Remark] = []  # since the last chunk that was stored

    def take(self, batch: Sequence[_Placed[T]]) -> None:
        for item, _ in batch:
            if item.value is None:
                self._tally.reported(item.rows, item.problems)
        self._apply([placed for placed in batch if placed.item.value is not None])

    def _apply(self, good: Sequence[_Placed[T]]) -> None:
        if not good:
            return
        items = tuple(item for item, _ in good)
        refused = tuple(self._refused)
        chunk = Chunk(items, self._file_sha256, good[-1].end, self._dry_run, refused)
        try:
            outcomes = self._apply_chunk(chunk)
        except TookTooLong:
            if len(good) == 1:
                raise
            self._halve(good)
        except OF_THE_ROW as refusal:
            self._narrow(good, refusal)
        else:
            self._refused.clear()
            for item, outcome in zip(items, outcomes, strict=True):
                self._count(item, outcome)

    def _narrow(self, good: Sequence[_Placed[T]], refusal: HubError) -> None:
        """The target rolled the whole chunk back: one half of it, or both, may still be good."""
        if len(good) == 1:
            item = good[0].item
            said = (refused_by(refusal, line=item.line),)
            self._tally.reported(item.rows, said)
            self._refused.append(Remark(item.line, True, said, item.rows))
        else:
            self._halve(good)

    def _halve(self, good: Sequence[_Placed[T]]) -> None:
        half = len(good) // 2
        self._apply(good[:half])
        self._apply(good[half:])

    def _count(self, item: Item[T], outcome: Outcome) -> None:
        if outcome.change == "refused":
            self._tally.reported(item.rows, outcome.problems)
            return
        difference = Difference(item.line, outcome.name, outcome.change, outcome.fields)
        self._tally.stored(item.rows, (*item.warnings, *outcome.problems), difference)


class _Pace:
    """How fast rows go in, leaving out those that an earlier run had dealt with."""

    def __init__(
        self, rows_total: int, bytes_total: int, resume_at: int, clock: Callable[[], float]
    ) -> None:
        self._rows_total = rows_total
        self._bytes_total = bytes_total
        self._resume_at = resume_at
        self._clock = clock
        self._started = clock()

    def at(self, rows: int, consumed: int) -> Progress:
        seconds = self._clock() - self._started
        rate = (rows - self._resume_at) / seconds if seconds > 0 else 0.0
        left = (self._rows_total - rows) / rate if rate else None
        return Progress(rows, self._rows_total, consumed, self._bytes_total, rate, left)


def _survey(rows: Rows, shape: Shape[T], decimal: Mark | None) -> Survey:
    if rows.facts.format != "jsonl":  # there each row names its own fields
        require_columns(shape, rows.columns)
    found = survey(iter(rows), shape, rows.columns)
    if decimal is None:
        return found
    numbers = (field.name for field in shape.fields if field.read.kind == "number")
    return Survey(found.rows, dict.fromkeys(numbers, decimal))


def _placed(items: Iterable[Item[T]], seen: SeenKeys) -> Iterator[_Placed[T]]:
    end = 0
    for item in items:
        end += item.rows
        yield _Placed(_once(item, seen), end)


def _once(item: Item[T], seen: SeenKeys) -> Item[T]:
    """The item, or its refusal where the same key stood in the file before."""
    first = None if item.key is None else seen.first_line(item.key, item.line)
    if first is None:
        return item
    again = problem(problems.DUPLICATE_ROW, line=item.line, first=first)
    return replace(item, value=None, problems=(again, *item.problems), warnings=())


def _after(placed: Iterable[_Placed[T]], earlier: Earlier, tally: Tally) -> Iterator[_Placed[T]]:
    """What an interrupted run has left; what it had dealt with is counted, its problems told."""
    if earlier.rows_unexplained:
        tally.refused_earlier(earlier.rows_unexplained)
    for one in placed:
        if one.end > earlier.position:
            yield one
        else:
            _recount(one.item, earlier.remarks.get(one.item.line), tally)


def _recount(item: Item[T], remark: Remark | None, tally: Tally) -> None:
    if item.value is None:
        tally.reported(item.rows, item.problems)
    elif remark is not None and remark.is_refused:
        tally.reported(item.rows, remark.problems)
    else:
        said = () if remark is None else remark.problems
        tally.stored_earlier(item.rows, (*item.warnings, *said))


def _batches(placed: Iterable[_Placed[T]], size: int) -> Iterator[list[_Placed[T]]]:
    batch: list[_Placed[T]] = []
    rows = 0
    for one in placed:
        batch.append(one)
        rows += one.item.rows
        if rows >= size:
            yield batch
            batch, rows = [], 0
    if batch:
        yield batch


def _ignored(shape: Shape[T], columns: Sequence[str]) -> tuple[str, ...]:
    used = set(shape.columns_of(columns).values())
    return tuple(column for column in columns if column not in used)
