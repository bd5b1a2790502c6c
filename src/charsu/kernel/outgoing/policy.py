"""What the retailer lets the hub call."""

import re
from ipaddress import ip_network
from typing import Self
from urllib.parse import urlsplit

import httpx
from msgspec import Struct

from charsu.kernel.database import Tx
from charsu.kernel.outgoing.addresses import (
    Address,
    Network,
    is_public,
    is_within,
    read_address,
)
from charsu.kernel.outgoing.errors import AddressForbidden, UrlRefused
from charsu.kernel.settings import Setting

ALLOWED = Setting(
    "outgoing.allowed",
    tuple[str, ...],
    (),
    "Inner addresses that the hub may call: networks (10.1.0.0/16), addresses or host names, "
    "each with a port if only that one is meant (10.1.2.3:8443, erp.example:443).",
)

PLAIN_HTTP = Setting(
    "outgoing.plain_http",
    bool,
    False,
    "Whether the hub may call http:// addresses, where others can read and change what is sent.",
)

URL_LENGTH_MAX = 2048
_HOST = re.compile(rb"[A-Za-z0-9._:-]+")


class Opening(Struct, frozen=True):
    """One entry of the allow list: a network or a host name, on one port or on all."""

    network: Network | None
    host: str
    port: int | None

    @classmethod
    def read(cls, text: str) -> Self:
        """The entry as a person wrote it; what is no network or address is a host name."""
        try:
            return cls(ip_network(text.strip("[]"), strict=False), "", None)
        except ValueError:
            pass
        try:
            parts = urlsplit(f"//{text}")
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return cls(None, "", None)
        try:
            return cls(ip_network(host), "", port)
        except ValueError:
            return cls(None, host, port)

    def covers(self, host: str, address: Address, port: int) -> bool:
        if self.port not in {None, port}:
            return False
        if self.network is not None:
            return is_within(address, self.network)
        return self.host != "" and self.host == host.lower()


class Policy(Struct, frozen=True):
    """Which URLs and addresses may be called; by default public ones over HTTPS."""

    openings: tuple[Opening, ...] = ()
    allows_plain_http: bool = False

    @classmethod
    def of(cls, *allowed: str, plain_http: bool = False) -> Self:
        """A policy with this allow list, in the notation of the setting."""
        return cls(tuple(map(Opening.read, allowed)), plain_http)

    @classmethod
    def in_force(cls, tx: Tx) -> Self:
        """The policy that the shop's settings give."""
        return cls.of(*tx.setting(ALLOWED), plain_http=tx.setting(PLAIN_HTTP))

    def check_url(self, url: str) -> httpx.URL:
        """The URL, ready to be called, as far as that can be said without looking its host up.

        Raises UrlRefused for another scheme than HTTPS (or HTTP, where a setting allows it), a
        name or password in the URL, or no host; AddressForbidden for an inner address in plain
        sight. The address behind a host name is judged when it is connected to.
        """
        read = _read(url)
        schemes = ("https", "http") if self.allows_plain_http else ("https",)
        if read.scheme not in schemes:
            raise UrlRefused(f"it must begin with {' or '.join(f'{s}://' for s in schemes)}")
        if read.userinfo:
            raise UrlRefused("it must not hold a name or password")
        if not _HOST.fullmatch(read.raw_host):
            raise UrlRefused("it names no host")
        if not 0 < (1 if read.port is None else read.port) < 65536:
            raise UrlRefused("there is no such port")
        self._check_literal(read)
        return read

    def check_address(self, host: str, address: Address, port: int) -> None:
        """Raises AddressForbidden where neither the world nor the allow list opens the address."""
        if not is_public(address) and not self.opens(host, address, port):
            raise AddressForbidden(host)

    def opens(self, host: str, address: Address, port: int) -> bool:
        """Whether the allow list holds this place."""
        return any(opening.covers(host, address, port) for opening in self.openings)

    def _check_literal(self, url: httpx.URL) -> None:
        try:
            address = read_address(url.host)
        except ValueError:
            return
        self.check_address(url.host, address, url.port or (443 if url.scheme == "https" else 80))


def _read(url: str) -> httpx.URL:
    if len(url) > URL_LENGTH_MAX:
        raise UrlRefused(f"it has more than {URL_LENGTH_MAX} characters")
    try:
        return httpx.URL(url)
    except httpx.InvalidURL as problem:
        raise UrlRefused("it is no URL") from problem
