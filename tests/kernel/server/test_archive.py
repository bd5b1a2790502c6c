import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from charsu.kernel.server import ArchiveFailed, DatabaseNotEmpty, dump, open_server, restore

pytestmark = pytest.mark.slow

Ask = Callable[[str, str], object]

FILL = """
    CREATE SCHEMA orders;
    CREATE TYPE orders.state AS ENUM ('open', 'closed');
    CREATE TABLE orders.orders (
        id bigint PRIMARY KEY, name text NOT NULL, state orders.state NOT NULL, taste vector(3)
    );
    CREATE INDEX ON orders.orders USING gin (name gin_trgm_ops);
    CREATE TABLE loose (note text);
    CREATE FUNCTION answer() RETURNS int LANGUAGE sql RETURN 42;
    INSERT INTO orders.orders
    SELECT n, 'поруџбина ' || n, 'open', '[1,2,3]' FROM generate_series(1, 20000) AS n;
"""
SELL = "DELETE FROM orders.orders WHERE id = (SELECT max(id) FROM orders.orders)"
CONTENT = "SELECT md5(string_agg(o::text, ';' ORDER BY id)) FROM orders.orders AS o"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with open_server(tmp_path_factory.mktemp("archive") / "data") as server:
        yield server.dsn


@pytest.fixture
def databases(running: str) -> Iterator[tuple[str, str]]:
    """A filled database and an empty one."""
    names = ("filled", "empty")
    with psycopg.connect(running, autocommit=True) as connection:
        for name in names:
            connection.execute(f"CREATE DATABASE {name}")
        filled, empty = (psycopg.conninfo.make_conninfo(running, dbname=name) for name in names)
        with psycopg.connect(filled) as filling:
            filling.execute(FILL)
        yield filled, empty
        for name in names:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def archive(databases: tuple[str, str], tmp_path: Path) -> Path:
    file = tmp_path / "резерва 1.dump"
    dump(databases[0], file)
    return file


def test_what_was_archived_comes_back_whole(
    databases: tuple[str, str], archive: Path, ask: Ask
) -> None:
    filled, empty = databases
    restore(empty, archive)
    assert ask(empty, CONTENT) == ask(filled, CONTENT)
    assert ask(empty, "SELECT answer()") == 42


def test_an_archive_made_while_others_write_is_of_one_moment(
    databases: tuple[str, str], tmp_path: Path, ask: Ask
) -> None:
    filled, empty = databases
    stop = threading.Event()

    def sell() -> None:
        with psycopg.connect(filled, autocommit=True) as connection:
            while not stop.is_set():
                with connection.transaction():
                    connection.execute("INSERT INTO loose VALUES ('sold')")
                    connection.execute(SELL)

    selling = threading.Thread(target=sell)
    selling.start()
    try:
        dump(filled, tmp_path / "one")
    finally:
        stop.set()
        selling.join()
    restore(empty, tmp_path / "one")
    kept = "SELECT (SELECT count(*) FROM loose) + (SELECT count(*) FROM orders.orders)"
    assert ask(empty, kept) == 20_000


def test_only_its_owner_may_read_an_archive(archive: Path) -> None:
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert [path.name for path in archive.parent.iterdir()] == [archive.name]


def test_what_is_there_is_not_overwritten_unasked(
    databases: tuple[str, str], archive: Path, ask: Ask
) -> None:
    ask(databases[1], "CREATE TABLE precious AS SELECT 1 AS number")
    with pytest.raises(DatabaseNotEmpty):
        restore(databases[1], archive)
    assert ask(databases[1], "SELECT number FROM precious") == 1


def test_replacing_leaves_the_archives_content_and_nothing_else(
    databases: tuple[str, str], archive: Path, ask: Ask
) -> None:
    filled, _ = databases
    before = ask(filled, CONTENT)
    ask(filled, "DELETE FROM orders.orders")
    ask(filled, "CREATE TABLE later AS SELECT 1")
    ask(filled, "CREATE SCHEMA afterwards CREATE TABLE also (n int)")

    restore(filled, archive, replace=True)

    assert ask(filled, CONTENT) == before
    left = "SELECT count(*) FROM pg_tables WHERE tablename IN ('later', 'also')"
    assert ask(filled, left) == 0


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.9])
def test_an_archive_cut_short_changes_nothing(
    databases: tuple[str, str], archive: Path, ask: Ask, kept: float
) -> None:
    content = archive.read_bytes()
    archive.write_bytes(content[: int(len(content) * kept)])
    before = ask(databases[0], CONTENT)
    with pytest.raises(ArchiveFailed):
        restore(databases[0], archive, replace=True)
    assert ask(databases[0], CONTENT) == before


def test_a_single_wrong_byte_among_the_rows_is_noticed(
    databases: tuple[str, str], archive: Path, ask: Ask
) -> None:
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 0x10
    archive.write_bytes(content)
    with pytest.raises(ArchiveFailed):
        restore(databases[1], archive)
    assert ask(databases[1], "SELECT count(*) FROM pg_namespace WHERE nspname = 'orders'") == 0


def test_an_archive_that_does_not_fit_changes_nothing(
    databases: tuple[str, str], archive: Path, ask: Ask
) -> None:
    """Somebody holds a name that the archive brings, in a place that is not cleared."""
    ask(databases[1], "CREATE TYPE answer AS (number int)")
    ask(databases[1], "CREATE TYPE loose AS (number int)")
    with pytest.raises(ArchiveFailed, match="loose"):
        restore(databases[1], archive)
    assert ask(databases[1], "SELECT count(*) FROM pg_namespace WHERE nspname = 'orders'") == 0


def test_a_failed_archive_leaves_the_last_good_one(archive: Path) -> None:
    good = archive.read_bytes()
    with pytest.raises(ArchiveFailed):
        dump("host=/nonexistent dbname=charsu", archive)
    assert archive.read_bytes() == good
    assert [path.name for path in archive.parent.iterdir()] == [archive.name]
