"""What needs a hand, over HTTP: the page, and what its buttons ask the hub to do.

A button carries an idempotency key that was drawn with it, so that pressed twice it acts once.
"""

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException
from litestar.params import FromQuery
from litestar.response import Redirect

from charsu.kernel import Actor, Hub, HubError
from charsu.kernel.access import account_for_session
from charsu.language import mark_sentence, translate
from charsu.web import titles
from charsu.web.hands import Group, HandsAsk, HandsView, Whose
from charsu.web.hands_load import load_hands
from charsu.web.look import HEADERS, Viewer, face, page

SignedIn = Callable[[ASGIConnection[Any, Any, Any, Any]], Viewer | None]

VERBS = {
    "log.try_again": {"consumer"},
    "orders.choose": {"exception_id", "choice", "location_id"},
    "orders.close_exception": {"exception_id", "outcome"},
    "orders.hand_on_exception": {"exception_id", "owner"},
    "orders.put_back": {"fulfillment_id"},
    "orders.reroute": {"fulfillment_id", "reason"},
    "orders.resolve_difference": {"difference_id", "note"},
    "orders.resolve_terminal_payment": {"terminal_payment_id", "was_paid", "reference"},
    "orders.take_exception": {"exception_id"},
    "webhooks.replay": {"endpoint_id", "dead"},
}
"""What the page's buttons may ask for, and with which fields."""

_UNCLEAR = mark_sentence("Something is missing; choose again.")


def hands_router(hub: Hub, signed_in: SignedIn) -> Router:
    """``GET /hands`` and ``POST /hands`` for who is signed in."""
    door = _Door(hub, signed_in)

    @get("/", sync_to_thread=True)
    def show(
        request: Request[Any, Any, Any],
        whose: FromQuery[str] = "",
        location: FromQuery[str] = "",
        done: FromQuery[str] = "",
    ) -> Response[str]:
        return door.show(request, _asked(whose, location), done=done)

    @post("/", status_code=303)
    async def act(request: Request[Any, Any, Any]) -> Response[Any]:
        form = {name: str(value) for name, value in (await request.form()).items()}
        return await asyncio.to_thread(door.act, request, form)

    return Router(
        "/hands",
        route_handlers=[show, act],
        exception_handlers={NotAuthorizedException: _send_to_sign_in},
        include_in_schema=False,
    )


class _Door:
    """The page over one hub."""

    def __init__(self, hub: Hub, signed_in: SignedIn) -> None:
        self._hub = hub
        self._signed_in = signed_in

    def show(
        self,
        request: Request[Any, Any, Any],
        ask: HandsAsk,
        *,
        done: str = "",
        problem: str = "",
    ) -> Response[str]:
        viewer, actor = self._who(request)
        view = load_hands(self._hub, actor, ask)
        return page(
            request,
            "hands/page.html",
            viewer=viewer,
            time_zone=view.time_zone,
            status=422 if problem else 200,
            **_shown(view, done, problem),
        )

    def act(self, request: Request[Any, Any, Any], form: dict[str, str]) -> Response[Any]:
        """Do what a button asks, once; then the page again, so that a reload asks nothing."""
        ask = _asked(form.get("whose", ""), form.get("location", ""))
        viewer, actor = self._who(request)
        try:
            self._run(actor, form)
        except HubError as refused:
            sentences = translate(face(request, viewer).language)
            problem = sentences(refused.template, **refused.data)
            return self.show(request, ask, problem=problem)
        except (msgspec.ValidationError, KeyError, ValueError):
            problem = translate(face(request, viewer).language)(_UNCLEAR)
            return self.show(request, ask, problem=problem)
        back = {"whose": ask.whose.value, "location": ask.location_id or "", "done": form["way"]}
        return Redirect("/hands?" + urlencode(back), status_code=303, headers=HEADERS)

    def _run(self, actor: Actor, form: dict[str, str]) -> None:
        verb = form["verb"]
        fields = {name: value for name, value in form.items() if name in VERBS[verb] and value}
        operation = self._hub.operations[verb]
        ask = msgspec.convert(fields, operation.ask_type, strict=False)
        self._hub.run(operation, ask, actor=actor, key=str(UUID(form["key"])))

    def _who(self, request: Request[Any, Any, Any]) -> tuple[Viewer, Actor]:
        viewer = self._signed_in(request)
        if viewer is None:
            raise NotAuthorizedException
        return viewer, account_for_session(self._hub, viewer.session).actor


def _asked(whose: str, location: str) -> HandsAsk:
    """What no form could have sent means "all"."""
    try:
        place = UUID(location) if location else None
    except ValueError:
        place = None
    return HandsAsk(whose=Whose(whose) if whose in set(Whose) else Whose.ALL, location_id=place)


def _shown(view: HandsView, done: str, problem: str) -> dict[str, Any]:
    return {
        "view": view,
        "groups": tuple(group for group in Group if view.of(group)),
        "titles": titles,
        "new_key": uuid4,
        "done": titles.WAYS_DONE.get(done, ""),
        "problem": problem,
    }


def _send_to_sign_in(_: Request[Any, Any, Any], __: NotAuthorizedException) -> Response[Any]:
    return Redirect("/sign-in?" + urlencode({"next": "/hands"}), status_code=303, headers=HEADERS)
