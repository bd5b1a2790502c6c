"""As whom PostgreSQL runs: never as root, and always as the owner of its files.

- An ordinary user runs the server as herself.
- Root runs it in a user namespace, where root is seen as an unprivileged user: the server is
  content and the files stay root's. An ordinary user without an entry in the user database (usual
  in containers) does the same, because ``initdb`` wants to know her name.
- Where namespaces are forbidden (many containers), root hands the folder of the database to
  an unprivileged user and becomes that user. Its way to the files is an open descriptor, so
  no folder above needs to be opened to others.
- Where the files already belong to an ordinary user, root becomes that user, so that she can
  still open her own shop afterwards.
"""

import json
import os
import pwd
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from charsu.kernel.server import launch
from charsu.kernel.server.errors import FolderForbidden, NoPlainUser


@dataclass(frozen=True)
class Identity:
    """How a command changes user, and to whom."""

    how: Literal["self", "namespace", "drop"]
    uid: int = 0  # in a namespace: who the command believes to be
    gid: int = 0

    def own(self, path: Path) -> None:
        """Give the file or folder to the user who runs the server, if that is somebody else."""
        if self.how == "drop":
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    @property
    def outer_uid(self) -> int:
        """Whose the server's files are, seen from outside."""
        return self.uid if self.how == "drop" else os.geteuid()


SELF = Identity("self")


def owner_of(folder: Path) -> Identity:
    """The identity for a server whose files are in this folder.

    Raises FolderForbidden if they belong to another ordinary user than the one we are,
    NoPlainUser if we are root and there is no way to be anybody else.
    """
    me, status = os.geteuid(), folder.stat()
    if me == 0 and status.st_uid != 0:
        return Identity("drop", status.st_uid, status.st_gid)
    if me not in (0, status.st_uid):
        raise FolderForbidden(folder, f"it belongs to {name_of(status.st_uid)}")
    return _unprivileged() if me == 0 or not is_known(me) else SELF


def _unprivileged() -> Identity:
    entry = _plain_user()
    if namespaces_allowed(entry.pw_uid, entry.pw_gid):
        return Identity("namespace", entry.pw_uid, entry.pw_gid)
    if os.geteuid() != 0:
        return SELF
    return Identity("drop", entry.pw_uid, entry.pw_gid)


def _plain_user() -> pwd.struct_passwd:
    entries = {entry.pw_name: entry for entry in pwd.getpwall() if entry.pw_uid != 0}
    if not entries:
        raise NoPlainUser
    return entries.get("nobody") or max(entries.values(), key=lambda entry: entry.pw_uid)


@cache
def namespaces_allowed(uid: int, gid: int) -> bool:
    """Whether this machine lets us enter a user namespace; found out by trying."""
    if sys.platform != "linux":
        return False
    plan = {"identity": ("namespace", uid, gid), "command": []}
    tried = subprocess.run(
        [sys.executable, "-I", "-S", launch.__file__, json.dumps(plan)],
        capture_output=True,
        check=False,
    )
    return tried.returncode == 0


def is_known(uid: int) -> bool:
    """Whether the user database has a name for the user."""
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def name_of(uid: int) -> str:
    """The user's name, or the number where there is none."""
    return pwd.getpwuid(uid).pw_name if is_known(uid) else str(uid)
