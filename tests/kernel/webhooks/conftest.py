"""A shop where a bell may be rung, and receivers that judge what they get by themselves."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from queue import Queue
from threading import Event, Thread
from typing import Any
from uuid import UUID

import msgspec
import pytest
from standardwebhooks import Webhook

from charsu.kernel import SYSTEM, Fact, Hub, append
from charsu.kernel.log import deliver, register
from charsu.kernel.outgoing import OutgoingClient
from charsu.kernel.webhooks import Sent, queries, send_due
from charsu.kernel.webhooks.operations import (
    AddWebhookEndpoint,
    ReplayWebhooks,
    add_endpoint,
    replay,
)
from charsu.kernel.webhooks.reactions import note_deliveries


class BellPulled(Fact, frozen=True, kw_only=True):
    times: int


class Receiver:
    """Another system on loopback. It keeps what a standard library accepts, by ``webhook-id``.

    status      what it says to a good message
    is_held     an event that it waits for before it answers, if there is one
    """

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/hook"
        self.secret = ""
        self.status = 200
        self.headers: dict[str, str] = {}
        self.held_until: Event | None = None
        self.arriving: Queue[str] = Queue()
        self.got: dict[str, list[Any]] = {}
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.refused: list[Exception] = []

    @property
    def events(self) -> list[Any]:
        """Each message that was accepted, once."""
        return [copies[0] for copies in self.got.values()]

    def take(self, headers: dict[str, str], body: bytes) -> int:
        self.requests.append((headers, body))
        self.arriving.put(headers["webhook-id"])
        if self.held_until is not None:
            self.held_until.wait()
        if self.status >= 300:
            return self.status
        try:
            event = Webhook(self.secret).verify(body, headers)
        except Exception as problem:
            self.refused.append(problem)
            return 401
        self.got.setdefault(headers["webhook-id"], []).append(event)
        return self.status


@contextmanager
def _listen() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.send_response(receiver.take(headers, body))
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver = Receiver(server.server_port)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        if receiver.held_until is not None:
            receiver.held_until.set()
        server.shutdown()
        server.server_close()
        thread.join()


class Tower:
    """The shop, in the words of these tests."""

    def __init__(self, hub: Hub, receivers: ExitStack) -> None:
        self.hub = hub
        self.client = OutgoingClient()
        self._receivers = receivers
        self._pulls = count(1)
        self.allow("127.0.0.0/8")
        with hub.writing("test") as tx:
            register(tx, [note_deliveries])

    def allow(self, *places: str) -> None:
        """Open these inner addresses, and http:// with them."""
        with self.hub.writing("test") as tx:
            for name, value in (("allowed", list(places)), ("plain_http", True)):
                tx.run(
                    """
                    INSERT INTO kernel.settings (name, value)
                    VALUES ('outgoing.' || %(name)s, %(value)s::jsonb)
                    ON CONFLICT (name) DO UPDATE SET value = excluded.value
                    """,
                    name=name,
                    value=msgspec.json.encode(value).decode(),
                )

    def receiver(self, *events: str) -> Receiver:
        """A new system that wants these facts; the bell's by default."""
        receiver = self._receivers.enter_context(_listen())
        ask = AddWebhookEndpoint(url=receiver.url, events=events or (BELL,), name="tower")
        receiver.id = self.hub.run(add_endpoint, ask, actor=SYSTEM).endpoint_id
        receiver.secret = self.secret(receiver)
        return receiver

    def secret(self, receiver: Receiver) -> str:
        ask = queries.AskWebhookSecret(endpoint_id=receiver.id)
        return self.hub.run(queries.secret, ask, actor=SYSTEM).secret

    def pull(self, times: int = 1, *, historical: bool = False) -> list[UUID]:
        """Pull the bell and note who is to be told; the ids of the facts."""
        facts = self.say(times, historical=historical)
        while self.hand_over():
            pass
        return facts

    def say(self, times: int = 1, *, historical: bool = False) -> list[UUID]:
        """Pull the bell, and leave it at that."""
        with self.hub.writing("test") as tx:
            for _ in range(times):
                number = next(self._pulls)
                fact = BellPulled(times=number)
                append(tx, fact, subject=UUID(int=5), version=number, historical=historical)
            return [pending[0] for pending in tx.pending_facts]

    def hand_over(self) -> int:
        """Note who is to be told of the next facts; how many facts."""
        with self.hub.writing("test") as tx:
            return deliver(tx, note_deliveries)

    def send(self, **options: Any) -> Sent:
        return send_due(self.hub, self.client, **options)

    def replay(self, receiver: Receiver, **what: Any) -> int:
        ask = ReplayWebhooks(endpoint_id=receiver.id, **what)
        return self.hub.run(replay, ask, actor=SYSTEM).deliveries

    def deliveries(self, receiver: Receiver, **wanted: Any) -> tuple[Any, ...]:
        ask = queries.AskWebhookDeliveries(endpoint_id=receiver.id, **wanted)
        return self.hub.run(queries.deliveries, ask, actor=SYSTEM).items

    def health(self, receiver: Receiver) -> queries.WebhookEndpoint:
        items = self.hub.run(queries.endpoints, queries.AskWebhookEndpoints(), actor=SYSTEM).items
        return next(item for item in items if item.endpoint_id == receiver.id)


BELL = BellPulled.fact_name


@pytest.fixture
def tower(open_shop: Callable[..., Hub]) -> Iterator[Tower]:
    with ExitStack() as receivers:
        yield Tower(open_shop(), receivers)
