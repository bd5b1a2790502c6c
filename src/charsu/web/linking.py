"""How a platform is let act for a customer: our authorization server (OAuth 2.1).

Sources: UCP 2026-04-08, Identity Linking; RFC 6749 and 6750; RFC 7009 (giving tokens back);
RFC 7636 (PKCE); RFC 8414 (where everything is); RFC 9207 (who answers); RFC 9700 (security);
RFC 9728 (what the tokens are for).

What the platform asks stays in the query of the page's address; each form brings it along, and it
is checked anew each time.
"""

import asyncio
import secrets
from base64 import b64decode
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.datastructures import FormMultiDict
from litestar.response import Redirect
from msgspec import Struct

from charsu.channels.ucp import RESOURCE_METADATA, issuer_at
from charsu.identity import (
    SCOPES,
    AgreeLink,
    AskedPlatform,
    BeginSignIn,
    CustomerSessionEnded,
    FinishSignIn,
    GiveTokenBack,
    RenewTokens,
    TakeTokens,
    TokensTaken,
    actor_for_customer,
    agree_link,
    asked_platform,
    begin_sign_in,
    finish_sign_in,
    give_token_back,
    is_challenge,
    is_registered,
    renew_tokens,
    take_tokens,
)
from charsu.insights import business
from charsu.kernel import SYSTEM, Actor, Hub, HubError, Limited, NotFound
from charsu.kernel.access import digest_of, guest_actor, guest_id, is_token, new_token
from charsu.language import mark_sentence as _
from charsu.language import translate
from charsu.web.api import address_of
from charsu.web.look import CONTENT_SECURITY_POLICY, HEADERS, face, page
from charsu.web.sign_in import said, text_of

CUSTOMER_COOKIE, GUEST_COOKIE, CHALLENGE_COOKIE = "link_customer", "link_guest", "link_challenge"
PATH = "/oauth2"
SESSION_SECONDS = 3600
QUERY_LETTERS_MAX = 4000
METADATA_SECONDS = 300

ALLOWS = {
    "dev.ucp.shopping.checkout:manage": _("fill your cart and buy in your name"),
    "dev.ucp.shopping.order:read": _("see your orders that it placed"),
}
"""What each scope means to the one who is asked."""

WRONG_CODE = _("This is not the code, or it is no longer good.")

Asked = Request[Any, Any, Any]


class Wanted(Struct, frozen=True, kw_only=True):
    """What a platform asks, as it stands in the address; checked as far as its way back."""

    query: str
    platform: AskedPlatform
    redirect: str
    scopes: tuple[str, ...]
    challenge: str
    state: str
    problem: str = ""


def linking_router(hub: Hub) -> Router:
    """``/oauth2/…``, and where a platform learns of it."""
    desk = _Desk(hub)

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


class _Desk:
    """What the pages and endpoints do, in a thread each."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def about(self, request: Asked) -> Response[Any]:
        """The metadata of RFC 8414."""
        issuer = self._issuer(request)
        methods = ["client_secret_basic", "client_secret_post", "none"]
        told = {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}{PATH}/authorize",
            "token_endpoint": f"{issuer}{PATH}/token",
            "revocation_endpoint": f"{issuer}{PATH}/revoke",
            "scopes_supported": list(SCOPES),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": methods,
            "revocation_endpoint_auth_methods_supported": methods,
            "authorization_response_iss_parameter_supported": True,
        }
        caching = {"Cache-Control": f"public, max-age={METADATA_SECONDS}"}
        return Response(told, headers=caching)

    def door(self, request: Asked) -> Response[Any]:
        """The metadata of RFC 9728: what a token of this server opens."""
        issuer = self._issuer(request)
        told = {
            "resource": issuer,
            "resource_name": self._business(),
            "authorization_servers": [issuer],
            "scopes_supported": list(SCOPES),
            "bearer_methods_supported": ["header"],
        }
        return Response(told, headers={"Cache-Control": f"public, max-age={METADATA_SECONDS}"})

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
            allows=[ALLOWS[one] for one in wanted.scopes],
            business=self._business(),
            host=urlsplit(wanted.redirect).netloc,
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
            shown = self.ask(request, query, problem=said(request, refused))
            shown.status_code = 429 if isinstance(refused, Limited) else 422
            return shown
        on = _on(query)
        _keep(request, on, GUEST_COOKIE, token)
        _keep(request, on, CHALLENGE_COOKIE, str(begun.challenge_id))
        return on

    def come_in(self, request: Asked, form: FormMultiDict) -> Response[Any]:
        """Take the code; who has it is known on this page for an hour."""
        query, token = text_of(form, "query"), new_token("customer")
        on = _on(query)
        if "another" in form or (challenge := _challenge(request)) is None:
            on.delete_cookie(CHALLENGE_COOKIE, path=PATH)
            return on
        ask = FinishSignIn(
            challenge_id=challenge,
            code=text_of(form, "code")[:20],
            token_digest=digest_of(token).hex(),
        )
        done = self._hub.run(finish_sign_in, ask, actor=_guest(request, _guest_token(request)))
        if done.outcome != "signed_in":
            problem = translate(face(request).language)(WRONG_CODE)
            shown = self.ask(request, query, problem=problem)
            shown.status_code = 422
            return shown
        on.delete_cookie(CHALLENGE_COOKIE, path=PATH)
        _keep(request, on, CUSTOMER_COOKIE, token)
        return on

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
        code = secrets.token_urlsafe(32)
        ask = AgreeLink(
            linked_platform_id=wanted.platform.id,
            redirect=wanted.redirect,
            scopes=wanted.scopes,
            code_challenge=wanted.challenge,
            code_digest=digest_of(code).hex(),
        )
        self._hub.run(agree_link, ask, actor=who)
        return self._back(request, wanted, code=code)

    def token(self, request: Asked, form: FormMultiDict) -> Response[Any]:
        """Tokens for a code or for a refresh token."""
        client = _client(request, form)
        if client is None:
            return _failed("invalid_client")
        access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        made: dict[str, Any] = {
            "access_digest": digest_of(access).hex(),
            "refresh_digest": digest_of(refresh).hex(),
        }
        kind = text_of(form, "grant_type")
        if kind == "authorization_code":
            take = TakeTokens(
                code_digest=digest_of(text_of(form, "code")).hex(),
                redirect=text_of(form, "redirect_uri")[:500],
                verifier=text_of(form, "code_verifier")[:128],
                **made,
                **client,
            )
            done = self._hub.run(take_tokens, take, actor=SYSTEM)
        elif kind == "refresh_token":
            renew = RenewTokens(
                token_digest=digest_of(text_of(form, "refresh_token")).hex(),
                scopes=tuple(text_of(form, "scope")[:1000].split()[:20]),
                **made,
                **client,
            )
            done = self._hub.run(renew_tokens, renew, actor=SYSTEM)
        else:
            return _failed("unsupported_grant_type" if kind else "invalid_request")
        return _answered(done, access, refresh)

    def revoke(self, request: Asked, form: FormMultiDict) -> Response[Any]:
        """End a token; the answer does not tell whether there was one."""
        client = _client(request, form)
        if client is None:
            return _failed("invalid_client")
        if not (token := text_of(form, "token")):
            return _failed("invalid_request")
        ask = GiveTokenBack(token_digest=digest_of(token).hex(), **client)
        done = self._hub.run(give_token_back, ask, actor=SYSTEM)
        if done.outcome == "client_refused":
            return _failed("invalid_client")
        return Response({}, headers={"Cache-Control": "no-store"})

    def _wanted(self, request: Asked, query: str) -> Wanted:
        """What is asked. Raises NotFound where it is not known whom to send back to."""
        self._issuer(request)
        pairs = parse_qsl(query[:QUERY_LETTERS_MAX], keep_blank_values=True, max_num_fields=30)
        said = dict(pairs)
        platform = self._platform(said.get("client_id", ""))
        redirect = said.get("redirect_uri", "")
        if platform is None or not is_registered(redirect, platform.redirects):
            raise NotFound("linked_platform", said.get("client_id", "")[:64])
        return Wanted(
            query=query,
            platform=platform,
            redirect=redirect,
            scopes=tuple(sorted(set(said.get("scope", "").split()))),
            challenge=said.get("code_challenge", ""),
            state=said.get("state", ""),
            problem=_problem(said, is_twice=len(said) != len(pairs)),
        )

    def _platform(self, name: str) -> AskedPlatform | None:
        try:
            found = UUID(name)
        except ValueError:
            return None
        with self._hub.reading(operation="web.linking") as tx:
            return asked_platform(tx, found)

    def _back(self, request: Asked, wanted: Wanted, **told: str) -> Redirect:
        """To the platform, which learns who answers (RFC 9207)."""
        told |= {"state": wanted.state} if wanted.state else {}
        told["iss"] = self._issuer(request)
        joined = "&" if urlsplit(wanted.redirect).query else "?"
        headers = HEADERS | {"Referrer-Policy": "no-referrer"}
        address = f"{wanted.redirect}{joined}{urlencode(told)}"
        return Redirect(address, status_code=303, headers=headers)

    def _sign_in_page(self, request: Asked, wanted: Wanted, problem: str) -> Response[Any]:
        return page(
            request,
            "link_sign_in.html",
            wanted=wanted,
            problem=problem,
            asks_code=_challenge(request) is not None,
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

    def _business(self) -> str:
        with self._hub.reading(operation="web.linking") as tx:
            return business(tx).name


def _problem(said: dict[str, str], *, is_twice: bool) -> str:
    """What is wrong with a question, in the words of RFC 6749; empty where nothing is."""
    if is_twice:
        return "invalid_request"
    if said.get("response_type") != "code":
        return "unsupported_response_type"
    method = said.get("code_challenge_method")
    if method != "S256" or not is_challenge(said.get("code_challenge", "")):
        return "invalid_request"
    scopes = said.get("scope", "").split()
    return "" if scopes and set(scopes) <= set(SCOPES) else "invalid_scope"


def _client(request: Asked, form: FormMultiDict) -> dict[str, Any] | None:
    """Who asks, and the digest of what she shows; None for two ways at once or none."""
    name, secret = text_of(form, "client_id"), text_of(form, "client_secret")
    header = request.headers.get("authorization")
    if header is not None:
        try:
            pair = b64decode(header.removeprefix("Basic "), validate=True).decode()
        except ValueError:
            return None
        shown, _colon, in_header = (unquote_plus(part) for part in pair.partition(":"))
        if secret or name not in {"", shown} or not in_header:
            return None
        name, secret = shown, in_header
    try:
        found = UUID(name)
    except ValueError:
        return None
    digest = digest_of(secret).hex() if secret else None
    return {"linked_platform_id": found, "secret_digest": digest}


_ERRORS = {
    "client_refused": "invalid_client",
    "grant_refused": "invalid_grant",
    "scope_refused": "invalid_scope",
}


def _answered(done: TokensTaken, access: str, refresh: str) -> Response[Any]:
    if done.outcome != "given":
        return _failed(_ERRORS[done.outcome])
    told = {
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": done.expires_in_seconds,
        "refresh_token": refresh,
        "scope": " ".join(done.scopes),
    }
    return Response(told, headers={"Cache-Control": "no-store"})


def _failed(error: str) -> Response[Any]:
    """A refusal as RFC 6749, section 5.2, has it."""
    headers = {"Cache-Control": "no-store"}
    if error == "invalid_client":
        headers["WWW-Authenticate"] = 'Basic realm="charsu"'
    status = 401 if error == "invalid_client" else 400
    return Response({"error": error}, status_code=status, headers=headers)


def _on(query: str) -> Redirect:
    """Back to the question; it is ours, whatever the query says."""
    return Redirect(f"{PATH}/authorize?{query}", status_code=303, headers=HEADERS)


def _keep(request: Asked, on: Redirect, name: str, value: str) -> None:
    on.set_cookie(
        name,
        value,
        path=PATH,
        max_age=SESSION_SECONDS,
        httponly=True,
        secure=request.url.scheme == "https",
        samesite="lax",
    )


def _guest_token(request: Asked) -> str:
    shown = request.cookies.get(GUEST_COOKIE, "")
    return shown if is_token("guest", shown) else new_token("guest")


def _guest(request: Asked, token: str) -> Actor:
    return guest_actor(guest_id(token), face(request).language, origin=address_of(request))


def _challenge(request: Asked) -> UUID | None:
    try:
        return UUID(request.cookies.get(CHALLENGE_COOKIE, ""))
    except ValueError:
        return None
