"""Starting PostgreSQL on a data folder, under a guard that ends it with us."""

import errno
import os
import select
import signal
import subprocess
import time
from pathlib import Path

from charsu.kernel.server import settings
from charsu.kernel.server.binaries import programs_for
from charsu.kernel.server.errors import DiskFull
from charsu.kernel.server.folder import Folder, Record
from charsu.kernel.server.guard import end, guarded
from charsu.kernel.server.identity import Identity, owner_of
from charsu.kernel.server.leftovers import clear_leftovers
from charsu.kernel.server.making import environment, fail, make, reachable
from charsu.kernel.server.sockets import address, answers, socket_folder

# Fast shutdown; then the immediate one, after which the next start recovers; then the end.
STOPS = ((signal.SIGINT, 0.5), (signal.SIGQUIT, 0.2), (signal.SIGKILL, 1.0))
READY_WITHIN_SECONDS = 120.0  # recovery after a crash under load takes its time
POLL_SECONDS = 0.02


def start(folder: Folder, lock: int) -> tuple[subprocess.Popen[bytes], str]:
    """The guard of a server that answers, and the server's address; makes a missing database.

    ``lock`` goes to the guard and is closed here, whatever happens: the folder is free again
    when the server has ended, no sooner and no later.
    """
    try:
        clear_leftovers(folder)
        identity = _prepare(folder, lock)
        return _start(folder, identity, lock)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFull(folder.path) from error
        raise
    finally:
        os.close(lock)


def _prepare(folder: Folder, lock: int) -> Identity:
    """Bring database, settings and ownership into the state that the server needs."""
    made = folder.has_database()
    identity = owner_of(folder.database if made else folder.path)
    if not made:
        make(folder, identity, lock)
    folder.start_log.touch(mode=0o600)
    folder.hand_over(identity)
    settings.write(folder.database, identity)
    return identity


def _start(folder: Folder, identity: Identity, lock: int) -> tuple[subprocess.Popen[bytes], str]:
    sockets = socket_folder(folder.database, identity)
    folder.write_record(Record.of_this_process(sockets))
    events, told = os.pipe()
    with os.fdopen(events, "rb") as hearing:
        with os.fdopen(told, "wb"):
            guard = _launch(folder, identity, sockets=sockets, lock=lock, events=told)
        _wait_until_ready(folder, sockets, hearing.fileno(), guard)
    return guard, address(sockets)


def _launch(
    folder: Folder, identity: Identity, *, sockets: Path, lock: int, events: int
) -> subprocess.Popen[bytes]:
    with reachable(folder.database, identity) as (path, shared), folder.start_log.open("wb") as log:
        return guarded(
            [programs_for(identity) / "postgres", "-D", path, "-k", sockets],
            identity=identity,
            stops=STOPS,
            orphan_signal=signal.SIGINT,
            restarts=True,
            events=events,
            keep=[lock],
            share=shared,
            sweep=sockets,
            cwd="/",
            env=environment(),
            stdout=log,
            stderr=log,
        )


def _wait_until_ready(
    folder: Folder, sockets: Path, events: int, guard: subprocess.Popen[bytes]
) -> None:
    """Return once the server answers. Raises ServerFailed or DiskFull if it ends instead."""
    dsn = address(sockets)
    until = time.monotonic() + READY_WITHIN_SECONDS
    try:
        while not (folder.server_is_ready() and answers(dsn)):
            told = select.select([events], [], [], POLL_SECONDS)[0]
            if (told and _tells_of_an_end(events)) or time.monotonic() > until:
                fail(folder, folder.log_end())
    except BaseException:
        end(guard)
        raise


def _tells_of_an_end(events: int) -> bool:
    said = os.read(events, 4096)
    return not said or b"died" in said
