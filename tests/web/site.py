"""The pages as a small site of their own, with the day of ``bazaar`` behind them."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import uvicorn
from litestar import Litestar, Request, Response, get
from litestar.config.csrf import CSRFConfig
from litestar.connection import ASGIConnection
from litestar.params import FromQuery

from charsu.kernel.access import Invitation
from charsu.web import (
    FirstRunForm,
    OverviewAsk,
    OverviewView,
    SignInForm,
    Trouble,
    Viewer,
    error_page,
    first_run_page,
    overview_router,
    own_path,
    page,
    preferences_router,
    sign_in_page,
    static_router,
)
from charsu.web.invitation import InvitationForm

from .bazaar import MIRA, NOW, busy_day

Answer = Callable[[OverviewAsk], OverviewView]


class Shop:
    """What the overview's questions answer, now and after each ``show``."""

    def __init__(self, answer: Answer = busy_day) -> None:
        self.answer = answer
        self.viewer: Viewer | None = MIRA
        self.asked: list[OverviewAsk] = []
        self.left = threading.Event()  # a page that followed has gone
        self._open: list[tuple[asyncio.AbstractEventLoop, asyncio.Queue[bool]]] = []

    def load(self, viewer: Viewer, ask: OverviewAsk) -> OverviewView:
        self.asked.append(ask)
        return self.answer(ask)

    async def follow(self, viewer: Viewer, ask: OverviewAsk) -> AsyncIterator[OverviewView]:
        goes_on: asyncio.Queue[bool] = asyncio.Queue()
        self._open.append((asyncio.get_running_loop(), goes_on))
        try:
            yield self.answer(ask)
            while await goes_on.get():
                yield self.answer(ask)
        finally:
            self.left.set()

    def show(self, answer: Answer) -> None:
        """Every open page is told of the new view."""
        self.answer = answer
        self._tell(True)

    def end(self) -> None:
        """Every stream ends, as when the hub stops."""
        self._tell(False)

    def _tell(self, goes_on: bool) -> None:
        for loop, queue in self._open:
            loop.call_soon_threadsafe(queue.put_nowait, goes_on)

    def signed_in(self, connection: ASGIConnection[Any, Any, Any, Any]) -> Viewer | None:
        return self.viewer


@get("/sign-in", sync_to_thread=False)
def sign_in(request: Request[Any, Any, Any], next: FromQuery[str] = "") -> Response[str]:
    return sign_in_page(request, SignInForm(next=own_path(next)))


@get("/welcome", sync_to_thread=False)
def welcome(request: Request[Any, Any, Any]) -> Response[str]:
    return first_run_page(request, FirstRunForm())


@get("/invitation", sync_to_thread=False)
def invitation(request: Request[Any, Any, Any]) -> Response[str]:
    letter = Invitation(
        account_id=MIRA.id,
        name=MIRA.name,
        email=MIRA.email,
        language="en",
        invited_by="Ana Petrović",
        expires_at=NOW + timedelta(days=3),
    )
    form = InvitationForm(token="", invitation=letter, business="Čaršija", problem="Too short.")
    return page(request, "invitation.html", viewer=MIRA, form=form)


@get("/trouble", sync_to_thread=False)
def trouble(request: Request[Any, Any, Any]) -> Response[str]:
    shown = Trouble(
        status=HTTPStatus.NOT_FOUND,
        title="There is no such page",
        text="The address may be old, or mistyped.",
        reference="req_01",
    )
    return error_page(request, shown)


def site(shop: Shop) -> Litestar:
    """The pages with what the web application puts around them."""
    return Litestar(
        route_handlers=[
            overview_router(shop.load, shop.follow, shop.signed_in),
            preferences_router(),
            static_router(),
            sign_in,
            welcome,
            invitation,
            trouble,
        ],
        csrf_config=CSRFConfig(secret="only for tests", cookie_name="csrf"),
        openapi_config=None,
        logging_config=None,
    )


class Served:
    """A site that a browser can reach."""

    def __init__(self, shop: Shop, port: int = 0) -> None:
        self.shop = shop
        self._socket = socket.create_server(("127.0.0.1", port))
        self.port = self._socket.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        config = uvicorn.Config(site(shop), log_level="warning", lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],))
        self._thread.start()

    def stop(self) -> None:
        """Ends the streams and the server; a second time does nothing."""
        self._server.should_exit = True
        while self._thread.is_alive():
            self.shop.end()
            self._thread.join(0.1)
        self._socket.close()


@contextmanager
def serve(shop: Shop, port: int = 0) -> Iterator[Served]:
    served = Served(shop, port)
    try:
        yield served
    finally:
        served.stop()
