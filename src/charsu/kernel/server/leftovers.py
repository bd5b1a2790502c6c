"""What a killed server leaves behind: processes still ending, and a file that names a dead one."""

import contextlib
import time

import psutil

from charsu.kernel.server.errors import FolderBusy
from charsu.kernel.server.folder import Folder

PATIENCE_SECONDS = 10.0
POLL_SECONDS = 0.02


def clear_leftovers(folder: Folder, *, patience: float = PATIENCE_SECONDS) -> None:
    """Wait until nobody works in the database's folder; only who holds its lock may ask.

    Processes of a server that was killed end by themselves as soon as they look up. Those that do
    not within ``patience`` seconds are killed. Raises FolderBusy if a whole server is at work
    there that no guard of ours started.
    """
    note = folder.database / "postmaster.pid"
    if not note.exists():
        return
    until = time.monotonic() + patience
    while (found := _working_in(folder)) and time.monotonic() < until:
        time.sleep(POLL_SECONDS)
    if (server := _noted_pid(folder)) in {process.pid for process in found}:
        raise FolderBusy(folder.path, server)
    for process in found:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(found, timeout=patience)
    # The number in the note may by now be that of a stranger, for whom the server would make way.
    note.unlink(missing_ok=True)


def _working_in(folder: Folder) -> list[psutil.Process]:
    """Each of PostgreSQL's processes works in the folder of its database, and nobody else does."""
    place = str(folder.database)
    return [
        process
        for process in psutil.process_iter(["cwd", "name"])
        if process.info["cwd"] == place and process.info["name"] == "postgres"
    ]


def _noted_pid(folder: Folder) -> int | None:
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int((folder.database / "postmaster.pid").read_text().splitlines()[0])
    return None
