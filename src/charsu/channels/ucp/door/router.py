"""The shopping door over HTTP: the profile, and every address of every version that is spoken."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from litestar import Request, Response, Router, get
from litestar.handlers import HTTPRouteHandler

from charsu.channels.ucp import trial
from charsu.channels.ucp.door.answers import ADDRESSES, Address, Answer, gone
from charsu.channels.ucp.door.exchange import (
    Exchange,
    Shop,
    body_of,
    check_open,
    key_of,
    language_of,
    shop_in,
)
from charsu.channels.ucp.door.hooks import hooks
from charsu.channels.ucp.door.refusing import RETRY_AFTER_SECONDS, outcome, refused
from charsu.channels.ucp.errors import (
    CapabilitiesIncompatible,
    SignatureMissing,
    SigningKeyUnknown,
)
from charsu.channels.ucp.model import platform_actor
from charsu.channels.ucp.platforms import Platform, Platforms, Run, profile_url
from charsu.channels.ucp.profiles import check_version, in_common
from charsu.channels.ucp.signing import Asked, Keys, keys_of, sign_answer, verify
from charsu.channels.ucp.v2026_04_08 import VERSION
from charsu.channels.ucp.v2026_04_08.messages import one_message
from charsu.channels.ucp.v2026_04_08.profile import OFFERED, document
from charsu.kernel import Hub, HubError, NotFound
from charsu.language import translate

MEDIA_TYPE = "application/json"
PROFILE_SECONDS = 300


def ucp_router(hub: Hub, run: Run) -> Router:
    """Discovery at its well-known address, and the shopping service below ``/ucp``.

    run   runs a function in a thread and waits for it
    """
    door = _Door(hub, run)

    @get("/.well-known/ucp", include_in_schema=False)
    async def profile(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await door.profile(request)

    routes = [_route(door, address) for address in ADDRESSES]
    below = Router(f"/ucp/{VERSION}", route_handlers=[*routes, *hooks(hub, run)])
    above = hooks(hub, run)
    return Router("/", route_handlers=[profile, below, *above])


def _route(door: "_Door", address: Address) -> HTTPRouteHandler:
    async def handle(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await door.answer(request, address)

    return HTTPRouteHandler(
        address.path,
        http_method=address.method,  # type: ignore[arg-type]
        status_code=200,  # the response says its own
        include_in_schema=False,
        exclude_from_csrf=True,  # platforms show who they are by their signature
    )(handle)


class _Door:
    def __init__(self, hub: Hub, run: Run) -> None:
        self._hub = hub
        self._run = run
        self._platforms = Platforms(hub, run)
        self._keys: Keys | None = None

    async def profile(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Who we are and what can be done here."""
        try:
            shop, keys = await self._run(self._look, request.headers.get("host", ""))
            check_open(shop)
        except HubError as error:
            return self._sent(request, None, *refused(error, translate(language_of(request))))
        body = document(shop.address, [key.jwk for key in keys.published], trial.handlers())
        response = _response(200, msgspec.json.encode(body))
        response.headers["Cache-Control"] = f"public, max-age={PROFILE_SECONDS}"
        return response

    async def answer(self, request: Request[Any, Any, Any], address: Address) -> Response[bytes]:
        """Who asks is known before anything is read of what is asked."""
        request.scope["charsu_operation"] = "ucp"  # type: ignore[typeddict-unknown-key]
        keys = None
        try:
            shop, keys = await self._run(self._look, request.headers.get("host", ""))
            check_open(shop)
            exchange = await self._exchange(request, shop)
            status, body = await self._outcome(exchange, address)
        except HubError as error:
            status, body = refused(error, translate(language_of(request)))
        return self._sent(request, keys, status, body)

    def _look(self, host: str) -> tuple[Shop, Keys]:
        shop = self._hub.read(lambda tx: shop_in(tx, host), operation="ucp.shop")
        return shop, keys_of(self._hub)

    async def _exchange(self, request: Request[Any, Any, Any], shop: Shop) -> Exchange:
        url = profile_url(request.headers.get("ucp-agent"))
        body = await body_of(request)
        platform = await self._platforms.get(url)
        check_version(platform.profile, VERSION)
        try:
            _check_signed(request, body, platform, shop)
        except SigningKeyUnknown:
            platform = await self._platforms.anew(url)
            _check_signed(request, body, platform, shop)
        language = language_of(request)
        actor = platform_actor(url, language)
        request.scope["charsu_actor"] = actor  # type: ignore[typeddict-unknown-key]
        return Exchange(
            shop=shop,
            actor=actor,
            active=in_common(OFFERED, platform.profile.capabilities),
            body=body,
            key=key_of(request),
            path={name: str(text) for name, text in request.path_params.items()},
            language=language,
        )

    async def _outcome(self, exchange: Exchange, address: Address) -> tuple[int, Any]:
        if address.about not in exchange.active:
            return 200, _nothing_in_common(exchange, address)
        try:
            answer: Answer = await self._run(address.answer, self._hub, exchange)
        except NotFound:
            answer = gone(exchange, address.about)
        return answer.status, answer.body

    def _sent(
        self, request: Request[Any, Any, Any], keys: Keys | None, status: int, body: Any
    ) -> Response[bytes]:
        content = msgspec.json.encode(body)
        response = _response(status, content)
        response.headers["Cache-Control"] = "no-store"
        if (name := request.headers.get("request-id")) is not None and name.isprintable():
            response.headers["Request-Id"] = name[:100]
        if (pause := RETRY_AFTER_SECONDS.get(status)) is not None:
            response.headers["Retry-After"] = str(pause)
        if keys is not None:
            signed = sign_answer(
                keys.current, status, content, MEDIA_TYPE, datetime.now(UTC) + self._hub.offset
            )
            del signed["content-type"]
            response.headers.update(signed)
        return response


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


def _nothing_in_common(exchange: Exchange, address: Address) -> dict[str, Any]:
    error = CapabilitiesIncompatible()
    content = translate(exchange.language)(error.template)
    message = one_message(error.code, content)
    return outcome(address.about, exchange.active, [message], exchange.shop.address)


def _response(status: int, content: bytes) -> Response[bytes]:
    return Response(content, status_code=status, media_type=MEDIA_TYPE)
