"""What a killed server leaves behind: processes still ending, and a file that names a dead one."""

import contextlib
import time
from collections.abc import Iterable

import psutil

from charsu.kernel.server.errors import FolderBusy
from charsu.kernel.server.folder import Folder

PATIENCE_SECONDS = 10.0
POLL_SECONDS = 0.02


def clear_leftovers(folder: Folder, *, patience: float = PATIENCE_SECONDS) -> None:
    """Wait until nobody works in the database's folder; only who holds its lock may ask.

    A server whose guard was killed is on its way out and gets ``patience`` seconds for it; raises
    FolderBusy if it stays, for then somebody else runs it. Processes that have lost their server
    can do nothing of use any more and are killed.
    """
    note = folder.database / "postmaster.pid"
    if not note.exists():
        return
    until = time.monotonic() + patience
    while found := _working_in(folder):
        server = _noted_pid(folder)
        if time.monotonic() > until:
            raise FolderBusy(folder.path, server)
        if server not in found:
            _kill(found.values())
        time.sleep(POLL_SECONDS)
    # The number in the note may by now be that of a stranger, for whom the server would make way.
    note.unlink(missing_ok=True)


def _working_in(folder: Folder) -> dict[int, psutil.Process]:
    """Each of PostgreSQL's processes works in the folder of its database, and nobody else does."""
    place = str(folder.database)
    return {
        process.pid: process
        for process in psutil.process_iter(["cwd", "name"])
        if process.info["cwd"] == place and process.info["name"] == "postgres"
    }


def _kill(processes: Iterable[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def _noted_pid(folder: Folder) -> int | None:
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int((folder.database / "postmaster.pid").read_text().splitlines()[0])
    return None
