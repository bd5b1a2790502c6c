"""The demo: two retailers loaded once, then shops like any other."""

import os
import shlex
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import psycopg

from charsu.assembly import prepare
from charsu.cli.bars import bar
from charsu.cli.calling import called
from charsu.cli.listening import free_port, web_address
from charsu.cli.marking import Mark, make_room, read_mark, write_mark
from charsu.cli.refusing import NotADemo, PortTaken, said
from charsu.cli.running import Business, log_of, run_processes, server_to_run
from charsu.cli.shop import database_url
from charsu.cli.speaking import _
from charsu.identity import OUTBOX
from charsu.language import mark_sentence
from charsu.web import titles
from charsu.web.sign_in import new_setup_code

Tell = Callable[[str, int, int], None]


STAGES = {
    "chain": mark_sentence("chain"),
    "year": mark_sentence("year"),
    "coupons": mark_sentence("coupons"),
    "customers": mark_sentence("customers"),
    "orders": mark_sentence("orders"),
    "prices": mark_sentence("prices"),
    "products": mark_sentence("products"),
    "receipts": mark_sentence("receipts"),
    "shop": mark_sentence("shop"),
    "stock": mark_sentence("stock"),
    "stock levels": mark_sentence("stock levels"),
    "trade": mark_sentence("trade"),
}


def demonstrate(folder: Path, *, size: str, host: str, port: int, fresh: bool) -> None:
    """Load the demo unless it is there, run its shops, and say where they are and who may sign in.

    A load that was interrupted starts over from nothing.
    """
    port = free_port(host, port)
    folder = folder.expanduser()
    mark = read_mark(folder) if database_url() else make_room(folder, size=size, fresh=fresh)
    with server_to_run(folder, web_address(host, port)) as server:
        prepare(server.dsn)
        if mark is None or not mark.is_complete:
            mark = _load(server.dsn, folder, size)
        businesses = _businesses(server.dsn, mark.summary, host=host, port=port)
        summary = mark.summary
        os.environ.setdefault(OUTBOX, str(folder / "outbox"))  # what customers would be sent
        run_processes(
            businesses.values(),
            log=log_of(folder),
            ready=lambda: _greet(businesses, summary, folder),
        )


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
        raise NotADemo("DATABASE_URL", "a shop that is in use")


def _businesses(
    conninfo: str, summary: Mapping[str, Any], *, host: str, port: int
) -> dict[str, Business]:
    """The chain at the port that was asked for, the year at the next one that is free."""
    from charsu.demo.loading import databases

    code = new_setup_code()
    found = {"chain": Business(conninfo=conninfo, host=host, port=port, setup_code=code)}
    if summary.get("year"):
        beside = databases.beside(conninfo, "year")
        prepare(beside)
        found["year"] = Business(
            name="year",
            conninfo=beside,
            host=host,
            port=_next_port(host, port),
            setup_code=code,
        )
    return found


def _next_port(host: str, port: int) -> int:
    try:
        return free_port(host, (port + 1) % 65536)
    except PortTaken:
        return free_port(host, 0)


@contextmanager
def _bars() -> Iterator[Tell]:
    """One bar for each stage, in the order in which they begin; told from several threads."""
    with bar() as bars:
        tasks: dict[str, Any] = {}
        lock = threading.Lock()

        def tell(stage: str, done: int, total: int) -> None:
            with lock:
                if stage not in tasks:
                    tasks[stage] = bars.add_task(_stage(stage), total=total or None)
            bars.update(tasks[stage], completed=done, total=total or None)

        yield tell


def _stage(stage: str) -> str:
    """A stage as "shop: what is loaded", both in our language."""
    return ": ".join(_(STAGES.get(word, word)) for word in stage.split(": "))


def _greet(businesses: Mapping[str, Business], summary: Mapping[str, Any], folder: Path) -> None:
    for name, business in businesses.items():
        said.print(f"\n[bold]{_title(name)}[/]: [bold]{business.address}[/]")
        for one in summary[name]["sign_ins"]:
            said.print(f"  {one['email']:<22} {one['password']}  {_work(one)}", markup=False)
        if name == "year":
            address = f"DATABASE_URL='{business.conninfo}'"
            said.print("  " + _("for commands: {address}", address=address), markup=False)
    if reason := summary.get("year_left_out"):
        said.print("\n" + _("The year is left out: {reason}", reason=reason), markup=False)
    where = "" if database_url() else f" --data {shlex.quote(str(folder))}"
    command = f"{called()} check{where}"
    closing = _("Try `{command}`. Ctrl-C ends everything.", command=command)
    said.print(f"\n{closing}\n", markup=False)


def _title(name: str) -> str:
    return _("Čaršija, the chain") if name == "chain" else _("A retailer's year")


def _work(one: Mapping[str, Any]) -> str:
    """What somebody may do, and where."""
    role = _(titles.ROLES.get(one["role"], one["role"]))
    return _("{role} at {place}", role=role, place=one["place"]) if one["place"] else role
