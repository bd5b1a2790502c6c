"""A real PostgreSQL for every test run, and a fresh shop for every test that asks for one."""

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from charsu.assembly import open_hub, prepare
from charsu.kernel import Hub
from charsu.kernel.server import open_server
from tests.crowd import Crowd
from tests.databases import copied, in_database

TEMPLATE = "charsu_template"
MEMORY = Path("/dev/shm")
ROOM_BYTES = 4 << 30  # for each process of the tests; most stay below one


def pytest_collection_finish() -> None:
    """What is imported stays: the collector need not walk it again in every test."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The connection string of this run's own server, its files in memory where there is room.

    Half the time of the quick tests went into files of databases that live for a second. What is
    promised of a disk is tested on one (tests/kernel/server, tests/torture).
    """
    with _folder(tmp_path_factory) as folder, open_server(folder / "data") as opened:
        yield opened.dsn


@contextmanager
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    if not _has_room(MEMORY):
        yield tmp_path_factory.mktemp("shop")
        return
    with TemporaryDirectory(prefix="charsu-test-", dir=MEMORY) as folder:
        yield Path(folder)


def _has_room(folder: Path) -> bool:
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free >= ROOM_BYTES


@pytest.fixture(scope="session", autouse=True)
def outbox_of_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Codes can be sent in every test: into a folder of this run."""
    folder = tmp_path_factory.mktemp("outbox")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHARSU_OUTBOX", str(folder))
        yield folder


@pytest.fixture(scope="session")
def template(server: str) -> str:
    """A migrated empty shop that others are copied from."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {TEMPLATE}")
    prepare(in_database(server, TEMPLATE))
    return TEMPLATE


@pytest.fixture
def database(server: str, template: str) -> Iterator[str]:
    """The connection string of an empty shop of this test's own."""
    with copied(server, template) as name:
        yield in_database(server, name)


@pytest.fixture
def open_shop(database: str) -> Iterator[Callable[..., Hub]]:
    """Opens hubs on this test's shop, as many as it likes, and closes them."""
    opened: list[Hub] = []

    def open_one(**options: object) -> Hub:
        opened.append(open_hub(database, **options))
        return opened[-1]

    yield open_one
    for hub in opened:
        hub.close()


@pytest.fixture(scope="session")
def crowd() -> Iterator[Crowd]:
    """Processes for races that threads on one hub would not show."""
    crowd = Crowd()
    yield crowd
    crowd.close()


@pytest.fixture
def hub(open_shop: Callable[..., Hub]) -> Hub:
    """A hub on this test's empty shop."""
    return open_shop()
