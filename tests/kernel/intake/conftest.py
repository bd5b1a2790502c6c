"""Files as other systems leave them, and a small shop that takes them in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from msgspec import Struct

from charsu.kernel import Conflict
from charsu.kernel.intake import (
    Chunk,
    Entry,
    Field,
    Outcome,
    RawRow,
    RowProblem,
    RowShape,
    code,
    decimal,
    read_rows,
    text,
    whole,
)

Write = Callable[[str, str | bytes], Path]
Read = Callable[..., list[Entry]]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Leaves a file with this content, and says where."""

    def leave(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return leave


@pytest.fixture
def read(write: Write) -> Read:
    """All entries of a file with this content."""

    def entries(content: str | bytes, name: str = "file.csv", **options: object) -> list[Entry]:
        return list(read_rows(write(name, content), **options))  # type: ignore[arg-type]

    return entries


class Item(Struct, frozen=True, kw_only=True):
    """A row of the shop's stock file."""

    sku: str
    on_hand: int
    price: object = None
    note: str | None = None


SHAPE = RowShape(
    Item,
    [
        Field("sku", code(max=20), required=True, aliases=("Variant SKU", "article")),
        Field("on_hand", whole(least=0), required=True, aliases=("qty",)),
        Field("price", decimal(places=2, least=0)),
        Field("note", text(max=50)),
    ],
    key=lambda item: item.sku.casefold(),
)


class Unsellable(Conflict):
    code = "unsellable"

    def __init__(self, sku: str) -> None:
        super().__init__("{sku} may not be sold.", sku=sku)


@dataclass
class Shop:
    """Keeps items and the position of an import as one transaction would: both or neither."""

    items: dict[str, Item] = field(default_factory=dict)
    position: int = 0
    chunks: int = 0
    crash_before_chunk: int | None = None
    unsellable: set[str] = field(default_factory=set)

    def apply(self, chunk: Chunk[Item]) -> Sequence[Outcome]:
        self.chunks += 1
        if self.chunks == self.crash_before_chunk:
            raise SystemExit  # as if the machine stopped
        for item in chunk.values:
            if item.sku in self.unsellable:
                raise Unsellable(item.sku)
        outcomes = [self._outcome(item) for item in chunk.values]
        if not chunk.dry_run:
            self.items.update({item.sku: item for item in chunk.values})
            self.position = chunk.position
        return outcomes

    def _outcome(self, item: Item) -> Outcome:
        old = self.items.get(item.sku)
        if old is None:
            return Outcome("created", item.sku)
        if old == item:
            return Outcome("unchanged", item.sku)
        return Outcome("changed", item.sku, {"on_hand": (str(old.on_hand), str(item.on_hand))})


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture(scope="session")
def open_shop() -> type[Shop]:
    """For tests that need several."""
    return Shop


@pytest.fixture(scope="session")
def shape() -> RowShape[Item]:
    return SHAPE


@pytest.fixture
def codes() -> Callable[[Sequence[Entry]], list[tuple[int, str]]]:
    """Line and code of every problem."""
    return lambda entries: [(e.line, e.code) for e in entries if isinstance(e, RowProblem)]


@pytest.fixture
def rows() -> Callable[[Sequence[Entry]], list[tuple[int, dict[str, object]]]]:
    """Line and fields of every row."""
    return lambda entries: [(e.line, e.fields) for e in entries if isinstance(e, RawRow)]
