"""Linking for suites: platforms that are registered, and a customer who agrees wherever asked.

A suite has no browser. So somebody sits before the application who goes through the real pages for
it: she signs in by the code that was sent to her, agrees, and is sent back with what the suite
waits for.
"""

import asyncio
import base64
import hashlib
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID

import httpx
import msgspec
from litestar import Litestar

from charsu.identity import (
    AgreeLink,
    GiveTokenBack,
    Message,
    RegisterPlatform,
    TakeTokens,
    agree_link,
    give_token_back,
    register_platform,
    take_tokens,
)
from charsu.kernel import SYSTEM, Hub
from charsu.kernel.access import customer_actor, digest_of, new_token
from tests.conformance.market import Market
from tests.conformance.platform import AGENT
from tests.identity.driver import code_in

BACK, LOOPBACK = "https://agent.example/back", "http://127.0.0.1/back"
SECRET = "a secret of the suite"
ORDERS, CHECKOUT = "dev.ucp.shopping.order:read", "dev.ucp.shopping.checkout:manage"
EMAIL = "mila@example.org"
AUTHORIZE, MINT = "/oauth2/authorize", "/testing/oauth/mint"
MAIL_SECONDS_MAX = 10
HERS = b"suite-customer"  # marks what she asks herself


class Customer:
    """Around the application: answers for the page that asks whether she agrees.

    It also gives suites tokens that are good for nothing, which nobody could get otherwise.
    """

    def __init__(self, app: Litestar, hub: Hub, outbox: Path) -> None:
        self._app = app
        self._hub = hub
        self._inner = app.asgi_handler
        self._outbox = outbox
        self._client: httpx.AsyncClient | None = None
        self._turn = asyncio.Lock()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        if path == MINT:
            asked = msgspec.json.decode((await receive())["body"])
            token = await asyncio.to_thread(minted, self._hub, asked["kind"])
            answer = httpx.Response(200, json={"access_token": token})
        elif path == AUTHORIZE and (HERS, b"yes") not in scope["headers"]:
            async with self._turn:
                answer = await self._decide(scope)
        else:
            await self._inner(scope, receive, send)
            return
        headers = [(name, value) for name, value in answer.headers.raw if name != b"date"]
        await send(
            {"type": "http.response.start", "status": answer.status_code, "headers": headers}
        )
        await send({"type": "http.response.body", "body": answer.content})

    async def _decide(self, scope: Any) -> httpx.Response:
        query = scope["query_string"].decode()
        client = self._client or self._at(dict(scope["headers"])[b"host"].decode())
        self._client = client
        shown = await client.get(f"{AUTHORIZE}?{query}")
        if 'name="email"' in shown.text:
            shown = await self._sign_in(client, query, shown)
        if shown.status_code != 200:
            return shown
        return await _sends(client, "consent", shown, decision="agree")

    def _at(self, host: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self._app),
            base_url=f"http://{host}",
            headers={HERS: b"yes"},
        )

    async def _sign_in(
        self, client: httpx.AsyncClient, query: str, shown: httpx.Response
    ) -> httpx.Response:
        await _sends(client, "sign-in", shown, email=EMAIL)
        code = await self._code()
        await _sends(client, "code", await client.get(f"{AUTHORIZE}?{query}"), code=code)
        return await client.get(f"{AUTHORIZE}?{query}")

    async def _code(self) -> str:
        """What a worker has sent to her."""
        async with asyncio.timeout(MAIL_SECONDS_MAX):
            while not (letters := sorted(self._outbox.glob("*.json"))):
                await asyncio.sleep(0.05)
        message = msgspec.json.decode(letters[-1].read_bytes(), type=Message)
        return code_in(message)


async def _sends(
    client: httpx.AsyncClient, path: str, shown: httpx.Response, **fields: str
) -> httpx.Response:
    hidden = re.findall(r'type="hidden" name="(_csrf_token|query)" value="([^"]*)"', shown.text)
    data = {name: value.replace("&amp;", "&") for name, value in hidden} | fields
    return await client.post(f"/oauth2/{path}", data=data)


def minted(hub: Hub, kind: str) -> str:
    """An access token of hers that has run out, was given back, or is another platform's."""
    platform = UUID(
        registered(hub, profile="https://other.example" if "foreign" in kind else AGENT)
    )
    secret, verifier = new_token("customer"), "v" * 43
    digest = digest_of(secret).hex()
    with hub.reading() as tx:
        her = tx.value(
            "SELECT customer_id FROM customers.identifiers WHERE value_key = %(key)s", key=EMAIL
        )
    agreed = AgreeLink(
        linked_platform_id=platform,
        redirect=BACK,
        scopes=(CHECKOUT, ORDERS),
        code_challenge=challenge_of(verifier),
        code_digest=digest,
    )
    hub.run(agree_link, agreed, actor=customer_actor(her))
    take = TakeTokens(
        linked_platform_id=platform,
        code_digest=digest,
        redirect=BACK,
        verifier=verifier,
        access_digest=digest,
        refresh_digest=digest_of(f"refresh {secret}").hex(),
    )
    assert hub.run(take_tokens, take, actor=SYSTEM).outcome == "given"
    if kind == "revoked":
        back = GiveTokenBack(linked_platform_id=platform, token_digest=digest)
        hub.run(give_token_back, back, actor=SYSTEM)
    if kind == "expired":
        with hub.writing("test.expire") as tx:
            tx.run(
                "UPDATE identity.link_tokens SET expires_at = %(now)s WHERE digest = %(digest)s",
                now=tx.now,
                digest=digest_of(secret),
            )
    return secret


def challenge_of(verifier: str) -> str:
    """PKCE, S256."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def registered(hub: Hub, *, secret: str | None = None, profile: str = AGENT) -> str:
    """The ``client_id`` of a platform of the suite, with a secret or without."""
    ask = RegisterPlatform(
        name="Suite",
        profile_url=profile,
        redirects=(BACK, LOOPBACK),
        secret_digest=secret and digest_of(secret).hex(),
    )
    return str(hub.run(register_platform, ask, actor=SYSTEM).linked_platform_id)


def token_at(address: str, client_id: str) -> str:
    """A token of hers for everything, as a platform without a secret gets it."""
    verifier = "v" * 43
    question = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": BACK,
        "scope": f"{ORDERS} {CHECKOUT}",
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
    }
    asked = httpx.get(f"{address}{AUTHORIZE}?{urlencode(question)}", timeout=30)
    code = parse_qs(urlsplit(asked.headers["location"]).query)["code"][0]
    said = {
        "grant_type": "authorization_code",
        "client_id": client_id,
        "code": code,
        "redirect_uri": BACK,
        "code_verifier": verifier,
    }
    return str(httpx.post(f"{address}/oauth2/token", data=said).json()["access_token"])


def order_of_hers(market: Market, address: str, token: str, payment: dict[str, Any]) -> str:
    """An order that the platform made for her; what it is called at the door."""
    agent = {"ucp-agent": f'profile="{AGENT}"', "authorization": f"Bearer {token}"}
    home = {
        "id": "home",
        "street_address": "1 Main St",
        "address_locality": "Springfield",
        "postal_code": "62701",
        "address_country": "US",
    }
    way = {"type": "shipping", "destinations": [home], "selected_destination_id": "home"}
    body = {
        "line_items": [{"item": {"id": market.item("mug")}, "quantity": 1}],
        "buyer": {"first_name": "Mila", "last_name": "Test", "email": EMAIL},
        "fulfillment": {"methods": [way | {"groups": [{"selected_option_id": "std"}]}]},
    }
    path = f"{address}/ucp/2026-04-08/checkout-sessions"
    with httpx.Client(headers=agent) as client:
        name = client.post(path, json=body).json()["id"]
        done = client.post(f"{path}/{name}/complete", json=payment).json()
    return str(done["order"]["id"])
