"""The live overview over HTTP: the page, the part that replaces itself, and its stream.

The questions come from outside as functions, so that this page knows nothing of orders or stock.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import MediaType, Request, Response, Router, get
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency, Provide
from litestar.exceptions import NotAuthorizedException
from litestar.params import FromQuery
from litestar.response import Redirect, ServerSentEvent, ServerSentEventMessage

from charsu.web import charts, titles
from charsu.web.look import HEADERS, Face, Viewer, face, page, render
from charsu.web.overview import OverviewAsk, OverviewView, Period

Load = Callable[[Viewer, OverviewAsk], OverviewView]
"""The present view; called in a thread. Shows what this viewer may see."""

Follow = Callable[[Viewer, OverviewAsk], AsyncIterator[OverviewView]]
"""A view now, one after each burst of changes (coalesced), and at least one a minute, so that ages
grow. Ends when the hub stops."""

SignedIn = Callable[[ASGIConnection[Any, Any, Any, Any]], Viewer | None]
"""Who is looking; None for nobody; called in a thread."""

Asked = NamedDependency[OverviewAsk]

PANELS = ("figures", "sales", "facts", "channels", "stores", "waiting", "exceptions", "stock_outs")
HEARTBEAT_SECONDS = 15


def overview_router(load: Load, stream: Follow, signed_in: SignedIn) -> Router:
    """``GET /overview`` and ``GET /overview/stream`` over the given questions."""

    @get("/", sync_to_thread=True)
    def show(
        request: Request[Any, Any, Any],
        viewer: NamedDependency[Viewer],
        ask: NamedDependency[OverviewAsk],
    ) -> Response[str]:
        view = load(viewer, ask)
        part = request.headers.get("hx-request") == "true"
        template = "overview/board.html" if part else "overview/page.html"
        return page(
            request,
            template,
            viewer=viewer,
            time_zone=view.time_zone,
            **_shown(view),
        )

    @get("/stream")
    async def follow(
        request: Request[Any, Any, Any],
        viewer: NamedDependency[Viewer],
        ask: NamedDependency[OverviewAsk],
    ) -> ServerSentEvent:
        messages = _messages(stream(viewer, ask), face(request, viewer))
        return ServerSentEvent(messages, headers={"X-Accel-Buffering": "no"})

    def viewer(request: Request[Any, Any, Any]) -> Viewer:
        if found := signed_in(request):
            return found
        raise NotAuthorizedException

    return Router(
        "/overview",
        route_handlers=[show, follow],
        dependencies={
            "viewer": Provide(viewer, sync_to_thread=True),
            "ask": Provide(_asked, sync_to_thread=False),
        },
        exception_handlers={NotAuthorizedException: _send_to_sign_in},
        include_in_schema=False,
    )


def _asked(
    period: FromQuery[str] = "",
    channel: FromQuery[str] = "",
    location: FromQuery[str] = "",
) -> OverviewAsk:
    """Empty choices of the form mean "all", and so does what no form could have sent."""
    return OverviewAsk(
        period=Period(period) if period in set(Period) else Period.WEEK,
        channel_id=_chosen(channel),
        location_id=_chosen(location),
    )


def _chosen(value: str) -> UUID | None:
    try:
        return UUID(value) if value else None
    except ValueError:
        return None


def _shown(view: OverviewView) -> dict[str, Any]:
    return {"view": view, "panels": PANELS, "charts": charts, "titles": titles}


async def _messages(
    views: AsyncIterator[OverviewView], face: Face
) -> AsyncGenerator[ServerSentEventMessage, None]:
    """One message per view with the panels that now look different; else a sign of life."""
    sent: dict[str, str] = {}
    async for view in _with_heartbeat(views):
        if view is None:
            yield ServerSentEventMessage(event="alive", data="")
            continue
        drawn = await asyncio.to_thread(_draw, view, face)
        changed = [panel for name, panel in drawn.items() if sent.get(name) != panel]
        sent = drawn
        yield ServerSentEventMessage(event="panels", data="\n".join(changed))


def _draw(view: OverviewView, face: Face) -> dict[str, str]:
    return {
        name: render(
            "overview/part.html",
            face,
            time_zone=view.time_zone,
            panel=name,
            **_shown(view),
        )
        for name in (*PANELS, "as_of")
    }


async def _with_heartbeat(
    views: AsyncIterator[OverviewView],
) -> AsyncGenerator[OverviewView | None, None]:
    """The views as they come, and None whenever nothing has come for a while."""
    upcoming = asyncio.ensure_future(_next(views))
    try:
        while True:
            done, _ = await asyncio.wait({upcoming}, timeout=HEARTBEAT_SECONDS)
            if not done:
                yield None
                continue
            view = upcoming.result()
            if view is None:
                return
            upcoming = asyncio.ensure_future(_next(views))
            yield view
    finally:
        upcoming.cancel()


async def _next(views: AsyncIterator[OverviewView]) -> OverviewView | None:
    return await anext(views, None)


def _send_to_sign_in(request: Request[Any, Any, Any], _: NotAuthorizedException) -> Response[Any]:
    """A page leads to the sign-in and back, and so does a part; the stream only says no."""
    if request.url.path.endswith("/stream"):
        return Response("", media_type=MediaType.TEXT, status_code=401, headers=HEADERS)
    sign_in = "/sign-in?" + urlencode({"next": face(request).path})
    if request.headers.get("hx-request") == "true":
        return Response("", media_type=MediaType.TEXT, headers=HEADERS | {"HX-Redirect": sign_in})
    return Redirect(sign_in, status_code=303, headers=HEADERS)
