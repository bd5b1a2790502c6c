"""PostgreSQL and the hub's own processes on this machine, and nothing left of them afterwards."""

from charsu.kernel.server.archive import dump, restore
from charsu.kernel.server.errors import (
    ArchiveFailed,
    DatabaseNotEmpty,
    DiskFull,
    FolderBusy,
    FolderForbidden,
    FolderNotOurs,
    NoDatabase,
    NoPlainUser,
    ServerEnded,
    ServerFailed,
    ServerTooOld,
    ServerUnreachable,
    WrongVersion,
)
from charsu.kernel.server.family import Event, Family, announce_ready
from charsu.kernel.server.opening import Server, open_database, open_server, server_from_env

__all__ = [
    "ArchiveFailed",
    "DatabaseNotEmpty",
    "DiskFull",
    "Event",
    "Family",
    "FolderBusy",
    "FolderForbidden",
    "FolderNotOurs",
    "NoDatabase",
    "NoPlainUser",
    "Server",
    "ServerEnded",
    "ServerFailed",
    "ServerTooOld",
    "ServerUnreachable",
    "WrongVersion",
    "announce_ready",
    "dump",
    "open_database",
    "open_server",
    "restore",
    "server_from_env",
]
