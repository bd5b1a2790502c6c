"""Agents among the customers: they find, compare and buy, and share a cart with their people."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from litestar.testing import TestClient

from charsu.assembly import checks
from charsu.channels.mcp import WITH_HANDSHAKE
from charsu.channels.ucp.trial import SECRET, SWITCH
from charsu.kernel import Hub
from charsu.kernel.access import new_token
from charsu.kernel.check import run_checks
from charsu.web.app import create_app
from tests.conformance.market import Market, open_market
from tests.conformance.platform import AGENT, introduce, profile
from tests.docs.test_examples import key_for

BUYER = {"first_name": "Ana", "last_name": "Test", "email": "ana@example.org"}
CARD = {
    "id": "card",
    "handler_id": "mock_payment_handler",
    "type": "card",
    "credential": {"type": "token", "token": "success_token"},
}


@pytest.fixture
def market(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Market:
    monkeypatch.setenv(SWITCH, "1")
    monkeypatch.setenv(SECRET, "a secret of the tests")
    market = open_market(hub, address="https://shop.example")
    introduce(hub, AGENT, profile())
    return market


@pytest.fixture
def door(market: Market) -> Iterator[TestClient[Any]]:
    with TestClient(create_app(market.hub), base_url="https://shop.example") as client:
        yield client


def tool(door: TestClient[Any], name: str, **arguments: Any) -> dict[str, Any]:
    """What an agent is told by the shopping door."""
    meta = {"ucp-agent": {"profile": AGENT}, "idempotency-key": str(uuid4())}
    params = {"name": name, "arguments": {"meta": meta, **arguments}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    answer = door.post("/ucp/2026-04-08/mcp", json=message)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["result"]["structuredContent"])


def check(market: Market) -> list[str]:
    """What is wrong in the shop."""
    with market.hub.pool.connection() as connection:
        verdicts = run_checks(connection, checks())
    return [verdict.name for verdict in verdicts if not verdict.is_clean]


def test_an_agent_finds_compares_and_buys_for_pick_up(
    market: Market, door: TestClient[Any]
) -> None:
    """The store makes it ready and hands it over; the agent sees each step."""
    found = tool(door, "search_catalog", catalog={"query": "lamp"})
    ids = [one["variants"][0]["id"] for one in found["products"]][:5]
    compared = tool(door, "lookup_catalog", catalog={"ids": ids})["products"]
    cheapest = min(compared, key=lambda one: one["variants"][0]["price"]["amount"])
    lines = {"line_items": [{"item": {"id": cheapest["variants"][0]["id"]}, "quantity": 2}]}

    checkout = tool(door, "create_checkout", checkout={**lines, "buyer": BUYER})
    [pickup] = [one for one in checkout["fulfillment"]["methods"] if one["type"] == "pickup"]
    way = {"type": "pickup", "selected_destination_id": pickup["destinations"][0]["id"]}
    wish = {**lines, "buyer": BUYER, "fulfillment": {"methods": [way]}}
    ready = tool(door, "update_checkout", id=checkout["id"], checkout=wish)
    paid = {"payment": {"instruments": [CARD]}}
    done = tool(door, "complete_checkout", id=checkout["id"], checkout=paid)

    staff = {"Authorization": f"Bearer {key_for(market.hub, 'admin')}"}
    waiting = door.get("/v1/fulfillments", headers=staff).json()["items"]
    [task] = [one for one in waiting if one["number"] == int(done["order"]["label"])]
    before = tool(door, "get_order", id=done["order"]["id"])
    shown = {"proof": "document"}
    steps = {"acceptance": {}, "picking": {}, "ready": {}, "hand-over": shown}
    for step, said in steps.items():
        made = door.post(
            f"/v1/fulfillments/{task['fulfillment_id']}/{step}", json=said, headers=staff
        )
        assert made.status_code == 200, made.text
    after = tool(door, "get_order", id=done["order"]["id"])

    assert ready["status"] == "ready_for_complete" and done["status"] == "completed"
    assert before["line_items"][0]["status"] == "processing"
    assert after["line_items"][0]["status"] == "fulfilled"
    assert [one["type"] for one in after["fulfillment"]["events"]] == [
        "ready_for_pickup",
        "delivered",
    ]
    assert check(market) == []


def assistant(door: TestClient[Any], key: str, name: str, **arguments: Any) -> dict[str, Any]:
    """What an assistant that works for the shop is told at the staff's door."""
    params = {"name": name, "arguments": arguments}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    headers = {"Authorization": f"Bearer {key}", "MCP-Protocol-Version": WITH_HANDSHAKE[0]}
    answer = door.post("/mcp", json=message, headers=headers).json()
    assert not answer["result"]["isError"], answer
    return dict(answer["result"]["structuredContent"])


def test_two_devices_and_an_agent_on_one_cart(market: Market, door: TestClient[Any]) -> None:
    """What one puts in the others see; ordering on both devices at once makes one order."""
    phone = laptop = {"X-Charsu-Guest": new_token("guest")}
    key = key_for(market.hub, "admin")
    opened = {"channel_id": str(market.channel), "country": "US"}
    carts = [
        door.post("/v1/carts", json=opened, headers=one).json()["cart_id"]
        for one in (phone, laptop)
    ]
    cart = f"/v1/carts/{carts[0]}"
    person = {"name": "Ana", "email": "ana@example.org", "street": "1 Main", "town": "Springfield"}
    way = {"kind": "ship", "country": "US", "delivery_method": "std", "recipient": person}

    mug, cup = (str(market.variants[sku]) for sku in ("mug", "cup"))
    door.put(f"{cart}/lines/{mug}", json={"quantity": 1}, headers=phone)
    assistant(door, key, "shopping-put_line", cart_id=carts[0], variant_id=cup, quantity=2)
    door.put(f"{cart}/delivery", json=way, headers=laptop)
    seen = door.get(cart, headers=phone).json()
    late = door.put(
        f"{cart}/lines/{mug}", json={"quantity": 9}, headers={**phone, "If-Match": '"1"'}
    )
    order = {"expected_total_minor": seen["totals"]["total_minor"]}
    with ThreadPoolExecutor(2) as both:
        made = list(
            both.map(
                lambda one: door.post(f"{cart}/order", json=order, headers=one), (phone, laptop)
            )
        )

    assert carts[0] == carts[1] and late.status_code == 412
    assert {line["sku"]: line["quantity"] for line in seen["lines"]} == {"mug": 1, "cup": 2}
    assert [one.status_code for one in made] == [200, 200]
    assert made[0].json()["order_id"] == made[1].json()["order_id"]
    told = assistant(door, key, "shopping-read", cart_id=carts[0])
    assert told["order_id"] == made[0].json()["order_id"]
    assert check(market) == []
