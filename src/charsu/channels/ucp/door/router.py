"""The shopping door over HTTP: the profile, and every address of every version that is spoken."""

from typing import Any

import msgspec
from litestar import Request, Response, Router, get
from litestar.handlers import HTTPRouteHandler

from charsu.channels.ucp.door.answers import ADDRESSES, Address
from charsu.channels.ucp.door.exchange import (
    Exchange,
    Shop,
    body_of,
    check_open,
    key_of,
    language_of,
)
from charsu.channels.ucp.door.hooks import hooks
from charsu.channels.ucp.door.linked import challenge, linking_declared
from charsu.channels.ucp.door.meeting import Meeting, response_of
from charsu.channels.ucp.door.refusing import refused
from charsu.channels.ucp.door.tools import tools_endpoint
from charsu.channels.ucp.errors import VersionUnsupported
from charsu.channels.ucp.platforms import Run, profile_url
from charsu.channels.ucp.signing import Keys
from charsu.channels.ucp.spoken import VERSIONS
from charsu.channels.ucp.versions import Version
from charsu.kernel import Hub, HubError
from charsu.language import translate

PROFILE = "/.well-known/ucp"
PROFILE_SECONDS = 300


def ucp_router(hub: Hub, run: Run) -> Router:
    """Discovery at its well-known address, and the shopping service below ``/ucp``.

    run   runs a function in a thread and waits for it
    """
    meeting = Meeting(hub, run)
    above = hooks(hub, run)
    below = [_endpoint(meeting, version, hooks(hub, run)) for version in VERSIONS.values()]
    return Router("/", route_handlers=[*_profiles(meeting), *below, *above])


def _endpoint(meeting: Meeting, version: Version, more: list[HTTPRouteHandler]) -> Router:
    """The addresses of a version, and its tools beside them."""
    routes = [_route(meeting, address) for address in ADDRESSES]
    tools = tools_endpoint(meeting, version)
    return Router(f"/ucp/{version.name}", route_handlers=[*routes, tools, *more])


def _route(meeting: Meeting, address: Address) -> HTTPRouteHandler:
    async def handle(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await _answer(meeting, request, address)

    return HTTPRouteHandler(
        address.path,
        http_method=address.method,  # type: ignore[arg-type]
        status_code=200,  # the response says its own
        include_in_schema=False,
        exclude_from_csrf=True,  # platforms show who they are by their signature
    )(handle)


async def _answer(
    meeting: Meeting, request: Request[Any, Any, Any], address: Address
) -> Response[bytes]:
    """Who asks is known before anything is read of what is asked."""
    request.scope["charsu_operation"] = "ucp"  # type: ignore[typeddict-unknown-key]
    keys = asks_token = None
    address_of_shop = ""
    try:
        shop, keys = await meeting.shop(request)
        check_open(shop)
        address_of_shop = shop.address
        answer = await meeting.answer(await _exchange(meeting, request, shop), address)
        status, body = answer.status, answer.body
    except HubError as error:
        status, body = refused(error, translate(language_of(request)))
        asks_token = challenge(error, address_of_shop)
    content = msgspec.json.encode(body)
    return meeting.sent(request, keys, status, content, asks_token=asks_token)


async def _exchange(meeting: Meeting, request: Request[Any, Any, Any], shop: Shop) -> Exchange:
    url = profile_url(request.headers.get("ucp-agent"))
    body = await body_of(request)
    name = str(request.path_params.get("id", ""))
    return await meeting.exchange(
        request, shop, url=url, sent=body, body=body, key=key_of(request), name=name
    )


def _profiles(meeting: Meeting) -> list[HTTPRouteHandler]:
    """The profile of the newest version, and beside it one for each that is spoken."""

    @get(PROFILE, include_in_schema=False)
    async def newest(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await _profile(meeting, request, None)

    @get(f"{PROFILE}/{{version:str}}", include_in_schema=False)
    async def named(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await _profile(meeting, request, str(request.path_params["version"]))

    return [newest, named]


async def _profile(
    meeting: Meeting, request: Request[Any, Any, Any], name: str | None
) -> Response[bytes]:
    """Who we are and what can be done here."""
    try:
        shop, keys = await meeting.shop(request)
        check_open(shop)
        body = _document(shop, keys, name)
    except HubError as error:
        status, told = refused(error, translate(language_of(request)))
        return meeting.sent(request, None, status, msgspec.json.encode(told))
    response = response_of(200, msgspec.json.encode(body))
    response.headers["Cache-Control"] = f"public, max-age={PROFILE_SECONDS}"
    return response


def _document(shop: Shop, keys: Keys, name: str | None) -> dict[str, Any]:
    """A profile; only that of the newest version tells of the others. Raises VersionUnsupported."""
    if name is not None and name not in shop.spoken:
        raise VersionUnsupported(name[:20], ", ".join(shop.spoken))
    version = shop.newest if name is None else shop.spoken[name]
    public = [key.jwk for key in keys.published]
    body = version.document(shop.address, public, shop.handlers)
    if shop.can_link:
        body["ucp"]["capabilities"] |= linking_declared(version.name)
    older = [one for one in shop.spoken if one != version.name]
    if name is None and older:
        pages = {one: f"{shop.address}{PROFILE}/{one}" for one in older}
        body["ucp"]["supported_versions"] = pages
    return body
