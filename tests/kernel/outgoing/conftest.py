"""Real servers on loopback that answer as a test tells them to."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest
from msgspec import Struct


class Asked(Struct):
    """What a visitor wanted."""

    command: str
    path: str
    headers: dict[str, str]


class Visit(BaseHTTPRequestHandler):
    """One request to a site."""

    protocol_version = "HTTP/1.1"
    site: "Site"

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.site.visits.append(Asked(self.command, self.path, headers))
        self.site.answer(self)

    do_POST = do_GET  # noqa: N815 - the server looks it up by this name

    def say(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class Site:
    """What stands at a loopback address, and who came."""

    def __init__(self, port: int, answer: Callable[[Visit], None]) -> None:
        self.place = f"127.0.0.1:{port}"
        self.port = port
        self.url = f"http://{self.place}"
        self.answer = answer
        self.visits: list[Asked] = []
        self.closing = Event()  # where an answer that never comes may end


Serve = Callable[[Callable[[Visit], None]], Site]


@contextmanager
def _serve(answer: Callable[[Visit], None]) -> Iterator[Site]:
    handler = type("OneSite", (Visit,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    site = handler.site = Site(server.server_port, answer)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Opens a site that gives this answer to everybody."""
    with ExitStack() as open_sites:
        yield lambda answer: open_sites.enter_context(_serve(answer))


@pytest.fixture
def site(serve: Serve) -> Site:
    """A site that says ``hello`` to everybody."""
    return serve(lambda visit: visit.say(200, b"hello"))
