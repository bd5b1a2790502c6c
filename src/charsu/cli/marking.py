"""How far a demo has been loaded into a folder, and who may sign in to it."""

import os
import shutil
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from charsu.cli.claiming import FILE as RUNNING
from charsu.cli.refusing import AlreadyRuns, NotADemo
from charsu.cli.shop import has_shop
from charsu.kernel.server.folder import Folder
from charsu.language import mark_sentence

FILE = "demo.json"


DEMOS = {"small": mark_sentence("the small demo"), "full": mark_sentence("the full demo")}


class Mark(Struct, frozen=True, kw_only=True):
    """What stands in the folder beside the database; the only place that knows the passwords."""

    size: str
    is_complete: bool = False
    summary: dict[str, Any] = {}


def read_mark(folder: Path) -> Mark | None:
    """The folder's mark; None where no demo was begun."""
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Mark)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def write_mark(folder: Path, mark: Mark) -> None:
    """Replace the folder's mark at one stroke; only its owner may read it."""
    new = folder / f"{FILE}.new"
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(mark), indent=2))
        file.flush()
        os.fsync(file.fileno())
    new.replace(folder / FILE)


def make_room(folder: Path, *, size: str, fresh: bool) -> Mark | None:
    """The mark of a complete demo of this size; else None, and no database in the folder.

    What an interrupted load has left is thrown away. Raises NotADemo where the folder holds a shop
    of somebody's own, or a demo of another size, and AlreadyRuns.
    """
    mark = read_mark(folder)
    if mark is None:
        if has_shop(folder):
            raise NotADemo(str(folder), "a shop that is no demo")
        return None
    if mark.is_complete and not fresh:
        if mark.size != size:
            raise NotADemo(str(folder), DEMOS.get(mark.size, mark.size))
        return mark
    empty(folder)
    return None


def empty(folder: Path) -> None:
    """Throw the shop in the folder away, unless somebody uses it. Raises AlreadyRuns."""
    place = Folder(folder)
    lock = place.try_lock()
    if lock is None:
        record = place.record()
        raise AlreadyRuns(folder, address="?", pid=record.owner_pid if record else 0)
    try:
        for inner in (place.database, place.unfinished):
            shutil.rmtree(inner, ignore_errors=True)
        for name in (FILE, RUNNING):
            (place.path / name).unlink(missing_ok=True)
    finally:
        os.close(lock)
