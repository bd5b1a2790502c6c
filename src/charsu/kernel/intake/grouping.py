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
    """Neighbouring rows that carry the same key, good and bad."""

    def __init__(self, key: str, first: Item[R]) -> None:
        self.key = key
        self.members = [first]
        self.strays: list[Item[R]] = []  # of no key; inside if the key comes again after them
        self.overflowed = False

    def __len__(self) -> int:
        return len(self.members) + len(self.strays)

    def take(self, item: Item[R]) -> None:
        self.members += [*self.strays, item]
        self.strays = []

    def overflow(self) -> list[Item[R]]:
        """Give up all that was held; from now on rows are refused as they come."""
        held = [*self.members, *self.strays]
        self.members, self.strays, self.overflowed = [], [], True
        return held


class GroupShape(Generic[R, G]):
    """One struct of all neighbouring rows that have the same value in one field.

    A group goes in whole or not at all: an order without one of its lines would be another order.
    Where one row is wrong the others are reported as held back. A row that cannot even be split
    belongs to a group when it lies inside it. Rows of a key that comes again later are refused, for
    that usually means that a file was sorted by something else.

    rows   the shape of one row
    by     the field that says what belongs together; every row must have it
    build  called with the rows' structs in their order; it may raise BadCell
    key    what may stand in the file only once; the value of ``by`` if not said otherwise
    """

    def __init__(
        self,
        rows: RowShape[R],
        *,
        by: str,
        build: Callable[[Sequence[R]], G],
        key: Callable[[G], str] | None = None,
        limits: Limits = LIMITS,
    ) -> None:
        assert any(field.name == by and field.required for field in rows.fields)
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

    def items(self, entries: Iterator[Entry], marks: Marks) -> Iterator[Item[G]]:
        """One item of each group; rows that belong nowhere are items of their own."""
        group: _Group[R] | None = None
        for entry in entries:
            key, item = self._key_of(entry), self._rows.item(entry, marks)
            if group and self._belongs(group, key):
                yield from self._joined(group, key, item)
                continue
            if group:
                yield from self._finished(group)
            group = None if key is None else _Group(key, item)
            if key is None:
                yield _alone(item)
        if group:
            yield from self._finished(group)

    def _belongs(self, group: _Group[R], key: str | None) -> bool:
        """A row without a key may, as long as not too many of them wait to be told."""
        if key is None:
            return not group.overflowed and len(group) < self._limit
        return key == group.key

    def _joined(self, group: _Group[R], key: str | None, item: Item[R]) -> Iterator[Item[G]]:
        """Add the row to the group; once the group is too large, refuse row after row."""
        if len(group) >= self._limit:
            yield from map(self._too_many, group.overflow())
        if group.overflowed:
            yield self._too_many(item)
        elif key is None:
            group.strays.append(item)
        else:
            group.take(item)

    def _finished(self, group: _Group[R]) -> Iterator[Item[G]]:
        if not group.overflowed:
            yield self._whole(group.key, group.members)
            yield from map(_alone, group.strays)

    def _whole(self, key: str, members: list[Item[R]]) -> Item[G]:
        line, rows = members[0].line, len(members)
        if bad := next((m for m in members if m.problems), None):
            return Item(line, rows, None, tuple(_held_back(members, bad.line)), key=key)
        try:
            value = self._build([m.value for m in members if m.value is not None])
        except BadCell as wrong:
            held = [problem(problems.HELD_BACK, line=m.line, first=line) for m in members[1:]]
            return Item(line, rows, None, (wrong.found_at(line), *held), key=key)
        warnings = tuple(w for m in members for w in m.warnings)
        own_key = self._key(value) if self._key else key
        return Item(line, rows, value, (), warnings, key=own_key)

    def _key_of(self, entry: Entry) -> str | None:
        if isinstance(entry, RowProblem):
            return None
        column = self._rows.column_in(entry, self._by)
        value = None if column is None else entry.fields.get(column)
        return None if is_empty(value) else str(value).strip()

    def _too_many(self, item: Item[R]) -> Item[G]:
        found = problem(problems.GROUP_TOO_LARGE, line=item.line, field=self._by, limit=self._limit)
        return Item(item.line, 1, None, (*item.problems, found))


def _alone(item: Item[R]) -> Item[G]:
    """A row without a key, and so always with a problem."""
    return Item(item.line, item.rows, None, item.problems)


def _held_back(members: Sequence[Item[R]], bad_line: int) -> Iterator[RowProblem]:
    for member in members:
        if member.problems:
            yield from member.problems
        else:
            yield problem(problems.HELD_BACK, line=member.line, first=bad_line)
