"""Around every request: an id, one line in the log, figures, and headers that guard the answer."""

import re
import time
from typing import Any

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from charsu.kernel import Hub
from charsu.web.api.metrics import Metrics

_log = structlog.get_logger("charsu.requests")
_REQUEST_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}")

# Answers that are no pages of ours load nothing and are framed by nobody.
GUARDS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
HTTPS_ONLY = {"strict-transport-security": "max-age=31536000"}
_GUARDS = [(name.encode(), value.encode()) for name, value in GUARDS.items()]
_GUARDS_OVER_HTTPS = [
    *_GUARDS,
    *((name.encode(), value.encode()) for name, value in HTTPS_ONLY.items()),
]
_ID = b"x-request-id"


class Observed:
    """The application, watched. No personal data and no secret is written down."""

    def __init__(self, app: ASGIApp, *, hub: Hub, metrics: Metrics) -> None:
        self._app = app
        self._hub = hub
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        request_id = _given_id(scope) or self._new_id()
        seen = _Seen(scope, request_id, send)
        with bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, seen.send)
            finally:
                self._tell(scope, seen)

    def _tell(self, scope: Scope, seen: "_Seen") -> None:
        operation = _what(scope)
        seconds = seen.seconds()
        self._metrics.observe(operation, seen.status, seconds)
        actor = scope.get("charsu_actor")
        _log.info(
            "request",
            operation=operation,
            method=scope["method"],  # type: ignore[typeddict-item]
            status=seen.status,
            ms=round(seconds * 1000, 1),
            actor=str(actor.id) if actor else None,  # type: ignore[attr-defined]
        )

    def _new_id(self) -> str:
        return f"req_{self._hub.chance.getrandbits(96):024x}"


class _Seen:
    """What became of one request."""

    def __init__(self, scope: Scope, request_id: str, send: Send) -> None:
        self._send = send
        self._is_https = scope.get("scheme") == "https"
        self._request_id = request_id
        self._began = time.perf_counter()
        self._answered: float | None = None
        self.status = 499  # the caller went away before there was an answer

    def seconds(self) -> float:
        """Until the answer began; a stream goes on for hours."""
        return (self._answered or time.perf_counter()) - self._began

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._answered = time.perf_counter()
            self.status = message["status"]
            headers = [pair for pair in message["headers"] if pair[0].lower() != _ID]
            said = {name.lower() for name, _ in headers}
            guards = _GUARDS_OVER_HTTPS if self._is_https else _GUARDS
            headers += [pair for pair in guards if pair[0] not in said]
            message["headers"] = [*headers, (_ID, self._request_id.encode())]
        await self._send(message)


def _given_id(scope: Scope) -> str | None:
    """The id that a caller gave its request, if it looks like one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            text = value.decode("latin-1")
            return text if _REQUEST_ID.fullmatch(text) else None
    return None


def _what(scope: Scope) -> str:
    """The operation, or the page by its template: never an address with somebody's data in it."""
    operation: Any = scope.get("charsu_operation")
    if operation:
        return str(operation)
    template = scope.get("path_template")
    return f"page {template}" if template else "none"
