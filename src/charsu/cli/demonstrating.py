"""The demo: loaded once, then a shop like any other."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import psycopg

from charsu.assembly import prepare
from charsu.cli.bars import bar
from charsu.cli.listening import free_port, web_address
from charsu.cli.marking import Mark, make_room, read_mark, write_mark
from charsu.cli.refusing import NotADemo, NotInThisInstallation, said
from charsu.cli.running import log_of, run_processes, server_to_run
from charsu.cli.shop import database_url

Tell = Callable[[str, int, int], None]


def demonstrate(folder: Path, *, size: str, host: str, port: int, fresh: bool) -> None:
    """Load the demo unless it is there, run its shop, and say where it is and who may sign in.

    A load that was interrupted starts over from nothing.
    """
    if find_spec("charsu.demo.loading") is None:
        raise NotInThisInstallation("The demo's data")
    port = free_port(host, port)
    address = web_address(host, port)
    folder = folder.expanduser()
    mark = read_mark(folder) if database_url() else make_room(folder, size=size, fresh=fresh)
    with server_to_run(folder, address) as server:
        prepare(server.dsn)
        if mark is None or not mark.is_complete:
            mark = _load(server.dsn, folder, size)
        summary = mark.summary

        def ready() -> None:
            _greet(address, summary, folder)

        run_processes(server, host=host, port=port, log=log_of(folder), ready=ready)


def _load(conninfo: str, folder: Path, size: str) -> Mark:
    from charsu.demo.loading import load_demo

    if database_url():
        _expect_empty(conninfo)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_mark(folder, Mark(size=size))
    with _bars() as tell:
        summary = load_demo(conninfo, size=size, progress=tell)
    mark = Mark(size=size, is_complete=True, summary=msgspec.to_builtins(summary))
    write_mark(folder, mark)
    return mark


def _expect_empty(conninfo: str) -> None:
    """Only in an empty shop is nothing lost when an interrupted load has to start over."""
    with psycopg.connect(conninfo) as connection:
        row = connection.execute("SELECT EXISTS (SELECT FROM kernel.facts)").fetchone()
    if row is not None and row[0]:
        raise NotADemo("The database at DATABASE_URL", "a shop that is in use")


@contextmanager
def _bars() -> Iterator[Tell]:
    """One bar for each kind of thing that is loaded, in the order in which they begin."""
    with bar() as bars:
        tasks: dict[str, Any] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total or None)
            bars.update(tasks[what], completed=done, total=total or None)

        yield tell


def _greet(address: str, summary: Mapping[str, Any], folder: Path) -> None:
    said.print(f"\n[bold]Charsu[/] serves at [bold]{address}[/]")
    for path in summary.get("addresses", ()):
        said.print(f"  {address}{path}" if str(path).startswith("/") else f"  {path}", markup=False)
    if summary.get("sign_ins"):
        said.print("\nSign in as")
    for one in summary.get("sign_ins", ()):
        shown = one.values() if isinstance(one, dict) else one
        said.print("  " + "  ".join(str(part) for part in shown), markup=False)
    where = "" if database_url() else f" --data {folder}"
    said.print(f"\nTry `charsu check{where}`. Ctrl-C ends the shop.\n", markup=False)
