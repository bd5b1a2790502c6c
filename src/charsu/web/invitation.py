"""Accepting an invitation: who it is for and from whom, a password, and in.

The link is ``/invitation/`` and the token that whoever invites has made. Looking at it uses nothing
up, so that programs which open the links of a mail do no harm.
"""

import asyncio
from http import HTTPStatus
from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath
from msgspec import Struct

from charsu.insights import Business, business
from charsu.kernel import Hub, Invalid
from charsu.kernel.access import (
    Invitation,
    InvitationRefused,
    accept_invitation,
    find_invitation,
    open_session,
)
from charsu.kernel.access.invitations import WhyNot
from charsu.kernel.access.passwords import LENGTH_MAX, LENGTH_MIN
from charsu.language import mark_sentence as _
from charsu.language import translate
from charsu.web.look import Viewer, face, page
from charsu.web.sign_in import HOME, let_in, said, text_of
from charsu.web.welcome import Trouble, error_page

Asked = Request[Any, Any, Any]


CLOSED: dict[WhyNot, tuple[HTTPStatus, str, str]] = {
    "unknown": (
        HTTPStatus.NOT_FOUND,
        _("This invitation does not work"),
        _("The link may be incomplete. Copy all of it, or ask for another."),
    ),
    "used": (
        HTTPStatus.GONE,
        _("This invitation was used"),
        _("It works once, and a newer one replaces it. If you have chosen a password, sign in."),
    ),
    "expired": (
        HTTPStatus.GONE,
        _("This invitation has expired"),
        _("Ask whoever invited you for another."),
    ),
}


class InvitationForm(Struct, frozen=True, kw_only=True):
    """What the page shows; never the password.

    problem   a sentence in the reader's language
    """

    token: str
    invitation: Invitation
    business: str
    problem: str = ""
    password_length_min: int = LENGTH_MIN
    password_length_max: int = LENGTH_MAX


def invitation_router(hub: Hub) -> Router:
    """``GET /invitation/{token}`` asks for a password, ``POST /invitation`` takes it."""
    desk = _Desk(hub)

    @get("/{token:str}", sync_to_thread=True)
    def open_letter(request: Asked, token: FromPath[str]) -> Response[Any]:
        return desk.show(request, token)

    @post("/")
    async def accept(request: Asked) -> Response[Any]:
        return await asyncio.to_thread(desk.accept, request, await request.form())

    return Router("/invitation", route_handlers=[open_letter, accept], include_in_schema=False)


class _Desk:
    """What the pages do, in a thread each."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def show(self, request: Asked, token: str, *, problem: str = "") -> Response[Any]:
        """The form, or why there is none."""
        found = find_invitation(self._hub, token)
        if not isinstance(found, Invitation):
            return error_page(request, _closed(request, found))
        own = self._business()
        return page(
            request,
            "invitation.html",
            viewer=_invited(found),
            time_zone=own.time_zone,
            status=422 if problem else 200,
            form=InvitationForm(token=token, invitation=found, business=own.name, problem=problem),
        )

    def accept(self, request: Asked, form: FormMultiDict) -> Response[Any]:
        """Keep the password and sign in; or show the form again with what is wrong."""
        token = text_of(form, "token")
        try:
            account_id = accept_invitation(
                self._hub, token=token, password=text_of(form, "password")
            )
        except Invalid as refused:
            return self.show(request, token, problem=said(request, refused))
        except InvitationRefused:
            return self.show(request, token)
        return let_in(request, open_session(self._hub, account_id), HOME)

    def _business(self) -> Business:
        with self._hub.reading(operation="web.invitation") as tx:
            return business(tx)


def _invited(found: Invitation) -> Viewer:
    """Who looks at the page, so that it speaks the account's language."""
    return Viewer(id=found.account_id, name=found.name, email=found.email, language=found.language)


def _closed(request: Asked, why: WhyNot) -> Trouble:
    status, title, text = CLOSED[why]
    sentences = translate(face(request).language)
    return Trouble(status=status, title=sentences(title), text=sentences(text))
