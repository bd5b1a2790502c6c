"""Two devices and one cart; a guest's purchase joins on sign-in. Through the public door only."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from litestar.testing import TestClient

from charsu.identity import Message
from charsu.kernel import SYSTEM, Hub
from charsu.kernel.access import digest_of, new_token
from charsu.orders import CancelOrder, cancel_order
from charsu.web.app import create_app
from tests.identity.driver import code_in, work
from tests.shop import Shop
from tests.shopping.driver import open_market, problems_of_all

ANA = "ana@example.com"
HOME = {"name": "Ana", "email": ANA, "street": "Nova 1", "town": "Beograd"}


class Device:
    """A browser or app: what it sends is JSON over HTTP, what it knows is in two tokens."""

    def __init__(self, client: TestClient[Any], shop: Shop, outbox: Path) -> None:
        self.client, self.shop, self.outbox = client, shop, outbox
        self.headers = {"x-charsu-guest": new_token("guest")}

    def asks(self, method: str, path: str, body: Any = None, status: int | None = None) -> Any:
        answer = self.client.request(method, path, json=body, headers=self.headers)
        if status is None:
            assert answer.is_success, answer.text
        else:
            assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    def cart(self) -> str:
        channel = str(self.shop.channel())
        return str(self.asks("POST", "/v1/carts", {"channel_id": channel})["cart_id"])

    def wants(self, **pieces: int) -> None:
        for sku, quantity in pieces.items():
            variant = self.shop.variants[sku]
            self.asks("PUT", f"/v1/carts/{self.cart()}/lines/{variant}", {"quantity": quantity})

    def sees(self) -> dict[str, int]:
        lines = self.asks("GET", f"/v1/carts/{self.cart()}")["lines"]
        return {line["sku"]: line["quantity"] for line in lines}

    def buys(self) -> str:
        cart = self.cart()
        delivery = {"kind": "ship", "country": "RS", "delivery_method": "post", "recipient": HOME}
        self.asks("PUT", f"/v1/carts/{cart}/delivery", delivery)
        total = self.asks("GET", f"/v1/carts/{cart}")["totals"]["total_minor"]
        body = {"expected_total_minor": total}
        return str(self.asks("POST", f"/v1/carts/{cart}/order", body)["order_id"])

    def signs_in(self, email: str = ANA) -> dict[str, Any]:
        begun = self.asks("POST", "/v1/sign-ins", {"email": email})
        work(self.shop.hub)
        file = self.outbox / f"{begun['challenge_id']}.json"
        code = code_in(msgspec.json.decode(file.read_bytes(), type=Message))
        token = new_token("customer")
        shown = {"code": code, "token_digest": digest_of(token).hex(), "device": "her phone"}
        came = self.asks("POST", f"/v1/sign-ins/{begun['challenge_id']}/code", shown)
        assert came["outcome"] == "signed_in"
        self.headers = {"authorization": f"Bearer {token}"}
        return dict(came)

    def timeline(self) -> list[tuple[str, str | None]]:
        items = self.asks("GET", "/v1/me/timeline")["items"]
        return [(one["kind"], one["order_id"]) for one in items]


@pytest.fixture
def device(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Device]]:
    monkeypatch.setenv("CHARSU_OUTBOX", str(tmp_path))
    shop = open_market(hub)
    with TestClient(create_app(hub), raise_server_exceptions=False) as client:
        yield lambda: Device(client, shop, tmp_path)


def test_two_devices_have_one_cart_and_a_guests_purchase_joins(
    device: Callable[[], Device], hub: Hub
) -> None:
    phone, desktop = device(), device()
    phone.wants(cup=1)
    guests_order = phone.buys()
    phone.wants(mug=2)
    desktop.wants(mug=1, cup=3)

    first = phone.signs_in()
    assert (first["is_new_customer"], first["carts_joined"]) == (True, 1)
    assert phone.sees() == {"mug": 2}

    second = desktop.signs_in(ANA.upper())
    assert second["customer_id"] == first["customer_id"]
    assert desktop.sees() == phone.sees() == {"mug": 3, "cup": 3}

    desktop.wants(mug=4)
    assert phone.sees() == {"mug": 4, "cup": 3}
    order = phone.buys()
    assert desktop.sees() == {}

    work(hub)
    seen = phone.timeline()
    assert [one for one in seen if one[0] == "purchase"] == [
        ("purchase", order),
        ("purchase", guests_order),
    ]
    assert [kind for kind, _ in seen].count("sign_in") == 2
    assert desktop.timeline() == seen
    assert problems_of_all(phone.shop) == []


def test_a_stranger_sees_none_of_it(device: Callable[[], Device], hub: Hub) -> None:
    ana, stranger = device(), device()
    ana.wants(cup=1)
    ana.buys()
    ana.wants(mug=1)
    came = ana.signs_in()
    cart = ana.cart()

    stranger.asks("GET", "/v1/me/timeline", status=401)
    stranger.asks("GET", f"/v1/carts/{cart}", status=404)
    stranger.signs_in("mila@example.com")
    work(hub)
    assert [kind for kind, _ in stranger.timeline()] == ["sign_in"]
    stranger.asks("GET", f"/v1/carts/{cart}", status=404)
    stranger.asks("GET", f"/v1/customers/{came['customer_id']}/timeline", status=403)
    stranger.asks("GET", f"/v1/customers/{came['customer_id']}", status=403)
    stranger.asks("GET", "/v1/orders", status=403)
    stranger.asks("GET", f"/v1/consents?customer_id={came['customer_id']}", status=404)
    stranger.asks("DELETE", f"/v1/me/sessions/{came['session_id']}", status=404)
    assert ana.sees() == {"mug": 1}


def test_signed_out_is_out(device: Callable[[], Device]) -> None:
    ana = device()
    session = ana.signs_in()["session_id"]
    ana.asks("GET", "/v1/me/sessions")
    ana.asks("DELETE", f"/v1/me/sessions/{session}")
    ana.asks("GET", "/v1/me/timeline", status=401)
    ana.asks("GET", "/v1/me/sessions", status=401)


def test_she_takes_her_data_along_and_erases_herself(
    device: Callable[[], Device], hub: Hub
) -> None:
    ana = device()
    ana.wants(cup=1)
    order = ana.buys()
    ana.signs_in()
    work(hub)

    told = ana.asks("GET", "/v1/me/data")
    assert [one["id"] for one in told["orders"]] == [order]
    assert [one["recipient"]["street"] for one in told["recipients"]] == ["Nova 1"]

    begun = ana.asks("POST", "/v1/me/erasure-codes", {})
    work(hub)
    file = ana.outbox / f"{begun['challenge_id']}.json"
    code = code_in(msgspec.json.decode(file.read_bytes(), type=Message))
    shown = {"challenge_id": begun["challenge_id"], "code": code}
    refused = ana.asks("POST", "/v1/me/erasure", shown, status=409)
    assert (refused["code"], refused["data"]["kind"]) == ("still_needed", "order_under_way")
    assert refused["data"]["order_numbers"] == [told["orders"][0]["number"]]

    ask = CancelOrder(order_id=UUID(order), reason="customer")
    hub.run(cancel_order, ask, actor=SYSTEM)
    assert ana.asks("POST", "/v1/me/erasure", shown)["outcome"] == "erased"
    ana.asks("GET", "/v1/me/data", status=401)
    back = device()
    assert back.signs_in()["is_new_customer"] is True
    work(hub)
    assert [kind for kind, _ in back.timeline()] == ["sign_in"]
    assert problems_of_all(ana.shop) == []
