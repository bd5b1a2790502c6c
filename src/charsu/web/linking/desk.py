"""The pages on which a customer signs in and lets a platform act for her, and its endpoints.

What the platform asks stays in the query of the page's address; each form brings it along, and it
is checked anew each time.
"""

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from litestar import Response
from litestar.datastructures import FormMultiDict
from litestar.response import Redirect

from charsu.channels.ucp import issuer_at
from charsu.identity import (
    BeginSignIn,
    CustomerSessionEnded,
    EndCustomerSession,
    FinishSignIn,
    actor_for_customer,
    begin_sign_in,
    end_customer_session,
    finish_sign_in,
    proved_address,
)
from charsu.insights import business
from charsu.kernel import Actor, Hub, HubError, Limited, NotFound
from charsu.kernel.access import digest_of, guest_actor, guest_id, is_token, new_token
from charsu.language import mark_sentence as _
from charsu.language import translate
from charsu.web.api import address_of
from charsu.web.linking.told import about_door, about_server
from charsu.web.linking.wanted import PATH, Asked, Pairs, Wanted, pairs_in
from charsu.web.look import CONTENT_SECURITY_POLICY, HEADERS, face, page
from charsu.web.sign_in import said, text_of

if TYPE_CHECKING:
    from charsu.web.linking.server import Server, Told

CUSTOMER_COOKIE, GUEST_COOKIE, CHALLENGE_COOKIE = "link_customer", "link_guest", "link_challenge"
SESSION_COOKIE = "link_session"
SESSION_SECONDS = 3600
DEVICE_SECONDS = 400 * 86_400  # so that a stranger's tries are never counted against this browser
METADATA_SECONDS = 300

FILLS, BUYS = "dev.ucp.shopping.cart:manage", "dev.ucp.shopping.checkout:manage"
ALLOWS = {
    FILLS: _("fill your cart"),
    BUYS: _("fill your cart and buy in your name"),
    "dev.ucp.shopping.order:read": _("see all your orders, wherever you bought"),
}
"""What each scope means to the one who is asked."""

WRONG_CODE = _("This is not the code, or it is no longer good.")


class Desk:
    """What the pages and endpoints do, in a thread each."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    @cached_property
    def _server(self) -> "Server":
        """authlib is loaded when the first platform comes."""
        from charsu.web.linking.server import Server

        return Server(self._hub)

    def about(self, request: Asked) -> Response[Any]:
        """The metadata of RFC 8414."""
        return _public(about_server(self._issuer(request)))

    def door(self, request: Asked) -> Response[Any]:
        """The metadata of RFC 9728: what a token of this server opens."""
        return _public(about_door(self._issuer(request), self._business()))

    def ask(self, request: Asked, query: str, *, problem: str = "") -> Response[Any]:
        """Who she is, then whether she agrees; or back with what is wrong with the question."""
        wanted = self._wanted(request, query)
        if wanted.problem:
            return self._back(request, wanted, error=wanted.problem)
        who = self._customer(request)
        if who is None:
            return self._sign_in_page(request, wanted, problem)
        shown = page(
            request,
            "link_consent.html",
            wanted=wanted,
            allows=_allowed(wanted),
            business=self._business(),
            host=urlsplit(wanted.redirect).netloc,
            address=self._hub.read(lambda tx: proved_address(tx, who.id), operation="web.linking"),
        )
        # Browsers apply form-action to where the answer of a form leads, too.
        parts = urlsplit(wanted.redirect)
        policy = CONTENT_SECURITY_POLICY.replace(
            "form-action 'self'", f"form-action 'self' {parts.scheme}://{parts.netloc}"
        )
        shown.headers["Content-Security-Policy"] = policy
        return shown

    def begin(self, request: Asked, form: FormMultiDict) -> Response[Any]:
        """Have a code sent, and go on to where it is typed."""
        query = text_of(form, "query")
        token = _guest_token(request)
        try:
            ask = BeginSignIn(email=text_of(form, "email")[:254])
            begun = self._hub.run(begin_sign_in, ask, actor=_guest(request, token))
        except HubError as refused:
            status = 429 if isinstance(refused, Limited) else 422
            return self._again(request, query, said(request, refused), status)
        on = _on(query)
        self._keep(request, on, GUEST_COOKIE, token, seconds=DEVICE_SECONDS)
        self._keep(request, on, CHALLENGE_COOKIE, str(begun.challenge_id))
        return on

    def come_in(self, request: Asked, form: FormMultiDict) -> Response[Any]:
        """Take the code; who has it is known on this page for an hour."""
        query, token = text_of(form, "query"), new_token("customer")
        on = _on(query)
        if "another" in form or (challenge := _named(request, CHALLENGE_COOKIE)) is None:
            self._leave(request, on)
            return on
        ask = FinishSignIn(
            challenge_id=challenge,
            code=text_of(form, "code")[:40],
            token_digest=digest_of(token).hex(),
        )
        done = self._hub.run(finish_sign_in, ask, actor=_guest(request, _guest_token(request)))
        if done.outcome != "signed_in":
            problem = translate(face(request).language)(WRONG_CODE)
            return self._again(request, query, problem, 422)
        on.delete_cookie(CHALLENGE_COOKIE, path=PATH)
        self._keep(request, on, CUSTOMER_COOKIE, token)
        self._keep(request, on, SESSION_COOKIE, str(done.session_id))
        return on

    def _again(self, request: Asked, query: str, problem: str, status: int) -> Response[Any]:
        """The same page, and what was wrong; or back, where the question itself is wrong."""
        shown = self.ask(request, query, problem=problem)
        if not isinstance(shown, Redirect):
            shown.status_code = status
        return shown

    def _leave(self, request: Asked, on: Redirect) -> None:
        """Somebody else sits here: what this browser knew of her on these pages is over."""
        who, session = self._customer(request), _named(request, SESSION_COOKIE)
        if who is not None and session is not None:
            with suppress(NotFound):
                ask = EndCustomerSession(session_id=session)
                self._hub.run(end_customer_session, ask, actor=who)
        for name in (CHALLENGE_COOKIE, CUSTOMER_COOKIE, SESSION_COOKIE):
            on.delete_cookie(name, path=PATH)

    def decide(self, request: Asked, form: FormMultiDict) -> Response[Any]:
        """Send her back with a code, or with her refusal."""
        query = text_of(form, "query")
        wanted, who = self._wanted(request, query), self._customer(request)
        if wanted.problem:
            return self._back(request, wanted, error=wanted.problem)
        if text_of(form, "decision") != "agree":
            return self._back(request, wanted, error="access_denied")
        if who is None:  # her hour is over
            return _on(query)
        return self._back(request, wanted, code=self._server.agree(wanted, who))

    def token(self, request: Asked, form: FormMultiDict) -> Response[Any]:
        """Tokens for a code or for a refresh token."""
        issuer = self._issuer(request)
        return _answer(issuer, self._server.token(issuer, _pairs(form), _proof(request)))

    def revoke(self, request: Asked, form: FormMultiDict) -> Response[Any]:
        """End a token; the answer does not tell whether there was one."""
        issuer = self._issuer(request)
        return _answer(issuer, self._server.revoke(issuer, _pairs(form), _proof(request)))

    def _wanted(self, request: Asked, query: str) -> Wanted:
        """What is asked. Raises NotFound where it is not known whom to send back to."""
        return self._server.wanted(self._issuer(request), query, pairs_in(query))

    def _back(self, request: Asked, wanted: Wanted, **told: str) -> Redirect:
        """To the platform, which learns who answers (RFC 9207)."""
        told |= {"state": wanted.state} if wanted.state else {}
        told["iss"] = self._issuer(request)
        joined = "&" if "?" in wanted.redirect else "?"
        headers = HEADERS | {"Referrer-Policy": "no-referrer"}
        address = f"{wanted.redirect}{joined}{urlencode(told)}"
        return Redirect(address, status_code=303, headers=headers)

    def _sign_in_page(self, request: Asked, wanted: Wanted, problem: str) -> Response[Any]:
        return page(
            request,
            "link_sign_in.html",
            wanted=wanted,
            problem=problem,
            asks_code=_named(request, CHALLENGE_COOKIE) is not None,
            business=self._business(),
        )

    def _customer(self, request: Asked) -> Actor | None:
        try:
            return actor_for_customer(
                self._hub,
                request.cookies.get(CUSTOMER_COOKIE, ""),
                language=face(request).language,
                origin=address_of(request),
            )
        except CustomerSessionEnded:
            return None

    def _issuer(self, request: Asked) -> str:
        """Raises DoorClosed where the shop has no address that platforms come to."""
        host = request.headers.get("host", "")
        return self._hub.read(lambda tx: issuer_at(tx, host), operation="web.linking")

    def _keep(
        self, request: Asked, on: Redirect, name: str, value: str, seconds: int = SESSION_SECONDS
    ) -> None:
        """A cookie that only these pages get; behind a proxy the shop's address knows of https."""
        on.set_cookie(
            name,
            value,
            path=PATH,
            max_age=seconds,
            httponly=True,
            secure=self._issuer(request).startswith("https:"),
            samesite="lax",
        )

    def _business(self) -> str:
        with self._hub.reading(operation="web.linking") as tx:
            return business(tx).name


def _allowed(wanted: Wanted) -> list[str]:
    """What she is asked to allow; who may buy fills her cart anyway."""
    scopes = [one for one in wanted.scopes if one != FILLS or BUYS not in wanted.scopes]
    return [ALLOWS[one] for one in scopes]


def _pairs(form: FormMultiDict) -> Pairs:
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]


def _proof(request: Asked) -> dict[str, str]:
    """The header that a platform proves itself by, if it does."""
    shown = request.headers.get("authorization")
    return {} if shown is None else {"Authorization": shown}


def _answer(issuer: str, told: "Told") -> Response[Any]:
    """An answer as RFC 6749, sections 5.1 and 5.2, has it."""
    headers = {"Cache-Control": "no-store"}
    if told.status == 401:
        headers["WWW-Authenticate"] = f'Basic realm="{issuer}"'
    return Response(told.body, status_code=told.status, headers=headers)


def _public(told: dict[str, Any]) -> Response[Any]:
    return Response(told, headers={"Cache-Control": f"public, max-age={METADATA_SECONDS}"})


def _on(query: str) -> Redirect:
    """Back to the question; it is ours, whatever the query says."""
    return Redirect(f"{PATH}/authorize?{query}", status_code=303, headers=HEADERS)


def _guest_token(request: Asked) -> str:
    shown = request.cookies.get(GUEST_COOKIE, "")
    return shown if is_token("guest", shown) else new_token("guest")


def _guest(request: Asked, token: str) -> Actor:
    return guest_actor(guest_id(token), face(request).language, origin=address_of(request))


def _named(request: Asked, cookie: str) -> UUID | None:
    """The thing that a cookie names."""
    try:
        return UUID(request.cookies.get(cookie, ""))
    except ValueError:
        return None
