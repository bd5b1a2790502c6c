"""Where the authorization server is reached."""

import asyncio
from typing import Any

from litestar import Response, Router, get, post

from charsu.channels.ucp import RESOURCE_METADATA
from charsu.kernel import Hub
from charsu.web.linking.desk import Desk
from charsu.web.linking.wanted import PATH, Asked


def linking_router(hub: Hub) -> Router:
    """``/oauth2/…``, and where a platform learns of it."""
    desk = Desk(hub)

    @get("/.well-known/oauth-authorization-server", sync_to_thread=True)
    def about(request: Asked) -> Response[Any]:
        return desk.about(request)

    @get(RESOURCE_METADATA, sync_to_thread=True)
    def door(request: Asked) -> Response[Any]:
        return desk.door(request)

    @get(f"{PATH}/authorize", sync_to_thread=True)
    def ask(request: Asked) -> Response[Any]:
        return desk.ask(request, request.scope["query_string"].decode("latin-1"))

    @post(f"{PATH}/sign-in")
    async def begin(request: Asked) -> Response[Any]:
        return await asyncio.to_thread(desk.begin, request, await request.form())

    @post(f"{PATH}/code")
    async def come_in(request: Asked) -> Response[Any]:
        return await asyncio.to_thread(desk.come_in, request, await request.form())

    @post(f"{PATH}/consent")
    async def decide(request: Asked) -> Response[Any]:
        return await asyncio.to_thread(desk.decide, request, await request.form())

    @post(f"{PATH}/token", exclude_from_csrf=True, status_code=200)
    async def token(request: Asked) -> Response[Any]:
        return await asyncio.to_thread(desk.token, request, await request.form())

    @post(f"{PATH}/revoke", exclude_from_csrf=True, status_code=200)
    async def revoke(request: Asked) -> Response[Any]:
        return await asyncio.to_thread(desk.revoke, request, await request.form())

    return Router(
        "/",
        route_handlers=[about, door, ask, begin, come_in, decide, token, revoke],
        include_in_schema=False,
    )
