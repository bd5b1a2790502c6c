"""Coming in and going out: signing in, signing out, and the first account of a new shop."""

import asyncio
import secrets
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response, Router, get, post
from litestar.connection import ASGIConnection
from litestar.datastructures import FormMultiDict
from litestar.params import FromQuery
from litestar.response import Redirect

from charsu.kernel import Forbidden, Hub, HubError, Invalid, NotFound
from charsu.kernel.access import (
    AdminExists,
    Session,
    SessionEnded,
    SignInRefused,
    TooManyAttempts,
    account_for_session,
    first_admin,
    needs_first_admin,
    open_session,
    sign_in,
    sign_out,
)
from charsu.language import translate
from charsu.web.api import SESSION_COOKIE, address_of
from charsu.web.look import HEADERS, Viewer, face
from charsu.web.welcome import (
    FirstRunForm,
    SignInForm,
    first_run_page,
    own_path,
    sign_in_page,
)

HOME = "/overview"
NAME_LETTERS_MAX = 200
_CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # without those that are mistaken for others
_CODE_LENGTH = 12  # 59 bits: no use guessing
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})

Asked = Request[Any, Any, Any]


class SetupCodeWrong(Invalid):
    """The code is not the one that was printed where the hub was started."""

    code = "setup_code_wrong"

    def __init__(self) -> None:
        super().__init__("This is not the code that was printed at the start.")


class NameMissing(Invalid):
    """An account needs a name that can be shown."""

    code = "name_missing"

    def __init__(self) -> None:
        super().__init__("Say how you are called.")


def new_setup_code() -> str:
    """A one-time code to be printed where the hub is started."""
    return "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH))


def viewer_from(hub: Hub, connection: ASGIConnection[Any, Any, Any, Any]) -> Viewer | None:
    """The member of staff whose browser this is; None for nobody. Asks the database."""
    token = connection.cookies.get(SESSION_COOKIE)
    if not token:
        return None
    try:
        account = account_for_session(hub, token)
    except SessionEnded:
        return None
    kept = Viewer(
        id=account.id,
        name=account.name,
        email=account.email,
        language=account.language,
        session=token,
    )
    return Viewer(
        id=kept.id,
        name=kept.name,
        email=kept.email,
        language=face(connection, kept).language,  # the one chosen on this device goes first
        session=token,
    )


def sign_in_router(hub: Hub, *, setup_code: str | None = None) -> Router:
    """``/``, ``/sign-in``, ``/sign-out`` and, while there is no administrator, ``/welcome``.

    setup_code   asked for on the first-run page; without one that page is for this machine only
    """
    door = _Door(hub, setup_code)

    @get("/", sync_to_thread=False)
    def home() -> Redirect:
        return _to(HOME)

    @get("/sign-in", sync_to_thread=True)
    def ask_who(request: Asked, next: FromQuery[str] = HOME) -> Response[Any]:
        return door.ask_who(request, next)

    @post("/sign-in")
    async def come_in(request: Asked) -> Response[Any]:
        return await asyncio.to_thread(door.come_in, request, await request.form())

    @post("/sign-out")
    async def go_out(request: Asked) -> Response[Any]:
        return await asyncio.to_thread(door.go_out, request)

    @get("/welcome", sync_to_thread=True)
    def ask_first(request: Asked) -> Response[Any]:
        return door.ask_first(request)

    @post("/welcome")
    async def make_first(request: Asked) -> Response[Any]:
        return await asyncio.to_thread(door.make_first, request, await request.form())

    return Router(
        "/",
        route_handlers=[home, ask_who, come_in, go_out, ask_first, make_first],
        include_in_schema=False,
    )


class _Door:
    """What the pages do, in a thread each."""

    def __init__(self, hub: Hub, setup_code: str | None) -> None:
        self._hub = hub
        self._setup_code = setup_code
        self._has_admin = False  # once there is one, the database is not asked again

    def ask_who(self, request: Asked, back: str) -> Response[Any]:
        if self._is_new():
            return _to("/welcome")
        return sign_in_page(request, SignInForm(next=own_path(back)))

    def come_in(self, request: Asked, form: FormMultiDict) -> Response[Any]:
        """Sign in and go on, or show the form again with what is wrong; never says which."""
        email, back = text_of(form, "email"), own_path(text_of(form, "next"))
        try:
            session = sign_in(
                self._hub,
                email=email,
                password=text_of(form, "password"),
                address=address_of(request),
            )
        except (SignInRefused, TooManyAttempts) as refused:
            shown = SignInForm(email=email, next=back, problem=said(request, refused))
            page = sign_in_page(request, shown)
            if isinstance(refused, TooManyAttempts):
                page.status_code = 429
                page.headers["Retry-After"] = str(refused.data["retry_after"])
            return page
        return let_in(request, session, back)

    def go_out(self, request: Asked) -> Response[Any]:
        """End the session, here and wherever else its token was used."""
        token = request.cookies.get(SESSION_COOKIE)
        if token:
            with suppress(SessionEnded):  # then it is over, and that was asked for
                sign_out(self._hub, token)
        leave = _to("/sign-in")
        leave.delete_cookie(SESSION_COOKIE)
        return leave

    def ask_first(self, request: Asked) -> Response[Any]:
        self._check_first(request)
        return first_run_page(request, FirstRunForm(asks_code=self._setup_code is not None))

    def make_first(self, request: Asked, form: FormMultiDict) -> Response[Any]:
        """Make the first account and sign it in, or show the form again with what is wrong."""
        self._check_first(request)
        email, name = text_of(form, "email"), " ".join(text_of(form, "name").split())
        try:
            self._check_code(text_of(form, "code"))
            if not name:
                raise NameMissing
            account_id = first_admin(
                self._hub,
                email=email,
                name=name[:NAME_LETTERS_MAX],
                password=text_of(form, "password"),
                language=face(request).language,
            )
        except AdminExists:
            return _to("/sign-in")
        except HubError as refused:
            return first_run_page(
                request,
                FirstRunForm(
                    name=name,
                    email=email,
                    code=text_of(form, "code"),
                    problem=said(request, refused),
                    asks_code=self._setup_code is not None,
                ),
            )
        return let_in(request, open_session(self._hub, account_id), HOME)

    def _is_new(self) -> bool:
        if not self._has_admin:
            self._has_admin = not needs_first_admin(self._hub)
        return not self._has_admin

    def _check_first(self, request: Asked) -> None:
        """Raises NotFound once there is an administrator.

        Without a code nobody but this machine may take the shop, and another site's page that has
        made its name point here (DNS rebinding) is not this machine: it is told by the Host header.
        """
        if not self._is_new():
            raise NotFound("address", "/welcome")
        host = urlsplit(f"//{request.headers.get('host', '')}").hostname
        if self._setup_code is None and host not in _LOCAL:
            raise Forbidden("A new shop is opened on the machine that it runs on.")

    def _check_code(self, given: str) -> None:
        wanted = self._setup_code
        written = given.strip().upper().encode()
        if wanted is not None and not secrets.compare_digest(written, wanted.encode()):
            raise SetupCodeWrong


def let_in(request: Asked, session: Session, to: str) -> Redirect:
    inside = _to(to)
    inside.set_cookie(
        SESSION_COOKIE,
        session.token,
        httponly=True,
        secure=request.url.scheme == "https",
        samesite="lax",
    )
    return inside


def _to(path: str) -> Redirect:
    return Redirect(path, status_code=303, headers=HEADERS)


def said(request: Asked, refused: HubError) -> str:
    return translate(face(request).language)(refused.template, **refused.data)


def text_of(form: FormMultiDict, name: str) -> str:
    """A field as text; files and letters that cannot be shown count as nothing."""
    value = form.get(name, "")
    return value if isinstance(value, str) and value.isprintable() else ""
