"""Where a server listens: a private folder with a short name, however long the data's path is."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, Ping

from charsu.kernel.server.identity import Identity

USER = DATABASE = "charsu"
LONGEST = 90  # bytes; the system allows 107 for the folder and "/.s.PGSQL.5432"
SOCKET = ".s.PGSQL.5432"
TIMEOUT_SECONDS = 5


def socket_folder(database: Path, identity: Identity) -> Path:
    """A folder that only the server's user can enter, the same at each start where possible.

    The name is no secret, so somebody may have taken it: then a fresh one is made instead.
    """
    base = _base(identity)
    seed = f"{identity.outer_uid}:{database}".encode(errors="surrogateescape")
    folder = base / f"charsu-{hashlib.sha256(seed).hexdigest()[:16]}"
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        if not _is_private(folder, identity):
            folder = Path(tempfile.mkdtemp(prefix="charsu-", dir=base))
    # Left by a killed server whose number may by now be a stranger's; nobody listens here, for
    # whoever asks for this folder holds the lock of the data.
    for name in (SOCKET, f"{SOCKET}.lock"):
        (folder / name).unlink(missing_ok=True)
    identity.own(folder)
    return folder


def _base(identity: Identity) -> Path:
    """The user's own folder for such things, else the one for everybody's temporary files."""
    own = os.environ.get("XDG_RUNTIME_DIR") if identity.how != "drop" else None
    for name in filter(None, (own, tempfile.gettempdir())):
        if len(os.fsencode(name)) < LONGEST - 24 and os.access(name, os.W_OK | os.X_OK):
            return Path(name)
    return Path("/tmp")  # noqa: S108 (what is made there is private, or not used)


def _is_private(folder: Path, identity: Identity) -> bool:
    status = folder.lstat()
    private = stat.S_ISDIR(status.st_mode) and stat.S_IMODE(status.st_mode) == 0o700
    return private and status.st_uid == identity.outer_uid


def address(folder: Path | str) -> str:
    """The libpq conninfo of the hub's database behind the socket in this folder."""
    return make_conninfo(host=str(folder), user=USER, dbname=DATABASE)


def answers(dsn: str) -> bool:
    """Whether the server accepts connections at this moment."""
    patient = make_conninfo(dsn, connect_timeout=TIMEOUT_SECONDS)
    return bool(PGconn.ping(patient.encode()) == Ping.OK)  # also when it has no connection to spare
