"""The application under its real web server, over a real socket."""

import asyncio
import socket
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager

import httpx
import uvicorn
from litestar import Router, get
from litestar.response import ServerSentEvent

from charsu.kernel import Hub
from charsu.web.app import create_app
from charsu.web.serving import web_server


@contextmanager
def serving(server: uvicorn.Server) -> Iterator[tuple[str, threading.Thread]]:
    """The server in a thread, on a port of its own choice."""
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", thread
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def test_it_serves_over_a_socket_and_tells_nothing_of_itself(counters_hub: Hub) -> None:
    with serving(web_server(create_app(counters_hub), host="127.0.0.1", port=0)) as (address, _):
        answer = httpx.get(f"{address}/v1/me")

    assert answer.status_code == 200
    assert "server" not in answer.headers
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_it_stops_although_a_live_page_is_open(counters_hub: Hub) -> None:
    """Nothing ends this stream but the server: it must not wait for it."""

    @get("/endless")
    async def endless() -> ServerSentEvent:
        async def beats() -> AsyncGenerator[str, None]:
            while True:
                yield "alive"
                await asyncio.sleep(0.01)

        return ServerSentEvent(beats())

    app = create_app(counters_hub, pages=[Router("/", route_handlers=[endless])])
    server = web_server(app, host="127.0.0.1", port=0)
    with (
        serving(server) as (address, thread),
        httpx.stream("GET", f"{address}/endless") as open_page,
    ):
        assert next(open_page.iter_lines())
        server.should_exit = True
        thread.join(timeout=30)  # a hang, not a time, is what fails here
        assert not thread.is_alive()


def test_what_ends_the_streams_is_called_when_the_server_stops(counters_hub: Hub) -> None:
    stopped = threading.Event()
    app = create_app(counters_hub, on_stop=[stopped.set])

    with serving(web_server(app, host="127.0.0.1", port=0)) as (address, _):
        assert httpx.get(f"{address}/health/live").status_code == 200
        assert not stopped.is_set()

    assert stopped.is_set()


def test_the_hub_outlives_its_application(counters_hub: Hub) -> None:
    for _ in range(2):
        server = web_server(create_app(counters_hub), host="127.0.0.1", port=0)
        with serving(server) as (address, _):
            assert httpx.get(f"{address}/health/ready").status_code == 200
