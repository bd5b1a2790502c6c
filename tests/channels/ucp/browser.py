"""A customer's browser, and the platform that sends her to our page."""

import base64
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec
from litestar.testing import TestClient

from charsu.identity import Message
from tests.conformance.market import Market
from tests.identity.driver import code_in, work

from .shopper import Platform

BACK, SECRET, VERIFIER = "https://agent.example/back", "a secret of chance", "v" * 43
ISSUER = "https://shop.example"
CART = "dev.ucp.shopping.cart:manage"
ORDERS, CHECKOUT = "dev.ucp.shopping.order:read", "dev.ucp.shopping.checkout:manage"
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
)


@dataclass
class Browser:
    """A customer's browser, and the platform that sent her."""

    market: Market
    client: TestClient[Any]
    outbox: Path
    name: str

    def question(self, **more: str | None) -> str:
        said: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.name,
            "redirect_uri": BACK,
            "scope": f"{ORDERS} {CHECKOUT}",
            "state": "xyz",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        return urlencode({key: value for key, value in (said | more).items() if value is not None})

    def opens(self, query: str, **headers: str) -> Any:
        return self.client.get(
            f"/oauth2/authorize?{query}", headers=headers, follow_redirects=False
        )

    def sends(self, path: str, shown: Any, **fields: str) -> Any:
        """Send a form of a page that is shown, with what is hidden in it."""
        hidden = re.findall(r'type="hidden" name="(_csrf_token|query)" value="([^"]*)"', shown.text)
        data = {name: value.replace("&amp;", "&") for name, value in hidden} | fields
        return self.client.post(f"/oauth2/{path}", data=data, follow_redirects=False)

    def signs_in(self, query: str, email: str = "ana@example.org") -> Any:
        """Until she is asked whether she agrees."""
        self.sends("sign-in", self.opens(query), email=email)
        work(self.market.hub)
        (letter,) = self.outbox.glob("*.json")
        message = msgspec.json.decode(letter.read_bytes(), type=Message)
        self.sends("code", self.opens(query), code=code_in(message))
        return self.opens(query)

    def agrees(self, **more: str | None) -> dict[str, str]:
        """What the platform is told in the end."""
        asked = self.signs_in(self.question(**more))
        return told(self.sends("consent", asked, decision="agree"))

    def fetches(self, **fields: str) -> Any:
        said = {"client_id": self.name, "client_secret": SECRET}
        return self.client.post("/oauth2/token", data=said | fields)

    def told_code(self, asked: Any) -> str:
        """She agrees on the page that is shown."""
        return told(self.sends("consent", asked, decision="agree"))["code"]

    def links(self) -> dict[str, Any]:
        return self.takes(self.agrees()["code"])

    def takes(self, code: str) -> dict[str, Any]:
        answer = self.fetches(
            grant_type="authorization_code", code=code, redirect_uri=BACK, code_verifier=VERIFIER
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def told(answer: Any) -> dict[str, str]:
    assert answer.status_code == 303, answer.text
    location = answer.headers["location"]
    assert location.startswith(f"{BACK}?"), location
    return {key: value[0] for key, value in parse_qs(urlsplit(location).query).items()}


def shops(browser: Browser, token: str | None) -> Platform:
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    return Platform(browser.market, browser.client, headers=headers)
