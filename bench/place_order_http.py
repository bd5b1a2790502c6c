"""Orders per second over HTTP, through the whole application, beside a minimal one by hand.

Both are Litestar on the same web server, with as many threads and connections, each in a process of
its own, and ask a program for its key. The one by hand has a single handler that decodes into a
struct and sends the statements of ``place_order``; it looks the key up with one statement where
the application needs two, and knows no other route, cookie, refusal or figure.
"""

import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from statistics import median

import msgspec
import psutil
from msgspec import Struct

from bench.frame import Buyers, Result, compared, fresh_shops
from bench.http_server import Line, Order, Served
from bench.place_order import rows
from bench.stocked import Stocked, stock_shop
from charsu.assembly import open_hub
from charsu.kernel import SYSTEM
from charsu.kernel.access import IssueKey, KeyRole, digest_of, issue_key
from charsu.kernel.setup import ChangeSetting, change_setting

TARGET = 0.6
PAIRS = 5
SECONDS = 1.0
PATIENCE_SECONDS = 60
IDLE_SECONDS_MAX = 5
ROLE = "cashier"


class Door(Struct, frozen=True):
    """Where a server listens, and who it is."""

    port: int
    pid: int


def run() -> list[Result]:
    """1, 4 and 16 clients, one line each."""
    token = f"charsu_key_{secrets.token_urlsafe(32)}"
    with fresh_shops("ours", "hand") as shops:
        stocked = [_stocked(shop, token) for shop in shops]
        with (
            _serving("ours", Served(shops[0], stocked[0])) as ours,
            _serving("by_hand", Served(shops[1], stocked[1])) as hand,
        ):
            doors = list(zip((ours, hand), stocked, strict=True))
            results = [_cell(doors, token, clients) for clients in (1, 4, 16)]
        assert rows(shops[0]) == rows(shops[1]), "both leave the same rows behind"
    return results


def _stocked(conninfo: str, token: str) -> Stocked:
    """A stocked shop that knows the key and lets it send as much as it can."""
    shop = stock_shop(conninfo)
    with open_hub(conninfo, connections=1) as hub:
        ask = IssueKey(label="bench", digest=digest_of(token).hex(), roles=(KeyRole(role=ROLE),))
        hub.run(issue_key, ask, actor=SYSTEM)
        unlimited = ChangeSetting(name="web.requests_per_minute", value=0)
        hub.run(change_setting, unlimited, actor=SYSTEM)
    return shop


@contextmanager
def _serving(which: str, served: Served) -> Iterator[Door]:
    """One of the servers, on a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener, tempfile.TemporaryDirectory() as where:
        file = Path(where) / "served.json"
        file.write_bytes(msgspec.json.encode(served))
        command = [sys.executable, "-m", "bench.http_server", which, str(file)]
        with (Path(where) / "log").open("wb") as log:  # one line for each request, as always
            server = subprocess.Popen(command, stdin=listener, stdout=log, stderr=log)
        try:
            yield Door(listener.getsockname()[1], server.pid)
        finally:
            server.terminate()
            server.wait(PATIENCE_SECONDS)


def _cell(doors: list[tuple[Door, Stocked]], token: str, clients: int) -> Result:
    crowds = [Buyers(clients, over_http, door.port, token, shop) for door, shop in doors]
    rates: tuple[list[float], list[float]] = ([], [])
    costs: tuple[list[float], list[float]] = ([], [])
    for _ in range(PAIRS):
        for turn, (crowd, (door, _)) in enumerate(zip(crowds, doors, strict=True)):
            rate, cost = _measured(crowd, door)
            rates[turn].append(rate)
            costs[turn].append(cost)
    for crowd in crowds:
        crowd.close()
    name = f"place_order_http, {clients} clients"
    result = compared(name, *rates, target=TARGET, unit="orders/s")
    result.figures["ours CPU ms per order"] = round(median(costs[0]), 2)
    result.figures["by hand CPU ms per order"] = round(median(costs[1]), 2)
    return result


def _measured(crowd: Buyers, door: Door) -> tuple[float, float]:
    """Orders per second, and milliseconds of the server's processor time for each."""
    server = psutil.Process(door.pid)
    before, started = server.cpu_times(), time.perf_counter()
    rate = crowd.per_second(SECONDS)
    elapsed, after = time.perf_counter() - started, server.cpu_times()
    used = after.user - before.user + after.system - before.system
    return rate, 1000 * used / (rate * elapsed)


@contextmanager
def over_http(number: int, port: int, token: str, shop: Stocked) -> Iterator[Callable[[], None]]:
    """Buys as a program does that keeps its connection."""
    chance = Random(number)
    head = (
        f"POST /v1/orders HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
        "Content-Type: application/json\r\nContent-Length: "
    ).encode()
    line = _Line(port)

    def once() -> None:
        lines = (Line(chance.choice(shop.variants), 1),)
        body = msgspec.json.encode(Order(shop.channel, "RS", lines))
        line.send(b"%b%d\r\n\r\n%b" % (head, len(body), body))
        line.check_placed()

    yield once
    line.close()


class _Line:
    """A connection to the server, made anew after a pause: the server does not keep idle ones."""

    def __init__(self, port: int) -> None:
        self._address = ("127.0.0.1", port)
        self._socket: socket.socket | None = None
        self._used = 0.0

    def send(self, request: bytes) -> None:
        now = time.monotonic()
        if self._socket is None or now - self._used > IDLE_SECONDS_MAX:
            self.close()
            self._socket = socket.create_connection(self._address, PATIENCE_SECONDS)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._used = now
        self._socket.sendall(request)

    def check_placed(self) -> None:
        """Read one whole answer, which says that an order was made."""
        got = b""
        while b"\r\n\r\n" not in got:
            got += self._more()
        head, _, body = got.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 201 "), got.decode()
        _, _, rest = head.lower().partition(b"\r\ncontent-length:")
        length = int(rest.partition(b"\r\n")[0])
        while len(body) < length:
            body += self._more()

    def _more(self) -> bytes:
        assert self._socket is not None
        part = self._socket.recv(65536)
        assert part, "the server hung up"
        return part

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()


if __name__ == "__main__":
    for result in run():
        print(result.line())
