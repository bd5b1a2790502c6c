"""One process runs the shop of a folder; a second one is told where the first is."""

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from charsu.cli.refusing import AlreadyRuns
from charsu.cli.speaking import _
from charsu.kernel.server import Server, ServerEnded, open_server

FILE = "running.lock"
POLL_SECONDS = 0.1


@contextmanager
def own_server(folder: Path, address: str, say: Callable[[str], None]) -> Iterator[Server]:
    """The folder's server, started by this process, and the folder claimed as run from here.

    A command that has the shop open at this moment is waited for, since the server that it started
    would end with it. Raises AlreadyRuns where the shop is run by another process.
    """
    with open_server(folder) as first, _claimed(folder, address):
        if first.started_here:
            yield first
            return
        say(_("Another command has the shop open; waiting for it to end."))
        with _started_after(first, folder) as server:
            yield server


@contextmanager
def _started_after(joined: Server, folder: Path) -> Iterator[Server]:
    while True:
        _wait_for_end(joined)
        with open_server(folder) as server:
            if server.started_here:
                yield server
                return
            joined = server


def _wait_for_end(server: Server) -> None:
    while True:
        try:
            server.check()
        except ServerEnded:
            return
        time.sleep(POLL_SECONDS)


@contextmanager
def _claimed(folder: Path, address: str) -> Iterator[None]:
    """The lock goes with this process, whatever kills it."""
    path = folder.expanduser() / FILE
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _refusal(folder, file.read()) from None
        file.truncate(0)
        file.write(json.dumps({"address": address, "pid": os.getpid()}))
        file.flush()
        yield


def _refusal(folder: Path, record: str) -> AlreadyRuns:
    try:
        known = json.loads(record)
        return AlreadyRuns(folder, address=str(known["address"]), pid=int(known["pid"]))
    except (ValueError, KeyError):  # just being written
        return AlreadyRuns(folder, address="?", pid=0)
