"""The shop as a real server on this machine, with its worker, in test mode."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from charsu.assembly import chores, open_hub, outgoing_chores, prepare
from charsu.channels.ucp.trial import SECRET, SWITCH
from charsu.identity import OUTBOX
from charsu.kernel import Hub
from charsu.kernel.logs import configure_logs
from charsu.kernel.server import open_server
from charsu.kernel.work import Worker
from charsu.web.serving import web_server
from charsu.web.site import build_app
from tests.conformance.linking import Customer
from tests.conformance.market import Market, open_market


@contextmanager
def test_mode(secret: str) -> Iterator[None]:
    """This process is in test mode meanwhile."""
    os.environ[SWITCH], os.environ[SECRET] = "1", secret
    try:
        yield
    finally:
        del os.environ[SWITCH], os.environ[SECRET]


@contextmanager
def serving_market(folder: Path) -> Iterator[tuple[Market, str]]:
    """A market on a database of its own, served; the market and its address."""
    configure_logs()
    with open_server(folder / "data") as database:
        prepare(database.dsn)
        with (
            open_hub(database.dsn, connections=16) as hub,
            _served(hub, folder / "outbox") as (market, address),
        ):
            yield market, address


@contextmanager
def _served(hub: Hub, outbox: Path) -> Iterator[tuple[Market, str]]:
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    market = open_market(hub, address=address)
    app = build_app(hub)
    app.asgi_handler = Customer(app, hub, outbox)
    server = web_server(app, host="127.0.0.1", port=0)
    web = threading.Thread(target=server.run, args=([listener],), daemon=True)
    web.start()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(OUTBOX, str(outbox))
            with working(hub):
                yield market, address
    finally:
        server.should_exit = True
        web.join()
        listener.close()


@contextmanager
def working(hub: Hub) -> Iterator[None]:
    """The worker's two threads."""
    stop = threading.Event()
    workers = [
        Worker(hub, chores(), stop),
        Worker(hub, outgoing_chores(is_stopping=stop.is_set), stop, consumers=()),
    ]
    threads = [threading.Thread(target=worker.run, daemon=True) for worker in workers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
