"""The client through which every call to the outside goes."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.metadata import version

import httpx
from msgspec import Struct

from charsu.kernel.outgoing.connecting import Resolve, look_up
from charsu.kernel.outgoing.errors import (
    NotReached,
    ReplyBroken,
    ReplyTooLong,
    TooManyRedirects,
    TooSlow,
)
from charsu.kernel.outgoing.policy import Policy
from charsu.kernel.outgoing.transport import GuardedTransport

REDIRECTS_MAX = 3
_DEFAULTS = {
    "user-agent": f"charsu/{version('charsu')}",
    "accept-encoding": "identity",  # a packed reply could hold a thousand times its length
}


class Call(Struct, frozen=True, kw_only=True):
    """One request to the outside.

    seconds        for everything: looking up, connecting, sending, and the reply to its last byte
    reply_bytes    the most that the reply may have
    drops_rest     a longer reply is cut there; otherwise it is refused
    redirects      how many may be followed, at most 3; each is judged like the first address
    """

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = {}
    body: bytes = b""
    seconds: float = 15.0
    reply_bytes: int = 1_000_000
    drops_rest: bool = False
    redirects: int = 0


class Reply(Struct, frozen=True):
    """What came back, whatever its status; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Line:
    """An open way to the outside; calls to the same place share connections."""

    def __init__(self, client: httpx.AsyncClient, policy: Policy) -> None:
        self._client = client
        self._policy = policy

    async def call(self, call: Call) -> Reply:
        """Make the call.

        Raises UrlRefused and AddressForbidden before a byte is sent there; NotReached, TooSlow,
        ReplyTooLong, ReplyBroken and TooManyRedirects, all CallFailed, where it came to nothing.
        """
        host = self._policy.check_url(call.url).host
        try:
            async with asyncio.timeout(call.seconds):
                return await self._follow(call)
        except (TimeoutError, httpx.TimeoutException) as problem:
            raise TooSlow(host, call.seconds) from problem
        except httpx.ConnectError as problem:
            raise NotReached(host, "no secure connection can be made") from problem
        except httpx.NetworkError as problem:
            raise NotReached(host, "the connection broke") from problem
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            raise ReplyBroken(host, str(problem)) from problem

    async def _follow(self, call: Call) -> Reply:
        request: httpx.Request | None = self._client.build_request(
            call.method, call.url, headers=dict(call.headers), content=call.body
        )
        for _ in range(min(call.redirects, REDIRECTS_MAX) + 1):
            assert request is not None
            response = await self._client.send(request, stream=True)
            try:
                request = response.next_request
                if call.redirects == 0 or request is None:
                    return Reply(
                        response.status_code, dict(response.headers), await _body(response, call)
                    )
            finally:
                await response.aclose()
        raise TooManyRedirects(response.url.host, min(call.redirects, REDIRECTS_MAX))


async def _body(response: httpx.Response, call: Call) -> bytes:
    host = response.url.host
    if response.headers.get("content-encoding", "identity") != "identity":
        raise ReplyBroken(host, "it is packed")
    body = bytearray()
    async for part in response.aiter_raw():
        body += part
        if len(body) > call.reply_bytes:
            if not call.drops_rest:
                raise ReplyTooLong(host, call.reply_bytes)
            del body[call.reply_bytes :]
            break
    return bytes(body)


@cache
def _public() -> ssl.SSLContext:
    """What the machine trusts; reading its certificates takes a twentieth of a second."""
    return ssl.create_default_context()


class OutgoingClient:
    """How the hub calls the outside: which certificates it trusts and how it looks names up.

    What it may call is said by the policy, given anew each time, so that a changed setting holds at
    once.
    """

    def __init__(self, *, trust: ssl.SSLContext | None = None, resolve: Resolve = look_up) -> None:
        self._trust = trust or _public()
        self._resolve = resolve

    @asynccontextmanager
    async def open(self, policy: Policy) -> AsyncIterator[Line]:
        """A line for several calls."""
        transport = GuardedTransport(policy, trust=self._trust, resolve=self._resolve)
        no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
        async with httpx.AsyncClient(
            transport=transport,
            trust_env=False,
            timeout=httpx.Timeout(None),  # the call's own limit holds for all of it
            headers=_DEFAULTS,
            cookies=no_cookies,
        ) as client:
            yield Line(client, policy)

    def call(self, call: Call, policy: Policy) -> Reply:
        """One call from synchronous code. Never with a transaction open. Raises as Line.call."""

        async def one() -> Reply:
            async with self.open(policy) as line:
                return await line.call(call)

        return asyncio.run(one())
