"""The data folder of one shop on this machine: what lies where, and who has it now.

    charsu.lock        held (flock) by the guard of the running server; says how to reach it
    postgres/          the database; postgres/log/ holds a week of the server's log
    postgres.new/      a database in the making; thrown away when found
    postgres-start.log what the server said before its own log was open

Everything else in the folder belongs to other parts of the hub.
"""

import errno
import fcntl
import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from charsu.kernel.server import binaries
from charsu.kernel.server.errors import DiskFull, FolderForbidden, FolderNotOurs, WrongVersion
from charsu.kernel.server.identity import Identity


@dataclass(frozen=True)
class Record:
    """Who started the server, and where it listens; written into the lock file by the starter."""

    owner_pid: int
    socket_folder: str

    @classmethod
    def of_this_process(cls, socket_folder: Path) -> "Record":
        """The record of a server that this process starts."""
        return cls(os.getpid(), str(socket_folder))

    def owner_lives(self) -> bool:
        """Whether the process that started the server is still there."""
        try:
            return bool(psutil.Process(self.owner_pid).status() != psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return False


class Folder:
    """A data folder that is ours, or empty and therefore ours to fill."""

    def __init__(self, path: Path) -> None:
        """Make the folder if need be. Raises FolderNotOurs, FolderForbidden and DiskFull."""
        self.path = path.expanduser().resolve()
        self.database = self.path / "postgres"
        self.unfinished = self.path / "postgres.new"
        self.lock_file = self.path / "charsu.lock"
        self.start_log = self.path / "postgres-start.log"
        self.server_log = self.database / "log"
        try:
            self._claim()
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise DiskFull(self.path) from error
            raise FolderForbidden(self.path, str(error.strerror).lower()) from error

    def _claim(self) -> None:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        known = self.lock_file.exists() or (self.database / "PG_VERSION").exists()
        if not known and any(self.path.iterdir()):
            raise FolderNotOurs(self.path)

    def try_lock(self) -> int | None:
        """Take the folder: a descriptor that holds it until every copy is closed, or None.

        The lock goes with its holders whatever kills them. It is inherited by those to whom
        the descriptor is passed, and by no other program.
        """
        try:
            descriptor = os.open(self.lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except PermissionError as error:
            raise FolderForbidden(self.path, "its lock belongs to another user") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor

    def write_record(self, record: Record) -> None:
        """Tell others where the server is. Only who holds the lock may."""
        self.lock_file.write_text(json.dumps(asdict(record)))

    def record(self) -> Record | None:
        """What the present or last starter wrote, if it can be read."""
        try:
            return Record(**json.loads(self.lock_file.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def has_database(self) -> bool:
        """Whether a database was made here, by a version that our programs can run.

        Raises WrongVersion if by another one.
        """
        try:
            found = (self.database / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            return False
        if found != (ours := binaries.major_version()):
            raise WrongVersion(self.path, found=found, ours=ours)
        return True

    def clear_unfinished(self, identity: Identity) -> None:
        """An empty folder for a new database, in place of any that was never finished."""
        shutil.rmtree(self.unfinished, ignore_errors=True)
        self.unfinished.mkdir(mode=0o700)
        identity.own(self.unfinished)

    def hand_over(self, identity: Identity) -> None:
        """Give the server's files to the user who runs it, where they are not already."""
        if identity.how != "drop":
            return
        if self.database.stat().st_uid != identity.uid:
            for path in (self.database, *self.database.rglob("*")):
                identity.own(path)
        if self.path.stat().st_uid == identity.uid:  # her folder, opened by root for once
            identity.own(self.lock_file)
            identity.own(self.start_log)

    def server_is_ready(self) -> bool:
        """Whether the server says that it takes connections; asked sooner, it notes a refusal.

        Source: PostgreSQL, miscadmin.h, LOCK_FILE_LINE_PM_STATUS, of postmaster.pid.
        """
        try:
            lines = (self.database / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready"

    def log_end(self, lines: int = 8) -> str:
        """The last words of the server, for an error message."""
        logs = [*sorted(self.server_log.glob("*.log"), key=lambda log: log.stat().st_mtime)[-1:]]
        texts = [_end_of(log) for log in (*logs, self.start_log) if log.exists()]
        return "\n".join(line for text in texts for line in text.splitlines()[-lines:])


def sync_folder(folder: Path) -> None:
    """Make sure that the names in the folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _end_of(log: Path, size: int = 4096) -> str:
    with log.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - size))
        return file.read().decode(errors="replace").strip()
