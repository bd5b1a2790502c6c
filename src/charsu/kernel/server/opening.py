"""The way to a database: start a server here, join one that runs, or use one elsewhere."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from charsu.kernel.server.errors import (
    FolderBusy,
    NoDatabase,
    ServerEnded,
    ServerTooOld,
    ServerUnreachable,
)
from charsu.kernel.server.folder import Folder, Record
from charsu.kernel.server.guard import end
from charsu.kernel.server.sockets import address, answers
from charsu.kernel.server.starting import READY_WITHIN_SECONDS, start

OLDEST_SUPPORTED = 18
POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server that answered when it was opened.

    ``dsn`` is a libpq conninfo or URL. A server started here ends with the process that opened
    it, even if others have joined: the starter is the shop's running hub, and one that left its
    database behind would never end. The others then get ``ServerEnded`` from ``check``.
    """

    dsn: str
    started_here: bool = False
    log: Path | None = None  # the folder of the server's log, where the server is ours
    _guard: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def check(self) -> None:
        """Raises ServerEnded if the server no longer accepts connections."""
        if not answers(self.dsn):
            raise ServerEnded

    def close(self) -> None:
        """End the server if it was started here; returns when nothing of it is left."""
        if self._guard is not None:
            end(self._guard)


@contextmanager
def open_server(data: Path) -> Iterator[Server]:
    """A server for the shop in this folder: started here, or joined if one runs already.

    Makes the folder and the database in it where they are missing. Of two starts at once one
    starts and the other joins. Raises the errors of ``charsu.kernel.server.errors``.
    """
    server = _start_or_join(Folder(data))
    try:
        yield server
    finally:
        server.close()


def _start_or_join(folder: Folder) -> Server:
    until = time.monotonic() + READY_WITHIN_SECONDS
    while True:
        if (lock := folder.try_lock()) is not None:
            guard, dsn = start(folder, lock)
            return Server(dsn, started_here=True, log=folder.server_log, _guard=guard)
        record = folder.record()
        if record is not None and folder.server_is_ready() and _can_be_joined(record):
            return Server(address(record.socket_folder), log=folder.server_log)
        if time.monotonic() > until:
            raise FolderBusy(folder.path, record.owner_pid if record else None)
        time.sleep(POLL_SECONDS)


def _can_be_joined(record: Record) -> bool:
    """Whether the server answers and will go on doing so.

    The order matters: a server whose owner was killed a moment ago still answers, but not for long.
    """
    return answers(address(record.socket_folder)) and record.owner_lives()


def open_database(data: Path | None, url: str | None) -> AbstractContextManager[Server]:
    """The server at ``url`` if that is given, else one for the data folder.

    Raises NoDatabase if neither is given, ServerUnreachable and ServerTooOld for the url.
    """
    if url:
        return _elsewhere(url)
    if data is None:
        raise NoDatabase
    return open_server(data)


def server_from_env() -> AbstractContextManager[Server]:
    """The database that the environment names: DATABASE_URL, else CHARSU_DATA."""
    data = os.environ.get("CHARSU_DATA")
    return open_database(Path(data) if data else None, os.environ.get("DATABASE_URL"))


@contextmanager
def _elsewhere(url: str) -> Iterator[Server]:
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            version = connection.info.server_version
    except psycopg.Error as error:
        raise ServerUnreachable(_without_secrets(url), str(error).strip()) from error
    if version // 10000 < OLDEST_SUPPORTED:
        found = f"{version // 10000}.{version % 10000}"
        raise ServerTooOld(found=found, needed=OLDEST_SUPPORTED)
    yield Server(url)


def _without_secrets(url: str) -> str:
    """The address for a message: host, port and database, and no more."""
    try:
        parts = psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.Error:
        return "DATABASE_URL"
    return " ".join(f"{name}={parts[name]}" for name in ("host", "port", "dbname") if name in parts)
