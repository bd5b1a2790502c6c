"""Where the shop is, and the way in for one command."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from charsu.assembly import open_hub, prepare
from charsu.cli.refusing import ShopMissing
from charsu.kernel import Hub
from charsu.kernel.server import Server, open_database

CONNECTIONS = 4
PREPARED = "CHARSU_PREPARED"  # set where the starter has brought the shop up already
SETUP_CODE = "CHARSU_SETUP_CODE"  # how a web process is told what was printed at the start


def database_url() -> str | None:
    """The server that the environment names; it wins over any folder."""
    return os.environ.get("DATABASE_URL") or None


def has_shop(folder: Path) -> bool:
    """Whether a database was made in the folder."""
    return (folder.expanduser() / "postgres" / "PG_VERSION").exists()


@contextmanager
def opened(data: Path | None) -> Iterator[Server]:
    """The database of a shop that is there, running or not.

    Raises ShopMissing rather than making one: a slip of the key must not look like an empty shop.
    """
    url = database_url()
    if url is None and data is not None and not has_shop(data):
        raise ShopMissing(data)
    with open_database(data, url) as server:
        yield server


@contextmanager
def shop(data: Path | None, *, connections: int = CONNECTIONS) -> Iterator[Hub]:
    """The hub of a shop that is there, brought up to this release."""
    with opened(data) as server:
        if PREPARED not in os.environ:
            prepare(server.dsn)
        with open_hub(server.dsn, connections=connections) as hub:
            yield hub
