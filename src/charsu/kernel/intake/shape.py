"""What an import expects of a row, and typed values made of rows that meet it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

from msgspec import Struct

from . import problems
from .cells import looks_like_formula
from .errors import MissingColumns
from .numbers import Mark, agreed, mark_of
from .problems import BadCell, RowProblem, problem, shown
from .readers import Reader, is_empty
from .rows import Entry, RawRow

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Marks = Mapping[str, Mark]
BINDINGS_KEPT = 256  # JSON objects may each have other keys


class Field(Struct, frozen=True):
    """One value of a row: our name for it, how to read it, what others call its column.

    Columns are found without regard to case, blanks, dashes and underscores. An empty cell gives
    ``empty``; a column that is not there leaves the struct's own default, so that a target can
    tell "cleared" from "not mentioned".
    """

    name: str
    read: Reader[Any]
    required: bool = False
    aliases: tuple[str, ...] = ()
    empty: Any = None


class Item(Struct, Generic[T_co], frozen=True):
    """One thing to import, or why it cannot be. It stands in ``rows`` rows from ``line`` on.

    ``key`` may stand in a file only once. A group keeps it also when it is refused, so that its
    remaining rows further down do not pass for the whole.
    """

    line: int
    rows: int
    value: T_co | None
    problems: tuple[RowProblem, ...] = ()
    warnings: tuple[RowProblem, ...] = ()
    key: str | None = None


class Shape(Protocol[T_co]):
    """Makes items of rows: one of each row, or one of several that belong together."""

    @property
    def fields(self) -> Sequence[Field]: ...

    def columns_of(self, columns: Sequence[str]) -> dict[str, str]:
        """Which column gives which field."""

    def items(self, entries: Iterator[Entry], marks: Marks) -> Iterator[Item[T_co]]: ...


class RowShape(Generic[T]):
    """One struct of each row.

    build  called with the fields by name; it may raise BadCell for a rule about several fields
    key    what may stand in the file only once, such as the SKU without regard to case
    """

    def __init__(
        self,
        build: Callable[..., T],
        fields: Sequence[Field],
        *,
        key: Callable[[T], str] | None = None,
    ) -> None:
        self.fields = tuple(fields)
        self._build = build
        self._key = key
        self._bindings: dict[tuple[str, ...], list[tuple[Field, str]]] = {}

    def columns_of(self, columns: Sequence[str]) -> dict[str, str]:
        """The column of each field; where several would do, the one our name or alias puts first.

        Names of fields without a column are left out.
        """
        found: dict[str, str] = {}
        by_name = {_plain(column): column for column in reversed(columns)}
        for field in self.fields:
            for name in _names_of(field):
                if name in by_name:
                    found[field.name] = by_name[name]
                    break
        return found

    def column_in(self, row: RawRow, field: str) -> str | None:
        """The row's column for this field, if it has one."""
        return next((column for f, column in self._binding(row) if f.name == field), None)

    def read(self, row: RawRow, marks: Marks) -> T | list[RowProblem]:
        """The row's struct, or everything that is wrong with the row."""
        values: dict[str, Any] = {}
        wrong: list[RowProblem] = []
        for field, column in self._binding(row):
            value = row.fields.get(column)
            try:
                values[field.name] = self._value(field, value, marks)
            except BadCell as bad:
                wrong.append(bad.found_at(row.line, field.name))
        if wrong:
            return wrong
        try:
            return self._build(**values)
        except BadCell as bad:
            return [bad.found_at(row.line)]

    def warnings(self, row: RawRow) -> list[RowProblem]:
        """What is remarkable about a row that is taken."""
        return [
            problem(problems.FORMULA_CELL, line=row.line, field=field.name, value=shown(value))
            for field, column in self._binding(row)
            if field.read.kind == "text"
            and isinstance(value := row.fields.get(column), str)
            and looks_like_formula(value)
        ]

    def items(self, entries: Iterator[Entry], marks: Marks) -> Iterator[Item[T]]:
        """One item of each row."""
        return (self.item(entry, marks) for entry in entries)

    def item(self, entry: Entry, marks: Marks) -> Item[T]:
        if isinstance(entry, RowProblem):
            return Item(entry.line, 1, None, (entry,))
        found = self.read(entry, marks)
        if isinstance(found, list):
            return Item(entry.line, 1, None, tuple(found))
        key = self._key(found) if self._key else None
        return Item(entry.line, 1, found, (), tuple(self.warnings(entry)), key)

    def _value(self, field: Field, value: Any, marks: Marks) -> Any:
        if not is_empty(value):
            return field.read.read(value, marks.get(field.name))
        if field.required:
            raise BadCell(problems.MISSING)
        return field.empty

    def _binding(self, row: RawRow) -> list[tuple[Field, str]]:
        """The fields that this row can answer, and those that it must, with their columns."""
        columns = tuple(row.fields)
        found = self._bindings.get(columns)
        if found is None:
            by_field = self.columns_of(columns)
            found = [
                (f, by_field.get(f.name, f.name))
                for f in self.fields
                if f.required or f.name in by_field
            ]
            if len(self._bindings) < BINDINGS_KEPT:
                self._bindings[columns] = found
        return found


class Survey(Struct, frozen=True):
    """What a first pass over all rows has found: how many, and each number column's mark."""

    rows: int
    marks: dict[str, Mark]


def survey(entries: Iterator[Entry], shape: Shape[Any], columns: Sequence[str]) -> Survey:
    """Count the rows and find the decimal mark of each number field from all its cells.

    A field whose cells contradict each other has no mark. One that proves nothing takes the mark
    on which the other fields of the file agree.
    """
    by_field = shape.columns_of(columns)
    numbers = {f.name: by_field.get(f.name) for f in shape.fields if f.read.kind == "number"}
    proved: dict[str, set[Mark]] = {name: set() for name in numbers}
    rows = 0
    for entry in entries:
        rows += 1
        if isinstance(entry, RawRow):
            for name, column in numbers.items():
                if column is not None and (mark := mark_of(entry.fields.get(column))):
                    proved[name].add(mark)
    return Survey(rows, _settled(proved))


def _settled(proved: dict[str, set[Mark]]) -> dict[str, Mark]:
    of_file = agreed(mark for found in proved.values() for mark in found)
    settled = {name: agreed(found) if found else of_file for name, found in proved.items()}
    return {name: mark for name, mark in settled.items() if mark}


def require_columns(shape: Shape[Any], columns: Sequence[str]) -> None:
    """Raises MissingColumns unless the header has every column that a row must have."""
    found = shape.columns_of(columns)
    missing = [f.name for f in shape.fields if f.required and f.name not in found]
    if missing:
        raise MissingColumns(missing, columns)


def _names_of(field: Field) -> list[str]:
    return [_plain(name) for name in (field.name, *field.aliases)]


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c not in " _-\u00a0")
