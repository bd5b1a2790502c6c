"""A market with a platform that shops in it over HTTP, in this process."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from litestar.testing import TestClient

from charsu.channels.ucp.trial import SECRET, SWITCH
from charsu.kernel import Hub
from charsu.web.app import create_app
from tests.conformance.market import Market, open_market
from tests.conformance.platform import AGENT, introduce, profile
from tests.databases import Begun, begun, copied, in_database

PAID = {
    "payment": {
        "instruments": [
            {
                "id": "one",
                "handler_id": "mock_payment_handler",
                "type": "card",
                "credential": {"type": "token", "token": "success_token"},
            }
        ]
    }
}
HOME = {
    "id": "home",
    "first_name": "Ana",
    "last_name": "Test",
    "street_address": "1 Main St",
    "address_locality": "Springfield",
    "postal_code": "62701",
    "address_country": "US",
}
BUYER = {"first_name": "Ana", "last_name": "Test", "email": "ana@example.org"}


@dataclass
class Platform:
    """Somebody who shops for others, and speaks the protocol."""

    market: Market
    client: TestClient[Any]
    url: str = AGENT
    headers: dict[str, str] = field(default_factory=dict)
    version: str = "2026-04-08"

    def asks(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send a request below the endpoint."""
        sent = {"ucp-agent": f'profile="{self.url}"', "idempotency-key": str(uuid4())}
        return self.client.request(
            method, f"/ucp/{self.version}{path}", json=body, headers=sent | self.headers | headers
        )

    def wants(self, *skus: str, kind: str = "checkout-sessions", **more: Any) -> dict[str, Any]:
        """Open a cart or a checkout."""
        answer = self.asks("POST", f"/{kind}", self.body(*skus, **more))
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def body(self, *skus: str, **more: Any) -> dict[str, Any]:
        lines = [{"item": {"id": self.market.item(sku)}, "quantity": 1} for sku in skus]
        return {"line_items": lines, **more}

    def ships(self, option: str = "std") -> dict[str, Any]:
        method = {
            "type": "shipping",
            "destinations": [HOME],
            "selected_destination_id": "home",
            "groups": [{"selected_option_id": option}],
        }
        return {"methods": [method]}


@pytest.fixture
def in_test_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "1")
    monkeypatch.setenv(SECRET, "a secret of the tests")


@pytest.fixture(scope="session")
def opened_market(server: str, template: str) -> Iterator[Begun[Market]]:
    with begun(server, template, partial(open_market, address="https://shop.example")) as one:
        yield one


@pytest.fixture
def database(server: str, opened_market: Begun[Market]) -> Iterator[str]:
    with copied(server, opened_market.name) as name:
        yield in_database(server, name)


@pytest.fixture
def market(hub: Hub, opened_market: Begun[Market]) -> Market:
    return replace(opened_market.state, hub=hub)


@pytest.fixture
def opened(market: Market) -> Iterator[Callable[[], Platform]]:
    """Opens the door as it is at that moment; a platform that is known stands before it."""
    clients: list[TestClient[Any]] = []

    def platform() -> Platform:
        introduce(market.hub, AGENT, profile())
        client = TestClient(create_app(market.hub), base_url="https://shop.example")
        clients.append(client)
        return Platform(market, client.__enter__())

    yield platform
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def platform(in_test_mode: None, opened: Callable[[], Platform]) -> Platform:
    """A platform before a door in test mode."""
    return opened()
