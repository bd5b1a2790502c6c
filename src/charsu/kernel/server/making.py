"""Making the database of a new shop."""

import errno
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from charsu.kernel.server.binaries import programs_for
from charsu.kernel.server.errors import DiskFull, ServerFailed
from charsu.kernel.server.folder import Folder, sync_folder
from charsu.kernel.server.guard import guarded
from charsu.kernel.server.identity import Identity
from charsu.kernel.server.sockets import DATABASE, USER

SUPERUSER = "postgres"
INITDB = (
    *("-U", SUPERUSER, "--auth=trust"),
    *("--encoding=UTF8", "--locale=C"),  # nothing depends on the server's locale
    *("--data-checksums", "--no-sync", "--no-instructions"),
)
SINGLE = ("--single", "-F", "-c", "exit_on_error=true")

# The hub's own role is no superuser, as it would not be on a server run by somebody else;
# so extensions are put where each new database is copied from. One command to a line.
FIRST_COMMANDS = f"""\
CREATE ROLE {USER} LOGIN CREATEDB
GRANT pg_monitor, pg_signal_backend TO {USER}
CREATE EXTENSION pg_trgm
CREATE EXTENSION unaccent
CREATE EXTENSION vector
CREATE DATABASE {DATABASE} OWNER {USER}
"""


def make(folder: Folder, identity: Identity, lock: int) -> None:
    """Make a database beside its place, and move it there once it is whole and on disk.

    Raises DiskFull and ServerFailed; what was begun is thrown away at the next try.
    """
    folder.clear_unfinished(identity)
    programs = programs_for(identity)
    with reachable(folder.unfinished, identity) as (path, shared):
        initdb: list[str | Path] = [programs / "initdb", "-D", path]
        single: list[str | Path] = [programs / "postgres", *SINGLE, "-D", path]
        for command, said in (
            ([*initdb, *INITDB], ""),
            ([*single, "template1"], FIRST_COMMANDS),
            ([*initdb, "--sync-only"], ""),
        ):
            _run(folder, command, said, identity=identity, share=shared, lock=lock)
    folder.unfinished.rename(folder.database)
    sync_folder(folder.path)


def _run(
    folder: Folder,
    command: Sequence[str | Path],
    said: str,
    *,
    identity: Identity,
    share: Sequence[int],
    lock: int,
) -> None:
    process = guarded(
        command,
        identity=identity,
        keep=[lock],
        share=share,
        cwd="/",
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    output, _ = process.communicate(said.encode())
    if process.returncode != 0:
        fail(folder, output.decode(errors="replace"))


def fail(folder: Folder, reason: str) -> NoReturn:
    """Raise what the server's last words mean."""
    if os.strerror(errno.ENOSPC) in reason:
        raise DiskFull(folder.path)
    raise ServerFailed(folder.path, reason.strip())


@contextmanager
def reachable(database: Path, identity: Identity) -> Iterator[tuple[Path, list[int]]]:
    """A path by which the identity reaches the folder, and the descriptors it needs for that.

    Folders above may be closed to the user that root becomes; an open descriptor leads past them.
    """
    if identity.how != "drop":
        yield database, []
        return
    descriptor = os.open(database, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield Path(f"/proc/self/fd/{descriptor}"), [descriptor]
    finally:
        os.close(descriptor)


def environment() -> dict[str, str]:
    """What a server needs of our environment, and nothing that is not its business."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}
