"""The way from the shop's processes to the bank: calls that are slow, or whose answer is lost."""

import random
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

from charsu.kernel.processes import Outside
from charsu.orders.payments import (
    Answer,
    Authorize,
    Authorized,
    Declined,
    Escalated,
    Event,
    Outcome,
    RefundEvent,
    Statements,
    Taken,
)
from charsu.torture.paying.bank import SILENT, Bank, Said

SECONDS = 10.0
LOST = 0.08  # of all answers
SLOW_SECONDS = 0.02
KINDS = {one.__name__: one for one in (Authorized, Escalated, Declined, Taken, Outcome)}


class DistantBank:
    """The bank as the shop's processes know it: by its address."""

    captures_in_parts = True
    tells_statements = True

    def __init__(self, port: int, secret: str) -> None:
        self._port = port
        self._reader = Bank(secret)

    def authorize(self, ask: Authorize) -> Answer:
        """Promise money."""
        answer: Answer = self._call("authorize", msgspec.to_builtins(ask))
        return answer

    def look_up(self, *, key: str, reference: str | None) -> Answer | None:
        """How a promise stands."""
        answer: Answer | None = self._call("look_up", {"key": key, "reference": reference})
        return answer

    def capture(
        self, *, key: str, reference: str, amount_minor: int, currency: str
    ) -> Taken | Declined:
        """Take a part."""
        taken: Taken | Declined = self._move("capture", key, reference, amount_minor, currency)
        return taken

    def void(self, *, key: str, reference: str | None) -> None:
        """Let the rest go."""
        self._call("void", {"key": key, "reference": reference})

    def refund(
        self, *, key: str, reference: str, amount_minor: int, currency: str
    ) -> Taken | Declined:
        """Give a part back."""
        given: Taken | Declined = self._move("refund", key, reference, amount_minor, currency)
        return given

    def statements(self, since: datetime, until: datetime, after: str | None) -> Statements:
        """The campaign itself compares, when all is over."""
        raise Outside("the bank is busy")

    def read_event(self, headers: Mapping[str, str], body: bytes) -> Event | RefundEvent | None:
        """What the bank has said."""
        return self._reader.read_event(headers, body)

    def _move(self, verb: str, key: str, reference: str, minor: int, currency: str) -> Any:
        fields = {"key": key, "reference": reference, "currency": currency}
        return self._call(verb, fields | {"amount_minor": minor})

    def _call(self, verb: str, fields: dict[str, Any]) -> Any:
        """Raises Outside where no answer comes."""
        connection = HTTPConnection("127.0.0.1", self._port, timeout=SECONDS)
        try:
            connection.request("POST", f"/{verb}", msgspec.json.encode(fields))
            kind, answer = msgspec.json.decode(connection.getresponse().read())
        except (OSError, HTTPException, msgspec.DecodeError, ValueError) as problem:
            raise Outside("no answer from the bank") from problem
        finally:
            connection.close()
        return msgspec.convert(answer, KINDS[kind]) if kind in KINDS else None


@contextmanager
def open_counter(bank: Any, chance: random.Random) -> Iterator[int]:
    """The bank answers on a port of this machine; some answers are lost after their effect."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", 0))
            fields = msgspec.json.decode(self.rfile.read(length))
            verb = self.path.removeprefix("/")
            is_silent = fields.get("token") == SILENT
            if verb == "authorize":
                answer: Any = bank.authorize(msgspec.convert(fields, Authorize))
            else:
                answer = getattr(bank, verb)(**fields)
            time.sleep(chance.uniform(0, SLOW_SECONDS))
            if is_silent or chance.random() < LOST:
                self.close_connection = True
                return
            raw = msgspec.json.encode([type(answer).__name__, answer])
            self.send_response(200)
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


class Messenger(threading.Thread):
    """Brings what the bank says to the shop's door, each message twice, until it was heard."""

    def __init__(self, port: int, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self._port, self._over = port, over
        self._waiting: list[Said] = []
        self._changed = threading.Lock()

    def takes(self, said: Said) -> None:
        """To be brought, twice."""
        with self._changed:
            self._waiting += [said, said]

    @property
    def is_idle(self) -> bool:
        """Whether everything was heard."""
        with self._changed:
            return not self._waiting

    def run(self) -> None:
        """Bring, until all is over."""
        while not self._over.wait(0.01):
            with self._changed:
                said = self._waiting[0] if self._waiting else None
            if said is not None and self._was_heard(said):
                with self._changed:
                    self._waiting.remove(said)

    def _was_heard(self, said: Said) -> bool:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=SECONDS)
        try:
            connection.request("POST", "/v1/payments/bank/events", msgspec.json.encode(said))
            return connection.getresponse().status == 204
        except (TimeoutError, OSError, HTTPException):
            return False
        finally:
            connection.close()
