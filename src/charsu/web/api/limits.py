"""How much one caller may send: a bucket for each key, and for each address without a key.

A bucket holds as many requests as are allowed in a minute, and fills up evenly. A key has its own
bucket from its first request that was let in; until then it is charged to the address, so that
guessing keys is bounded too. Each web process counts for itself: with n of them a caller may send
n times as much. Signing in is counted apart and more strictly, see ``kernel.access.attempts``.
"""

import math
import time
from hashlib import sha256

import structlog
from litestar import Request
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from charsu.kernel import Hub, Setting, Unavailable
from charsu.web.api.callers import address_of
from charsu.web.api.errors import TooManyRequests
from charsu.web.api.threads import Threads

PER_MINUTE = Setting(
    "web.requests_per_minute",
    int,
    6_000,
    "How many requests a minute one key, or one address without a key, may send to each web "
    "process; 0 for any number.",
)
BUCKETS_MAX = 10_000  # some 2 MB; beyond it the one that was used longest ago is forgotten
LOOK_SECONDS = 60  # a change of the setting holds after this at the latest
FREE = ("/health/", "/metrics", "/static/")  # asked by monitoring, and by every page

_log = structlog.get_logger("charsu.web")


class Buckets:
    """What is left to each caller, in bounded memory."""

    def __init__(self, *, most: int = BUCKETS_MAX) -> None:
        self._left: dict[str, tuple[float, float]] = {}  # requests left, and when; oldest first
        self._most = most

    def __contains__(self, name: str) -> bool:
        return name in self._left

    def __len__(self) -> int:
        return len(self._left)

    def take(self, name: str, *, per_minute: int, now: float) -> float:
        """Take one request out; seconds until there is one where there is none, else 0.

        now   seconds on a clock that never goes back
        """
        left, since = self._left.pop(name, (float(per_minute), now))
        left = min(per_minute, left + max(0.0, now - since) * per_minute / 60)
        wait = max(0.0, 1 - left) * 60 / per_minute
        self._left[name] = (left if wait else left - 1, now)
        if len(self._left) > self._most:
            del self._left[next(iter(self._left))]
        return wait


class Limited:
    """The application behind the limit. Raises TooManyRequests before anything else is done."""

    def __init__(self, app: ASGIApp, *, hub: Hub, threads: Threads, buckets: Buckets) -> None:
        self._app = app
        self._hub = hub
        self._threads = threads
        self._buckets = buckets
        self._per_minute = 0
        self._look_again = -math.inf

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["path"].startswith(FREE):
            await self._app(scope, receive, send)
            return
        now = time.monotonic() + self._hub.offset.total_seconds()
        await self._look(now)
        key = _key_of(scope)
        if self._per_minute > 0:
            self._charge(scope, key, now)
        await self._app(scope, receive, send)
        actor = scope.get("charsu_actor")
        if self._per_minute > 0 and key and key not in self._buckets and actor:
            self._buckets.take(key, per_minute=self._per_minute, now=now)

    def _charge(self, scope: Scope, key: str, now: float) -> None:
        name = key if key in self._buckets else f"address {address_of(Request(scope))}"
        if wait := self._buckets.take(name, per_minute=self._per_minute, now=now):
            raise TooManyRequests(math.ceil(wait))

    async def _look(self, now: float) -> None:
        """Read the setting once a minute; while the database is away, the last value holds."""
        if now < self._look_again:
            return
        self._look_again = now + LOOK_SECONDS
        try:
            self._per_minute = await self._threads.run(self._setting)
        except Unavailable:
            _log.warning("limit_not_read", requests_per_minute=self._per_minute)

    def _setting(self) -> int:
        return self._hub.read(lambda tx: tx.setting(PER_MINUTE), operation="web.limits")


def _key_of(scope: Scope) -> str:
    """What stands for the key that a request shows, however the header is written; or nothing."""
    shown = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
    key = shown.partition(b" ")[2].strip()
    return f"key {sha256(key).hexdigest()}" if key else ""
