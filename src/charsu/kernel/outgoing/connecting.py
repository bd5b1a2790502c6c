"""Connecting to the very address that was judged.

A name may have one address when it is checked and another when it is called (DNS rebinding). So a
name is looked up once, each address it has is judged, and the connection is made to a judged
address, never to the name. The name stays what the certificate must be for.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import httpcore

from charsu.kernel.outgoing.addresses import Address, read_address
from charsu.kernel.outgoing.errors import AddressForbidden, NotReached
from charsu.kernel.outgoing.policy import Policy

Resolve = Callable[[str, int], Awaitable[list[Address]]]
"""The addresses of a host, best first; an OSError where it has none."""


async def look_up(host: str, port: int) -> list[Address]:
    """What the system's resolver says, which also reads ``127.1`` and ``0x7f000001``."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(read_address(str(entry[4][0])) for entry in found))


class GuardedNetwork(httpcore.AsyncNetworkBackend):
    """The network as far as a policy opens it."""

    def __init__(self, policy: Policy, resolve: Resolve = look_up) -> None:
        self._policy = policy
        self._resolve = resolve
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first address that answers.

        Raises AddressForbidden if one of the addresses is inside: a name that leads to both worlds
        is a trap.
        """
        addresses = await self._judged(host, port)
        for address in addresses:
            try:
                stream = await self._network.connect_tcp(
                    str(address), port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as problem:
                if address == addresses[-1]:
                    raise NotReached(host, "nobody answers there") from problem
            else:
                return await self._checked(stream, host, port)
        raise NotReached(host, "its name has no address")

    async def _judged(self, host: str, port: int) -> list[Address]:
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as problem:
            raise NotReached(host, "its name has no address") from problem
        for address in addresses:
            self._policy.check_address(host, address, port)
        return addresses

    async def _checked(
        self, stream: httpcore.AsyncNetworkStream, host: str, port: int
    ) -> httpcore.AsyncNetworkStream:
        """Refuse a public address that turns out to be this machine's own."""
        ours, theirs = (
            read_address(stream.get_extra_info(end)[0]) for end in ("client_addr", "server_addr")
        )
        if ours == theirs and not self._policy.opens(host, theirs, port):
            await stream.aclose()
            raise AddressForbidden(host)
        return stream
