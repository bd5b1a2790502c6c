"""The same door over MCP: with the protocol's own client, and with messages written by hand."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult

from charsu.channels.mcp import CURRENT
from charsu.channels.ucp import SIGNED
from charsu.channels.ucp.door.answers import ADDRESSES
from charsu.channels.ucp.signing import key_from, sign_request
from tests.conformance.market import Market
from tests.conformance.platform import AGENT, introduce, profile, serving
from tests.docs.test_examples import served

from .shopper import BUYER, PAID, Platform

pytestmark = pytest.mark.slow

OURS = key_from(b"a secret of the platform, 32 long")
MCP = "/ucp/2026-04-08/mcp"


def meta(key: str | None = None, url: str = AGENT) -> dict[str, Any]:
    return {"ucp-agent": {"profile": url}} | ({"idempotency-key": key} if key else {})


def message(tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    params = {"name": tool, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params}


def calls(platform: Platform, tool: str, *, key: str | None = None, **arguments: Any) -> Any:
    """The whole answer to a call; a tool that changes something for good has a key."""
    needs = tool.startswith(("complete", "cancel"))
    said = {"meta": meta(key or (str(uuid4()) if needs else None)), **arguments}
    return platform.client.post(MCP, json=message(tool, said))


def shown(platform: Platform, tool: str, **arguments: Any) -> dict[str, Any]:
    answer = calls(platform, tool, **arguments)
    assert answer.status_code == 200, answer.text
    result = answer.json()["result"]
    assert json.loads(result["content"][0]["text"]) == result["structuredContent"]
    return dict(result["structuredContent"])


def test_an_assistant_finds_compares_and_buys_for_pick_up(platform: Platform) -> None:
    found = shown(platform, "search_catalog", catalog={"query": "mug"})
    [item] = [one["variants"][0]["id"] for one in found["products"] if one["title"] == "Mug"]
    named = shown(platform, "lookup_catalog", catalog={"ids": ["mug", "cup"]})
    wanted = {"line_items": [{"item": {"id": item}, "quantity": 1}]}
    cart = shown(platform, "create_cart", cart=wanted)
    checkout = shown(
        platform, "create_checkout", checkout={**wanted, "cart_id": cart["id"], "buyer": BUYER}
    )
    pickup = next(one for one in checkout["fulfillment"]["methods"] if one["type"] == "pickup")
    store = {"type": "pickup", "selected_destination_id": pickup["destinations"][0]["id"]}
    changed = {**wanted, "buyer": BUYER, "fulfillment": {"methods": [store]}}
    ready = shown(platform, "update_checkout", id=checkout["id"], checkout=changed)
    done = shown(platform, "complete_checkout", id=checkout["id"], checkout=PAID)
    order = shown(platform, "get_order", id=done["order"]["id"])

    assert len(named["products"]) == 2
    assert ready["status"] == "ready_for_complete"
    assert done["status"] == "completed"
    assert order["fulfillment"]["expectations"][0]["method_type"] == "pickup"


def test_both_transports_show_the_same_thing(platform: Platform) -> None:
    checkout = platform.wants("mug", buyer=BUYER, fulfillment=platform.ships())

    over_http = platform.asks("GET", f"/checkout-sessions/{checkout['id']}").json()

    assert shown(platform, "get_checkout", id=checkout["id"]) == over_http


def test_a_key_is_one_change_whichever_transport_it_comes_by(platform: Platform) -> None:
    body, key = platform.body("mug"), str(uuid4())

    first = platform.asks("POST", "/checkout-sessions", body, **{"idempotency-key": key}).json()
    again = shown(platform, "create_checkout", key=key, checkout=body)
    other = calls(platform, "create_checkout", key=key, checkout=platform.body("cup"))

    assert again["id"] == first["id"]
    assert (other.status_code, other.json()["error"]["code"]) == (409, -32000)


def test_the_profile_names_both_transports(platform: Platform) -> None:
    services = platform.client.get("/.well-known/ucp/2026-04-08").json()["ucp"]["services"]

    found = {one["transport"]: one["endpoint"] for one in services["dev.ucp.shopping"]}
    assert found["rest"] == "https://shop.example/ucp/2026-04-08"
    assert found["mcp"] == "https://shop.example/ucp/2026-04-08/mcp"


@pytest.mark.parametrize("mode", ["legacy", "auto", CURRENT])
def test_the_protocols_own_client_finds_all_tools(platform: Platform, mode: str) -> None:
    item = platform.market.item("mug")

    async def look(client: Client) -> tuple[set[str], CallToolResult]:
        listed = await client.list_tools()
        said = {"meta": meta(), "catalog": {"id": item}}
        return {one.name for one in listed.tools}, await client.call_tool("get_product", said)

    async def at(address: str) -> tuple[set[str], CallToolResult]:
        async with (
            httpx2.AsyncClient() as http,
            Client(
                streamable_http_client(f"{address}/ucp/2026-04-08/mcp", http_client=http),
                mode=mode,
            ) as client,
        ):
            return await look(client)

    with served(platform.market.hub) as address:
        names, result = asyncio.run(at(address))

    assert names == {one.tool for one in ADDRESSES}
    assert result.structured_content is not None
    assert result.structured_content["product"]["title"] == "Mug"


@pytest.mark.parametrize(
    ("arguments", "status", "code", "name"),
    [
        ({}, 400, -32001, "invalid_profile_url"),
        ({"meta": {"ucp-agent": {}}}, 400, -32001, "invalid_profile_url"),
        ({"meta": meta(url="http://plain.example/p")}, 400, -32001, "invalid_profile_url"),
        ({"meta": meta(), "catalog": 1}, 400, -32602, "invalid_request"),
        ({"meta": meta(), "catalog": {"ids": ["x"] * 51}}, 400, -32602, "request_too_large"),
    ],
)
def test_what_is_wrong_with_a_call_is_an_error_with_its_status(
    platform: Platform, arguments: dict[str, Any], status: int, code: int, name: str
) -> None:
    answer = platform.client.post(MCP, json=message("lookup_catalog", arguments))

    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["data"]["code"]) == (status, code, name)
    assert answer.json()["id"] == 7


def test_a_profile_that_cannot_be_had_is_an_error_of_discovery(platform: Platform) -> None:
    with serving({"/next": profile(version="2099-01-01"), "/broken": b"no profile"}) as address:
        found = {
            page: calls_as(platform, f"{address}/{page}") for page in ("next", "broken", "nowhere")
        }

    assert found == {
        "next": (422, -32001, "version_unsupported"),
        "broken": (422, -32001, "profile_malformed"),
        "nowhere": (424, -32001, "profile_unreachable"),
    }


def calls_as(platform: Platform, url: str) -> tuple[int, int, str]:
    said = {"meta": meta(url=url), "catalog": {"query": "mug"}}
    answer = platform.client.post(MCP, json=message("search_catalog", said))
    error = answer.json()["error"]
    return answer.status_code, error["code"], error["data"]["code"]


def test_a_change_for_good_needs_a_key(platform: Platform) -> None:
    checkout = platform.wants("mug")
    said = {"meta": meta(), "id": checkout["id"]}

    answer = platform.client.post(MCP, json=message("cancel_checkout", said))

    assert answer.json()["error"]["data"]["code"] == "invalid_request"
    assert shown(platform, "get_checkout", id=checkout["id"])["status"] != "canceled"


def test_what_is_not_there_is_a_result_and_no_error(platform: Platform) -> None:
    nothing = shown(platform, "get_order", id="ord_nothing")
    sold_out = shown(platform, "create_checkout", checkout=platform.body("vase"))

    for body in (nothing, sold_out):
        assert body["ucp"]["status"] == "error" and "id" not in body
    assert nothing["messages"][0]["code"] == "not_found"
    assert sold_out["messages"][0]["code"] == "out_of_stock"


def test_header_and_meta_name_the_same_platform(platform: Platform) -> None:
    said = {"meta": meta(), "catalog": {"query": "mug"}}
    other = {"ucp-agent": 'profile="https://other.example/agent"'}

    answer = platform.client.post(MCP, json=message("search_catalog", said), headers=other)

    assert answer.json()["error"]["data"]["code"] == "invalid_profile_url"


def test_calls_are_signed_like_requests(market: Market, opened: Callable[[], Platform]) -> None:
    market.set(SIGNED, True)
    platform = opened()
    introduce(market.hub, AGENT, profile(OURS.jwk))
    said = {"meta": meta(), "catalog": {"query": "mug"}}

    unsigned = platform.client.post(MCP, json=message("search_catalog", said))
    found = signed(platform, message("search_catalog", said))
    other = message("search_catalog", {**said, "catalog": {"query": "cup"}})
    forged = signed(platform, message("search_catalog", said), sent=other)

    assert (unsigned.status_code, unsigned.json()["error"]["code"]) == (401, -32000)
    assert unsigned.json()["error"]["data"]["code"] == "signature_missing"
    assert found.json()["result"]["structuredContent"]["products"]
    assert "signature-input" in found.headers and "content-digest" in found.headers
    assert (forged.status_code, forged.json()["error"]["code"]) == (400, -32600)


def signed(platform: Platform, body: Any, *, sent: Any = None) -> Any:
    given = {"content-type": "application/json", "ucp-agent": f'profile="{platform.url}"'}
    raw = json.dumps(body).encode()
    headers = sign_request(OURS, f"https://shop.example{MCP}", given, raw, datetime.now(UTC))
    content = raw if sent is None else json.dumps(sent).encode()
    return platform.client.post(MCP, content=content, headers=headers)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"{", -32700),
        (b"[]", -32600),
        (b'{"jsonrpc": "1.0", "id": 1, "method": "x"}', -32600),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "nothing"}', -32601),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "x"}}', -32602),
    ],
)
def test_broken_messages_are_told_so(platform: Platform, raw: bytes, code: int) -> None:
    answer = platform.client.post(MCP, content=raw)

    assert answer.json()["error"]["code"] == code
