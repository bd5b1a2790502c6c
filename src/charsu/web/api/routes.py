"""The addresses of all operations. Their handlers do the same."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from litestar import Request, Response, Router
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from charsu.kernel import Actor, AnyOperation, Forbidden, Hub, HubError, Invalid
from charsu.kernel.access import SessionEnded
from charsu.web.api.answering import Place, place_made, response
from charsu.web.api.asking import ask_from, key_from
from charsu.web.api.callers import (
    GUEST_HEADER,
    SESSION_COOKIE,
    Credentials,
    actor_from,
    credentials,
)
from charsu.web.api.errors import SignInNeeded
from charsu.web.api.problems import refusal
from charsu.web.api.threads import Threads


def build_api(hub: Hub, threads: Threads) -> Router:
    """Every operation of the hub that declares an address, as one router.

    One handler an address, not one a method: the framework takes most of a server's start to
    register them.
    """
    offered = [operation for operation in hub.operations.values() if operation.http_path]
    addresses: defaultdict[str, dict[str, _Route]] = defaultdict(dict)
    for operation in offered:
        assert operation.http_path is not None and operation.http_method is not None
        route = _Route(hub, threads, operation, place_made(operation, offered))
        addresses[operation.http_path][operation.http_method] = route
    handlers = [_address(path, routes) for path, routes in addresses.items()]
    return Router("/", route_handlers=handlers)


def _address(path: str, routes: Mapping[str, "_Route"]) -> HTTPRouteHandler:
    """An address with all its methods. OPTIONS names them (RFC 9110, section 9.3.7)."""
    methods = sorted({*routes, "OPTIONS"})
    allowed = {"Allow": ", ".join(methods)}

    async def handle(request: Request[Any, Any, Any]) -> Response[Any]:
        if route := routes.get(request.method):
            return await route.handle(request)
        return Response(None, status_code=204, headers=allowed)

    return HTTPRouteHandler(
        path.replace("}", ":str}"),
        http_method=methods,  # type: ignore[arg-type]
        status_code=200,  # the response says its own
        include_in_schema=False,
        exclude_from_csrf=True,  # cross-site requests are told by their origin, see callers.py
    )(handle)


class _Route(Struct, frozen=True):
    """One operation at its address."""

    hub: Hub
    threads: Threads
    operation: AnyOperation
    place: Place | None

    async def handle(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Read the request, ask the hub in a thread, write the answer or the refusal."""
        request.scope["charsu_operation"] = self.operation.name  # type: ignore[typeddict-unknown-key]
        shown: Credentials | None = None
        try:
            shown = credentials(request)
            outcome = await self._outcome(request, shown)
            answer = response(self.operation, outcome, self.place)
        except HubError as error:
            answer = refusal(request, error)
            if isinstance(error, SessionEnded):
                answer.delete_cookie(SESSION_COOKIE)
        answer.headers["Cache-Control"] = "no-store"
        if shown is not None and shown.is_new_guest:
            answer.headers[GUEST_HEADER] = shown.guest
        return answer

    async def _outcome(self, request: Request[Any, Any, Any], shown: Credentials) -> Any:
        try:
            key = key_from(request) if self.operation.writes else None
            ask = await ask_from(request, self.operation)
        except Invalid as error:
            # what is wrong with a request is told only to callers who may ask at all
            await self.threads.run(self._check_may_ask, request, shown)
            raise error
        return await self.threads.run(self._run, request, shown, ask, key)

    def _run(
        self, request: Request[Any, Any, Any], shown: Credentials, ask: Any, key: str | None
    ) -> Any:
        actor = self._actor(request, shown)
        with self._guests_may_sign_in(actor):
            return self.hub.run(self.operation, ask, actor=actor, key=key)

    def _check_may_ask(self, request: Request[Any, Any, Any], shown: Credentials) -> None:
        actor = self._actor(request, shown)
        with self._guests_may_sign_in(actor):
            self.hub.check_may_ask(self.operation, actor)

    @contextmanager
    def _guests_may_sign_in(self, actor: Actor) -> Iterator[None]:
        """A guest whom no grant lets in may be somebody who has not signed in."""
        try:
            yield
        except Forbidden as error:
            if actor.kind == "guest" and type(error) is Forbidden:
                raise SignInNeeded(self.operation.permission) from error
            raise

    def _actor(self, request: Request[Any, Any, Any], shown: Credentials) -> Actor:
        actor = actor_from(self.hub, shown)
        request.scope["charsu_actor"] = actor  # type: ignore[typeddict-unknown-key]
        return actor
