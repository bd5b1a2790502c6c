"""A shop into one file, and a shop from one."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from charsu.assembly import open_hub, prepare
from charsu.cli.refusing import out
from charsu.cli.shop import database_url, opened
from charsu.cli.speaking import _, spoken
from charsu.kernel import Tx
from charsu.kernel.log import begin_epoch
from charsu.kernel.server import dump, open_database
from charsu.kernel.server import restore as read_back


def backup(data: Path | None, file: Path) -> None:
    """Write the shop as of one moment to ``file``; it may go on selling."""
    with opened(data) as server:
        dump(server.dsn, file)
    said = _("{file}: {size} MB, complete.", file=file, size=_megabytes(file))
    out.print(said, markup=False)


def restore(data: Path | None, file: Path, *, replace: bool) -> None:
    """Make a shop from a backup, brought up to this release, with a log epoch of its own.

    Transactions of the old server count on there; without a new epoch, facts of this one could come
    to lie behind the cursors that were saved, and would never be read.
    """
    with _gone_if_it_fails(data), open_database(data, database_url()) as server:
        read_back(server.dsn, file, replace=replace)
        prepare(server.dsn)
        with open_hub(server.dsn, connections=1) as hub, hub.writing("kernel.restore") as tx:
            number = _begin_epoch(tx)
    said = _("Restored from {file}; the log goes on in epoch {epoch}.", file=file, epoch=number)
    out.print(said, markup=False)


@contextmanager
def _gone_if_it_fails(data: Path | None) -> Iterator[None]:
    """What is made in a folder that was empty, or was not there, does not stay without its shop."""
    folder = None if data is None or database_url() else data.expanduser()
    was_there = folder is not None and folder.exists()
    is_ours_to_fill = folder is not None and not (was_there and any(folder.iterdir()))
    try:
        yield
    except BaseException:
        if folder is not None and is_ours_to_fill:
            shutil.rmtree(folder, ignore_errors=True)
            if was_there:
                folder.mkdir(mode=0o700)
        raise


def _begin_epoch(tx: Tx) -> int:
    last = tx.value("SELECT max(number) FROM kernel.epochs")
    server = tx.value("SELECT system_identifier::text FROM pg_control_system()")
    return begin_epoch(tx, number=int(last) + 1, server=str(server))


def _megabytes(file: Path) -> str:
    return spoken().decimal(file.stat().st_size / 1e6)
