"""A real PostgreSQL for every test run, and a fresh shop for every test that asks for one."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from charsu.assembly import open_hub, prepare
from charsu.kernel import Hub
from charsu.kernel.server import open_server

TEMPLATE = "charsu_template"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The connection string of this run's own server."""
    folder: Path = tmp_path_factory.mktemp("shop") / "data"
    with open_server(folder) as opened:
        yield opened.dsn


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
    name = f"shop_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY wal_log")
        yield in_database(server, name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


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


@pytest.fixture
def hub(open_shop: Callable[..., Hub]) -> Hub:
    """A hub on this test's empty shop."""
    return open_shop()


def in_database(server: str, name: str) -> str:
    return psycopg.conninfo.make_conninfo(server, dbname=name)
