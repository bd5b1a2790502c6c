"""A whole shop on this machine: the database, a web process and a worker, ended together."""

import os
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from msgspec import Struct

from charsu.assembly import open_hub, prepare
from charsu.cli.calling import called
from charsu.cli.claiming import own_server
from charsu.cli.listening import free_port, web_address
from charsu.cli.refusing import said
from charsu.cli.shop import PREPARED, SETUP_CODE, database_url
from charsu.cli.speaking import _
from charsu.kernel.access import needs_first_admin
from charsu.kernel.server import Event, Family, Server, open_database
from charsu.web.sign_in import new_setup_code

LOG_BYTES_MAX = 10_000_000
TOLD_TO_END = (0, -15, -9)  # by the family


class Business(Struct, frozen=True, kw_only=True):
    """A shop to run, and where.

    name         tells its processes apart where several shops are run together
    setup_code   lets somebody make the first account on the first-run page
    """

    name: str = ""
    conninfo: str
    host: str
    port: int
    setup_code: str

    @property
    def address(self) -> str:
        return web_address(self.host, self.port)

    def processes(self) -> dict[str, list[str]]:
        """What it consists of: each process's name and command."""
        serve = ["serve", "--host", self.host, "--port", str(self.port)]
        return {f"{self.name} web".strip(): serve, f"{self.name} worker".strip(): ["work"]}


@contextmanager
def server_to_run(data: Path, address: str) -> Iterator[Server]:
    """The database for a shop that this process runs: of the environment, else of the folder."""
    if url := database_url():
        with open_database(None, url) as server:
            yield server
    else:
        with own_server(data, address, said.print) as server:
            yield server


def run_processes(
    businesses: Iterable[Business], *, log: Path | None, ready: Callable[[], None]
) -> None:
    """Run web processes and workers until Ctrl-C or SIGTERM.

    log     where their log goes, by default standard error
    ready   called once, when all of them do their work
    """
    commands = {
        name: (command, _environment(business))
        for business in businesses
        for name, command in business.processes().items()
    }
    announcements = _Announcements(commands, ready)
    with _log_file(log) as output, Family(announcements.hear) as family:
        for name, (command, environment) in commands.items():
            arguments = [sys.executable, "-m", "charsu.cli", *command]
            family.start(name, arguments, env=environment, output=output)
        family.wait()


def up(data: Path, *, host: str, port: int) -> None:
    """Run a shop, empty if it is new, and say how to make the first account."""
    port = free_port(host, port)
    with server_to_run(data, web_address(host, port)) as server:
        prepare(server.dsn)
        business = Business(conninfo=server.dsn, host=host, port=port, setup_code=new_setup_code())
        with open_hub(server.dsn, connections=1) as hub:
            is_new = needs_first_admin(hub)
        run_processes(
            [business], log=log_of(data), ready=lambda: _greet(business, data, is_new=is_new)
        )


def log_of(data: Path) -> Path | None:
    """Where the processes of a folder's shop write; with a server elsewhere, nowhere."""
    return None if database_url() else data.expanduser() / "charsu.log"


def _greet(business: Business, data: Path, *, is_new: bool) -> None:
    address = business.address
    greeting = _("{name} serves at {address}. Ctrl-C ends it.", name="Charsu", address=address)
    said.print(greeting, markup=False)
    if is_new:
        where = "" if database_url() else f" --data {shlex.quote(str(data))}"
        first = _(
            "Make the first account at {page} with the code {code}, or with `{command}`.",
            page=f"{address}/welcome",
            code=business.setup_code,
            command=f"{called()} admin create EMAIL{where}",
        )
        said.print(first, markup=False)


def _environment(business: Business) -> Mapping[str, str]:
    """Children get the database's address and need no folder."""
    kept = {name: value for name, value in os.environ.items() if name != "CHARSU_DATA"}
    ours = {"DATABASE_URL": business.conninfo, SETUP_CODE: business.setup_code, PREPARED: "1"}
    return {**kept, **ours}


@contextmanager
def _log_file(path: Path | None) -> Iterator[IO[bytes] | None]:
    if path is None:
        yield None
        return
    if path.exists() and path.stat().st_size > LOG_BYTES_MAX:
        path.replace(path.with_suffix(".log.1"))
    with path.open("ab") as file:
        path.chmod(0o600)
        yield file


def _named(event: Event) -> dict[str, Any]:
    return {"name": event.name, "status": event.value}


class _Announcements:
    """Says once that all is ready, and each time that something ended by itself."""

    def __init__(self, names: Iterable[str], ready: Callable[[], None]) -> None:
        self._ready = ready
        self._waited_for = set(names)

    def hear(self, event: Event) -> None:
        if event.kind == "ready" and event.name in self._waited_for:
            self._waited_for.discard(event.name)
            if not self._waited_for:
                self._ready()
        elif event.kind == "died" and event.value not in TOLD_TO_END:
            again = _("{name} ended ({status}); starting it again.", **_named(event))
            said.print(again, markup=False)
