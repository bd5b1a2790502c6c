"""Why a database server cannot be had, or an archive not be made or read."""

from pathlib import Path

from charsu.kernel.errors import Conflict, Forbidden, Invalid, Unavailable


class NoDatabase(Invalid):
    """Neither a data folder nor a database address was given."""

    code = "no_database"

    def __init__(self) -> None:
        super().__init__("Name a data folder (--data or CHARSU_DATA), or set DATABASE_URL.")


class FolderNotOurs(Conflict):
    """The folder holds something that Charsu did not put there."""

    code = "data_folder_not_ours"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            "{folder} is not empty and not a Charsu data folder; name an empty or a new one.",
            folder=str(folder),
        )


class FolderForbidden(Forbidden):
    """The folder belongs to another user of this machine, or may not be made."""

    code = "data_folder_forbidden"

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            "The data folder {folder} cannot be used by this user: {reason}.",
            folder=str(folder),
            reason=reason,
        )


class FolderBusy(Conflict):
    """Somebody else's server, or one that does not answer, has the folder."""

    code = "data_folder_busy"

    def __init__(self, folder: Path, pid: int | None) -> None:
        super().__init__(
            "The data folder {folder} is in use by process {pid}, which does not answer; "
            "end that process, then start again.",
            folder=str(folder),
            pid=pid or "?",
        )


class WrongVersion(Conflict):
    """The folder was written by another major version of PostgreSQL than ours."""

    code = "data_folder_version"

    def __init__(self, folder: Path, *, found: str, ours: str) -> None:
        super().__init__(
            "The data folder {folder} was made by PostgreSQL {found}; this Charsu runs "
            "PostgreSQL {ours}. Move the shop with `charsu backup` and `charsu restore`.",
            folder=str(folder),
            found=found,
            ours=ours,
        )


class DiskFull(Unavailable):
    """There is no room left where the data folder is."""

    code = "disk_full"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            "The disk that holds {folder} is full; make room and start again.",
            folder=str(folder),
        )


class ServerFailed(Unavailable):
    """PostgreSQL did not start; ``reason`` holds the end of its log."""

    code = "server_failed"

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            "PostgreSQL did not start on {folder}. The end of its log: {reason}",
            folder=str(folder),
            reason=reason,
        )


class NoPlainUser(Unavailable):
    """PostgreSQL refuses to be run by root, and this machine offers nobody else."""

    code = "no_plain_user"

    def __init__(self) -> None:
        super().__init__(
            "PostgreSQL must not run as root, user namespaces are switched off here, and the "
            "machine has no unprivileged user. Start Charsu as another user than root."
        )


class ServerUnreachable(Unavailable):
    """The database at the given address does not answer."""

    code = "server_unreachable"

    def __init__(self, where: str, reason: str) -> None:
        super().__init__("No database at {where}: {reason}", where=where, reason=reason)


class ServerTooOld(Invalid):
    """The database at the given address is older than the hub needs."""

    code = "server_too_old"

    def __init__(self, *, found: str, needed: int) -> None:
        super().__init__(
            "The database server is PostgreSQL {found}; Charsu needs {needed} or newer.",
            found=found,
            needed=needed,
        )


class ServerEnded(Unavailable):
    """The server was somebody else's to run, and that process has ended."""

    code = "server_ended"

    def __init__(self) -> None:
        super().__init__("The database server has ended with the process that ran it; start again.")


class ArchiveFailed(Unavailable):
    """A backup could not be written, or an archive not be read back; nothing was changed."""

    code = "archive_failed"

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(
            "The archive {file} failed, and nothing was changed: {reason}",
            file=str(file),
            reason=reason,
        )


class DatabaseNotEmpty(Conflict):
    """Restoring would overwrite what is there."""

    code = "database_not_empty"

    def __init__(self, relations: int) -> None:
        super().__init__(
            "The database already holds {relations} tables and views; "
            "restore into an empty one, or say that they may go, with --replace.",
            relations=relations,
        )
