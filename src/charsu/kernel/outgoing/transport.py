"""HTTP over the guarded network, for our own client and for any library that speaks httpx."""

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Self, cast

import httpcore
import httpx

from charsu.kernel.outgoing.connecting import GuardedNetwork, Resolve, look_up
from charsu.kernel.outgoing.policy import Policy

CONNECTIONS_MAX = 64


class GuardedTransport(httpx.AsyncBaseTransport):
    """Calls what the policy opens and nothing else, whoever follows the redirects.

    It knows no proxies: an environment variable cannot send a call elsewhere.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        trust: ssl.SSLContext | None = None,
        resolve: Resolve = look_up,
    ) -> None:
        self._policy = policy
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=trust or ssl.create_default_context(),
            max_connections=CONNECTIONS_MAX,
            network_backend=GuardedNetwork(policy, resolve),
        )

    async def __aenter__(self) -> Self:
        await self._pool.__aenter__()
        return self

    async def aclose(self) -> None:
        await self._pool.aclose()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = self._policy.check_url(str(request.url))
        asked = httpcore.Request(
            request.method,
            httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=request.headers.raw,
            content=cast(httpx.AsyncByteStream, request.stream),
            extensions=request.extensions,
        )
        with _in_words_of_httpx():
            reply = await self._pool.handle_async_request(asked)
        return httpx.Response(
            reply.status, headers=reply.headers, stream=_Body(reply), extensions=reply.extensions
        )


class _Body(httpx.AsyncByteStream):
    def __init__(self, reply: httpcore.Response) -> None:
        self._reply = reply

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _in_words_of_httpx():
            async for part in self._reply.aiter_stream():
                yield part

    async def aclose(self) -> None:
        await self._reply.aclose()


@contextmanager
def _in_words_of_httpx() -> Iterator[None]:
    try:
        yield
    except httpcore.TimeoutException as problem:
        raise httpx.ReadTimeout(str(problem)) from problem
    except httpcore.ProtocolError as problem:
        raise httpx.RemoteProtocolError(str(problem)) from problem
    except httpcore.ConnectError as problem:  # TLS: the guarded network names the others itself
        raise httpx.ConnectError(str(problem)) from problem
    except httpcore.NetworkError as problem:
        raise httpx.NetworkError(str(problem)) from problem
