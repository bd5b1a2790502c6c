"""Rows that belong together: the lines of one order, the variants of one product."""

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from . import problems
from .limits import LIMITS, Limits
from .problems import BadCell, RowProblem, problem
from .readers import is_empty
from .rows import Entry
from .shape import Field, Item, Marks, RowShape

R = TypeVar("R")
G = TypeVar("G")


class _Group(Generic[R]):
    """Rows in a row that carry the same key, good and bad."""

    def __init__(self, key: str, first: Item[R], limit: int) -> None:
        self.key = key
        self.members = [first]
        self.strays: list[Item[R]] = []  # of no key; inside if the key comes again after them
        self._limit = limit
        self.overflowed = False

    @property
    def is_full(self) -> bool:
        return len(self.members) + len(self.strays) >= self._limit

    def take(self, item: Item[R]) -> None:
        self.members += [*self.strays, item]
        self.strays = []


class GroupShape(Generic[R, G]):
    """One struct of all neighbouring rows that have the same value in one field.

    A group goes in whole or not at all: an order without one of its lines would be another order.
    Where one row is wrong the others are reported as held back. A row that cannot even be split
    belongs to a group when it lies inside it. Rows of a key that comes again later are refused, for
    that usually means that a file was sorted by something else.

    rows   the shape of one row
    by     the field that says what belongs together
    build  called with the rows' structs in their order; it may raise BadCell
    """

    def __init__(
        self,
        rows: RowShape[R],
        *,
        by: str,
        build: Callable[[Sequence[R]], G],
        key: Callable[[G], str],
        limits: Limits = LIMITS,
    ) -> None:
        self._rows = rows
        self._by = by
        self._build = build
        self._key = key
        self._limit = limits.group_rows

    @property
    def fields(self) -> Sequence[Field]:
        return self._rows.fields

    def columns_of(self, columns: Sequence[str]) -> dict[str, str]:
        return self._rows.columns_of(columns)

    def key(self, value: G) -> str | None:
        return self._key(value)

    def items(self, entries: Iterator[Entry], marks: Marks) -> Iterator[Item[G]]:
        """One item of each group; rows that belong nowhere are items of their own."""
        group: _Group[R] | None = None
        for entry in entries:
            key, item = self._key_of(entry), self._rows.item(entry, marks)
            if group and (key is None or key == group.key):
                yield from self._joined(group, key, item)
                continue
            if group:
                yield from self._finished(group)
            group = _Group(key, item, self._limit) if key is not None else None
            if key is None:
                yield _alone(item)
        if group:
            yield from self._finished(group)

    def _joined(self, group: _Group[R], key: str | None, item: Item[R]) -> Iterator[Item[G]]:
        """Add the row to the group; once the group is too large, refuse row after row."""
        if group.is_full and not group.overflowed:
            group.overflowed = True
            yield from map(self._too_many, [*group.members, *group.strays])
            group.members, group.strays = [], []
        if group.overflowed:
            yield self._too_many(item)
        elif key is None:
            group.strays.append(item)
        else:
            group.take(item)

    def _finished(self, group: _Group[R]) -> Iterator[Item[G]]:
        if not group.overflowed:
            yield self._whole(group.members)
            yield from map(_alone, group.strays)

    def _whole(self, members: list[Item[R]]) -> Item[G]:
        line, count = members[0].line, len(members)
        bad = next((m for m in members if m.problems), None)
        if bad:
            return Item(line, count, None, tuple(_held_back(members, bad.line)))
        warnings = tuple(w for m in members for w in m.warnings)
        try:
            value = self._build([m.value for m in members if m.value is not None])
        except BadCell as wrong:
            first = wrong.found_at(line)
            rest = [problem(problems.HELD_BACK, line=m.line, first=line) for m in members[1:]]
            return Item(line, count, None, (first, *rest))
        return Item(line, count, value, (), warnings)

    def _key_of(self, entry: Entry) -> str | None:
        if isinstance(entry, RowProblem):
            return None
        column = self._rows.column_in(entry, self._by)
        value = None if column is None else entry.fields[column]
        return None if is_empty(value) else str(value).strip()

    def _too_many(self, item: Item[R]) -> Item[G]:
        found = problem(problems.GROUP_TOO_LARGE, line=item.line, field=self._by, limit=self._limit)
        return Item(item.line, 1, None, (found,))


def _alone(item: Item[R]) -> Item[G]:
    """A row without a key, and so always with a problem."""
    return Item(item.line, item.rows, None, item.problems)


def _held_back(members: Sequence[Item[R]], bad_line: int) -> Iterator[RowProblem]:
    for member in members:
        if member.problems:
            yield from member.problems
        else:
            yield problem(problems.HELD_BACK, line=member.line, first=bad_line)
