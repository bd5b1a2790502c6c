"""Who asks, whatever the transport: the platform is known and proven before it is answered."""

import time
from datetime import UTC, datetime
from typing import Any

from litestar import Request, Response

from charsu.channels.ucp.capabilities import Active
from charsu.channels.ucp.door.answers import Address, Answer, gone
from charsu.channels.ucp.door.exchange import Exchange, Shop, language_of, shop_in
from charsu.channels.ucp.door.linked import customer_of, token_of
from charsu.channels.ucp.door.refusing import RETRY_AFTER_SECONDS, outcome
from charsu.channels.ucp.errors import (
    CapabilitiesIncompatible,
    SignatureMissing,
    SigningKeyUnknown,
)
from charsu.channels.ucp.model import platform_actor
from charsu.channels.ucp.platforms import Platform, Platforms, Run
from charsu.channels.ucp.signing import Asked, Keys, keys_of, sign_answer, verify
from charsu.channels.ucp.spoken import version_for
from charsu.channels.ucp.v2026_04_08.messages import one_message
from charsu.kernel import Hub, NotFound
from charsu.language import translate

MEDIA_TYPE = "application/json"
LOOK_SECONDS = 1.0  # a change of a setting holds after this
HOSTS_MAX = 100


class Meeting:
    """Where requests of platforms come in.

    run   runs a function in a thread and waits for it
    """

    def __init__(self, hub: Hub, run: Run) -> None:
        self.hub = hub
        self._run = run
        self._platforms = Platforms(hub, run)
        self._looked: dict[str, tuple[float, Shop, Keys]] = {}  # by host, the oldest first

    async def shop(self, request: Request[Any, Any, Any]) -> tuple[Shop, Keys]:
        """The shop as it was a second ago at most, and the keys that it signs with."""
        host = request.headers.get("host", "")
        known = self._looked.get(host)
        if known is not None and time.monotonic() < known[0]:
            return known[1:]
        shop, keys = await self._run(self._look, host)
        self._looked.pop(host, None)
        self._looked[host] = (time.monotonic() + LOOK_SECONDS, shop, keys)
        if len(self._looked) > HOSTS_MAX:
            del self._looked[next(iter(self._looked))]
        return shop, keys

    def _look(self, host: str) -> tuple[Shop, Keys]:
        shop = self.hub.read(lambda tx: shop_in(tx, host), operation="ucp.shop")
        return shop, keys_of(self.hub)

    async def exchange(
        self,
        request: Request[Any, Any, Any],
        shop: Shop,
        *,
        url: str,
        sent: bytes,
        body: bytes,
        key: str | None,
        name: str,
    ) -> Exchange:
        """The request of a platform that is known now.

        url    of its profile
        sent   the whole message, over which a signature goes; ``body`` is the request in it
        """
        platform = await self._platforms.get(url)
        version = version_for(platform.profile.version, shop.spoken)
        try:
            _check_signed(request, sent, platform, shop)
        except SigningKeyUnknown:
            platform = await self._platforms.anew(url)
            _check_signed(request, sent, platform, shop)
        token = token_of(request)
        acts_for = await self._run(customer_of, self.hub, token, url) if token else None
        language = language_of(request)
        actor = platform_actor(url, language)
        request.scope["charsu_actor"] = actor  # type: ignore[typeddict-unknown-key]
        active: Active = platform.shares(version.name, version.offered)
        return Exchange(shop, version, actor, active, body, key, name, language, acts_for)

    async def answer(self, exchange: Exchange, address: Address) -> Answer:
        """What comes of it. Raises what the request itself has earned."""
        if address.about not in exchange.active:
            return _nothing_in_common(exchange, address)
        try:
            answer: Answer = await self._run(address.answer, self.hub, exchange)
        except NotFound:
            return gone(exchange, address.about)
        return answer

    def sent(
        self,
        request: Request[Any, Any, Any],
        keys: Keys | None,
        status: int,
        content: bytes,
        *,
        asks_token: str | None = None,
    ) -> Response[bytes]:
        """The answer as it goes out, signed where there is a key.

        asks_token   how a token that is missing can be had, see ``linked.challenge``
        """
        response = response_of(status, content)
        if asks_token is not None:
            response.headers["WWW-Authenticate"] = asks_token
        response.headers["Cache-Control"] = "no-store"
        if (name := request.headers.get("request-id")) is not None and name.isprintable():
            response.headers["Request-Id"] = name[:100]
        if (pause := RETRY_AFTER_SECONDS.get(status)) is not None:
            response.headers["Retry-After"] = str(pause)
        if keys is not None:
            at = datetime.now(UTC) + self.hub.offset
            response.headers.update(sign_answer(keys.current, status, content, MEDIA_TYPE, at))
        return response


def response_of(status: int, content: bytes) -> Response[bytes]:
    """A response with JSON in it."""
    return Response(content, status_code=status, media_type=MEDIA_TYPE)


def _check_signed(
    request: Request[Any, Any, Any], body: bytes, platform: Platform, shop: Shop
) -> None:
    """Raises SignatureMissing and whatever is wrong with a signature."""
    scheme, host = shop.address.partition("://")[0], request.headers.get("host", "")
    query = request.scope["query_string"].decode("latin-1")
    path = request.scope.get("raw_path", b"").decode("latin-1") or request.url.path
    url = f"{scheme}://{host}{path}" + (f"?{query}" if query else "")
    headers = dict(request.headers.items())
    asked = Asked(request.method, url, headers)
    if not verify(asked, body, platform.profile.keys) and shop.must_sign:
        raise SignatureMissing


def _nothing_in_common(exchange: Exchange, address: Address) -> Answer:
    error = CapabilitiesIncompatible()
    content = translate(exchange.language)(error.template)
    told = [one_message(error.code, content)]
    about = outcome(exchange.version, address.about, exchange.active, told, exchange.shop.address)
    return Answer(200, about)
