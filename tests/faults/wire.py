"""A wire between the hub and PostgreSQL that can be cut at the moment of a commit.

A relay on a Unix socket of its own, as far as libpq can tell a server. It reads nothing of the
protocol but this: a client's packet that holds COMMIT.
"""

import contextlib
import selectors
import shutil
import socket
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from psycopg.conninfo import conninfo_to_dict, make_conninfo

Moment = Literal["before", "during", "after"]
SOCKET = ".s.PGSQL.5432"
COMMIT = b"COMMIT\0"


class Wire:
    """Relays connections to the server of ``dsn``; ``dsn`` of the wire leads through it.

    before   the server never hears the COMMIT
    during   the server hears it, and the wire is cut at once: nobody waits for the outcome
    after    the server has done it and says so, and the client never hears that
    """

    def __init__(self, dsn: str) -> None:
        self._server = str(Path(str(conninfo_to_dict(dsn)["host"])) / SOCKET)
        self._folder = Path(tempfile.mkdtemp(prefix="wire-"))  # short: sockets have short names
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self._folder / SOCKET))
        self._listener.listen()
        self.dsn = make_conninfo(dsn, host=str(self._folder))
        self.cuts = 0
        self._moments: list[Moment] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_next_commit(self, moment: Moment) -> None:
        """The next connection that commits is cut then; several may be asked for in a row."""
        self._moments.append(moment)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the wire is closed
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
                relay = threading.Thread(target=self._relay, args=(client, server), daemon=True)
                relay.start()

    def _relay(self, client: socket.socket, server: socket.socket) -> None:
        with client, server, selectors.DefaultSelector() as waiting:
            for one, other in ((client, server), (server, client)):
                waiting.register(one, selectors.EVENT_READ, other)
            with contextlib.suppress(ConnectionError):
                while all(
                    self._passed(key.fileobj, key.data, from_client=key.fileobj is client)  # type: ignore[arg-type]
                    for key, _ in waiting.select()
                ):
                    pass

    def _passed(self, one: socket.socket, other: socket.socket, *, from_client: bool) -> bool:
        """Whether the relay goes on after this packet."""
        packet = one.recv(65536)
        if not packet:
            return False
        if not (from_client and COMMIT in packet and self._moments):
            other.sendall(packet)
            return True
        moment = self._moments.pop(0)
        self.cuts += 1
        if moment != "before":
            other.sendall(packet)
        if moment == "after":
            other.recv(65536)  # the server has answered: it is committed
        return False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        shutil.rmtree(self._folder)
