"""Loading a retailer's year beside a bare COPY of the same rows into the same tables.

Both go into a shop that is ready for them, with all its indexes, constraints and references. The
bare COPY is given the rows as the load has left them, all ids and sums made already, table by
table in one transaction. Both leave the same rows behind; that is checked by count and by hash.
"""

import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from bench.frame import Result, fresh_shops
from charsu.assembly import open_hub
from charsu.demo.loading.progress import silent
from charsu.demo.loading.year import load_year
from charsu.demo.year import Size, Year, load
from charsu.kernel import metadata

TIMES_MAX = 3.0  # so many times the bare COPY is allowed
PART = 1 << 20  # bytes handed over at a time
YEAR_ENDS = datetime(2026, 11, 23, tzinfo=UTC)


def run() -> list[Result]:
    """The lives of some households: a tenth of the year or less."""
    return [_result(Size.SMALL)]


def run_full() -> list[Result]:
    """The whole year."""
    return [_result(Size.FULL)]


def _result(size: Size) -> Result:
    started = time.perf_counter()
    year = load(size, YEAR_ENDS)
    read = time.perf_counter() - started
    with fresh_shops("ours", "bare") as (ours, bare), tempfile.TemporaryDirectory() as folder:
        before = _counts(bare)
        loaded = _load(ours, year)
        names = [name for name, count in _counts(ours).items() if count > before[name]]
        _empty(bare, names)
        _copy_out(ours, names, Path(folder))
        copied = _copy_in(bare, names, Path(folder))
        hashes = _hashes(ours, names)
        assert hashes == _hashes(bare, names), "both leave the same rows behind"
    return Result(
        name=f"import_year, {size.value}",
        ratio=copied / loaded,
        target=1 / TIMES_MAX,
        met=loaded <= copied * TIMES_MAX,
        figures={
            "rows": f"{sum(count for count, _ in hashes.values()):,}",
            "order lines": f"{year.lines.height:,}",
            "load s": round(loaded, 1),
            "bare COPY s": round(copied, 1),
            "times the bare COPY": round(loaded / copied, 2),
            "reading the source s": round(read, 1),
        },
    )


def _load(conninfo: str, year: Year) -> float:
    with open_hub(conninfo, connections=2) as hub:
        started = time.perf_counter()
        load_year(hub, year, silent)
        return time.perf_counter() - started


def _counts(conninfo: str) -> dict[str, int]:
    """Rows by table, the tables that others refer to first."""
    with psycopg.connect(conninfo) as connection:
        return {
            str(table): _one(connection, "SELECT count(*) FROM {}", str(table))[0]
            for table in metadata.sorted_tables
        }


def _empty(conninfo: str, names: list[str]) -> None:
    """Away with the few rows that a shop begins with, where the load's own include them."""
    with psycopg.connect(conninfo) as connection:
        for name in reversed(names):
            connection.execute(_about("DELETE FROM {}", name))


def _copy_out(conninfo: str, names: list[str], folder: Path) -> None:
    with psycopg.connect(conninfo) as connection:
        for name in names:
            statement = _about("COPY {} TO STDOUT", name)
            with (folder / name).open("wb") as file, connection.cursor().copy(statement) as copy:
                for part in copy:
                    file.write(part)


def _copy_in(conninfo: str, names: list[str], folder: Path) -> float:
    started = time.perf_counter()
    with psycopg.connect(conninfo) as connection:
        for name in names:
            statement = _about("COPY {} FROM STDIN", name)
            with (folder / name).open("rb") as file, connection.cursor().copy(statement) as copy:
                while part := file.read(PART):
                    copy.write(part)
    return time.perf_counter() - started


def _hashes(conninfo: str, names: list[str]) -> dict[str, tuple[int, Any]]:
    statement = "SELECT count(*), sum(hashtextextended(t::text, 0)::numeric) FROM {} AS t"
    with psycopg.connect(conninfo) as connection:
        return {name: _one(connection, statement, name) for name in names}


def _one(connection: psycopg.Connection[Any], statement: str, table: str) -> Any:
    return connection.execute(_about(statement, table)).fetchone()


def _about(statement: str, table: str) -> sql.Composed:
    return sql.SQL(statement).format(sql.Identifier(*table.split(".")))


if __name__ == "__main__":
    for result in run():
        print(result.line())
