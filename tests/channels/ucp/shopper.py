"""A platform that shops over HTTP, in this process."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from litestar.testing import TestClient

from tests.conformance.market import Market
from tests.conformance.platform import AGENT

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
