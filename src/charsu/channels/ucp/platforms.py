"""Who asks: the profile of a platform, fetched once in a while and kept for all processes."""

import asyncio
import math
import re
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, LiteralString
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from charsu.channels.ucp import trial
from charsu.channels.ucp.capabilities import Active
from charsu.channels.ucp.errors import (
    ProfileMalformed,
    ProfileNotTrusted,
    ProfileUnreachable,
    ProfileUrlInvalid,
)
from charsu.channels.ucp.fields import dictionary
from charsu.channels.ucp.model import platform_id
from charsu.channels.ucp.profiles import Capabilities, Profile, in_common, read_profile
from charsu.channels.ucp.settings import PLATFORMS
from charsu.kernel import Hub, Tx
from charsu.kernel.outgoing import (
    AddressForbidden,
    Call,
    CallFailed,
    OutgoingClient,
    Policy,
    Reply,
    UrlRefused,
)

Run = Callable[..., Awaitable[Any]]
"""Runs a function in a thread and waits for it."""

URL_LETTERS_MAX = 2000
PROFILE_BYTES_MAX = 256 * 1024
PROFILE_SECONDS_MAX = 5.0
FRESH = timedelta(minutes=5)  # where the platform does not say
FRESH_LEAST = timedelta(minutes=1)
FRESH_MOST = timedelta(days=1)
AT_ONCE = 8
KEPT_MAX = 500  # in memory
KEPT_SECONDS = 30.0


class Platform(Struct, frozen=True):
    """A platform whose profile is known.

    common   what it shares with versions of ours, worked out when it is first asked for
    """

    url: str
    profile: Profile
    common: dict[str, Active] = {}

    def shares(self, version: str, offered: Capabilities) -> Active:
        """The capabilities that it has in common with a version of ours: name and version."""
        if version not in self.common:
            self.common[version] = in_common(offered, self.profile.capabilities)
        return self.common[version]


def profile_url(header: str | None) -> str:
    """The profile's address in UCP-Agent (RFC 8941 dictionary). Raises ProfileUrlInvalid."""
    if header is None:
        raise ProfileUrlInvalid("UCP-Agent is missing")
    try:
        url = dictionary(header)["profile"][0]
    except (ValueError, KeyError, TypeError) as problem:
        raise ProfileUrlInvalid("UCP-Agent has no profile") from problem
    if not isinstance(url, str):
        raise ProfileUrlInvalid("it is no text, or too long")
    return checked_url(url)


def checked_url(url: str) -> str:
    """An address that may be one of a profile. Raises ProfileUrlInvalid."""
    if len(url) > URL_LETTERS_MAX:
        raise ProfileUrlInvalid("it is no text, or too long")
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError as problem:
        raise ProfileUrlInvalid("it is no URL") from problem
    is_ours = trial.is_on() and host is not None and trial.is_loopback(host)
    if not host or (parts.scheme != "https" and not (parts.scheme == "http" and is_ours)):
        raise ProfileUrlInvalid("it must begin with https://")
    return url


class Platforms:
    """The platforms that this process has met lately.

    client   makes the calls; the shop's settings say where they may go
    """

    def __init__(self, hub: Hub, run: Run, client: OutgoingClient | None = None) -> None:
        self._hub = hub
        self._run = run
        self._client = client or OutgoingClient()
        self._kept: dict[str, tuple[float, Platform]] = {}  # oldest first
        self._renewed: dict[str, float] = {}  # when the profile was fetched for a new key
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def get(self, url: str) -> Platform:
        """The platform at this address.

        Raises ProfileNotTrusted, ProfileUrlInvalid, ProfileUnreachable or ProfileMalformed.
        """
        until, kept = self._kept.get(url, (0.0, None))
        if kept is not None and time.monotonic() < until:
            return kept
        document, policy = await self._run(self._known, url)
        if document is None:
            async with self._slots:
                document = await self._fetch(url, policy)
        return self._keep(Platform(url, read_profile(document)))

    async def anew(self, url: str) -> Platform:
        """The platform as its profile is now, for a key that we have not seen yet.

        At most once a minute for each; the profile that we have where there is no newer one.
        """
        kept = await self.get(url)
        if time.monotonic() < self._renewed.get(url, -math.inf) + FRESH_LEAST.total_seconds():
            return kept
        self._renewed.pop(url, None)
        self._renewed[url] = time.monotonic()
        if len(self._renewed) > KEPT_MAX:
            del self._renewed[next(iter(self._renewed))]
        _, policy = await self._run(self._known, url)
        try:
            async with self._slots:
                return self._keep(Platform(url, read_profile(await self._fetch(url, policy))))
        except (ProfileUnreachable, ProfileMalformed, ProfileUrlInvalid):
            return kept

    def _keep(self, platform: Platform) -> Platform:
        self._kept.pop(platform.url, None)
        self._kept[platform.url] = (time.monotonic() + KEPT_SECONDS, platform)
        if len(self._kept) > KEPT_MAX:
            del self._kept[next(iter(self._kept))]
        return platform

    def _known(self, url: str) -> tuple[bytes | None, Policy]:
        """What is stored of it and still fresh, and where the hub may call."""

        def look(tx: Tx) -> tuple[str | None, Policy]:
            allowed = tx.setting(PLATFORMS)
            if allowed and not any(url.startswith(one) for one in allowed):
                raise ProfileNotTrusted
            return tx.value(_FRESH, id=platform_id(url), now=tx.now), policy_in(tx)

        found, policy = self._hub.read(look, operation="ucp.platform")
        return (None if found is None else found.encode()), policy

    async def _fetch(self, url: str, policy: Policy) -> bytes:
        reply = await self._called(url, policy)
        if not 200 <= reply.status < 300:
            raise ProfileUnreachable(f"status {reply.status}")
        read_profile(reply.body)
        await self._run(self._store, url, reply)
        return reply.body

    async def _called(self, url: str, policy: Policy) -> Reply:
        call = Call(
            url=url,
            headers={"accept": "application/json"},
            seconds=PROFILE_SECONDS_MAX,
            reply_bytes=PROFILE_BYTES_MAX,
        )
        try:
            async with self._client.open(policy) as line:
                return await line.call(call)
        except (UrlRefused, AddressForbidden) as problem:
            raise ProfileUrlInvalid("it is not one that may be called") from problem
        except CallFailed as problem:
            raise ProfileUnreachable(problem.code) from problem

    def _store(self, url: str, reply: Reply) -> None:
        try:
            document = msgspec.json.encode(msgspec.json.decode(reply.body)).decode()
        except msgspec.DecodeError as problem:
            raise ProfileMalformed("it is no JSON") from problem
        with self._hub.writing("ucp.store_platform") as tx:
            store_profile(tx, url, document, fresh=freshness(reply.headers.get("cache-control")))


def policy_in(tx: Tx) -> Policy:
    """Where the door may call: what the shop's settings open, in test mode this machine too."""
    if trial.is_on():
        return Policy.of("127.0.0.1", "::1", "localhost", plain_http=True)
    return Policy.in_force(tx)


_FRESH: LiteralString = """
    SELECT document::text FROM ucp.platforms WHERE id = %(id)s AND fresh_until > %(now)s
"""


def store_profile(tx: Tx, url: str, document: str, *, fresh: timedelta) -> None:
    """Keep a profile for so long; sessions of the platform refer to its row."""
    tx.run(
        """
        INSERT INTO ucp.platforms (id, url, document, fetched_at, fresh_until)
        VALUES (%(id)s, %(url)s, %(document)s::jsonb, %(now)s, %(now)s + %(fresh)s::interval)
        ON CONFLICT (id) DO UPDATE
        SET document = excluded.document, fetched_at = excluded.fetched_at,
            fresh_until = excluded.fresh_until
        """,
        id=platform_id(url),
        url=url,
        document=document,
        now=tx.now,
        fresh=fresh,
    )


def freshness(cache_control: str | None) -> timedelta:
    """How long a profile may be kept: a minute to a day (RFC 9111, section 5.2.2.1)."""
    found = re.search(r"(?:^|[\s,])max-age=(\d{1,9})", cache_control or "")
    wanted = timedelta(seconds=int(found[1])) if found else FRESH
    return min(max(wanted, FRESH_LEAST), FRESH_MOST)
