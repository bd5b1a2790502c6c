"""A whole shop on this machine: the database, a web process and a worker, ended together."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from charsu.assembly import prepare
from charsu.cli.claiming import own_server
from charsu.cli.listening import free_port, web_address
from charsu.cli.refusing import said
from charsu.cli.shop import database_url
from charsu.kernel.server import Event, Family, Server, open_database

LOG_BYTES_MAX = 10_000_000


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
    server: Server, *, host: str, port: int, log: Path | None, ready: Callable[[], None]
) -> None:
    """Run the web process and the worker until Ctrl-C or SIGTERM.

    log     where their log goes, by default standard error
    ready   called once, when both do their work
    """
    announcements = _Announcements(ready)
    with _log_file(log) as output, Family(announcements.hear) as family:
        for name, command in {
            "web": ["serve", "--host", host, "--port", str(port)],
            "worker": ["work"],
        }.items():
            arguments = [sys.executable, "-m", "charsu.cli", *command]
            family.start(name, arguments, env=_environment(server), output=output)
        family.wait()


def up(data: Path, *, host: str, port: int) -> None:
    """Run a shop, empty if it is new, and say how to make the first account."""
    port = free_port(host, port)
    address = web_address(host, port)
    with server_to_run(data, address) as server:
        prepare(server.dsn)
        needs_admin = _needs_admin(server)

        def ready() -> None:
            said.print(f"[bold]Charsu[/] serves at {address}. Ctrl-C ends it.")
            if needs_admin:
                said.print(f"Nobody can sign in yet: {_admin_hint(data)}")

        run_processes(server, host=host, port=port, log=log_of(data), ready=ready)


def log_of(data: Path) -> Path | None:
    """Where the processes of a folder's shop write; with a server elsewhere, nowhere."""
    return None if database_url() else data.expanduser() / "charsu.log"


def _needs_admin(server: Server) -> bool:
    from charsu.assembly import open_hub
    from charsu.kernel.access import needs_first_admin

    with open_hub(server.dsn, connections=1) as hub:
        return needs_first_admin(hub)


def _admin_hint(data: Path) -> str:
    where = "" if database_url() else f" --data {data}"
    return f"make the first account with `charsu admin create EMAIL{where}`."


def _environment(server: Server) -> Mapping[str, str]:
    """Children get the database's address and need no folder."""
    kept = {name: value for name, value in os.environ.items() if name != "CHARSU_DATA"}
    return {**kept, "DATABASE_URL": server.dsn}


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


class _Announcements:
    """Says once that all is ready, and each time that something ended by itself."""

    def __init__(self, ready: Callable[[], None]) -> None:
        self._ready = ready
        self._waited_for = {"web", "worker"}

    def hear(self, event: Event) -> None:
        if event.kind == "ready" and event.name in self._waited_for:
            self._waited_for.discard(event.name)
            if not self._waited_for:
                self._ready()
        elif event.kind == "died" and event.value not in (0, -15, -9):
            said.print(f"The {event.name} process ended ({event.value}); starting it again.")
