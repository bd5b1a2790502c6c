"""Each thing that can be asked, described as a tool."""

from functools import cache
from typing import Any

import msgspec
from msgspec import Raw

from charsu.channels.ucp.door.answers import ADDRESSES, Address
from charsu.channels.ucp.versions import Version


@cache
def _described(version_name: str, schemas: tuple[tuple[str, Any], ...]) -> tuple[Raw, ...]:
    by_tool = dict(schemas)
    return tuple(
        Raw(msgspec.json.encode(_tool(version_name, address, by_tool.get(address.tool))))
        for address in ADDRESSES
    )


def tools_of(version: Version) -> tuple[Raw, ...]:
    """All tools as ``tools/list`` tells of them, in JSON."""
    return _described(version.name, tuple(version.schemas.items()))


def _tool(version_name: str, address: Address, request: Any) -> dict[str, Any]:
    return {
        "name": address.tool,
        "title": address.tool.replace("_", " ").capitalize(),
        "description": DESCRIPTIONS[address.tool],
        "inputSchema": _input(address, request),
        "outputSchema": {
            "type": "object",
            "$comment": f"https://ucp.dev/{version_name}/services/shopping/mcp.openrpc.json",
            "properties": {"ucp": {"type": "object"}},
            "required": ["ucp"],
        },
        "annotations": {
            "readOnlyHint": address.method == "GET" or address.body == "catalog",
            "destructiveHint": address.needs_key,
            "idempotentHint": address.method != "POST" or address.body == "catalog",
            "openWorldHint": False,
        },
    }


def _input(address: Address, request: Any) -> dict[str, Any]:
    properties: dict[str, Any] = {"meta": _meta_schema(address)}
    more: dict[str, Any] = {}
    if address.has_name:
        properties["id"] = {"type": "string"}
    if address.body:
        (body,), named = msgspec.json.schema_components([request], ref_template="#/$defs/{name}")
        properties[address.body], more = body, {"$defs": named}
    return {"type": "object", "properties": properties, "required": list(properties), **more}


def _meta_schema(address: Address) -> dict[str, Any]:
    profile = {"type": "string", "format": "uri", "description": "Your platform's profile."}
    agent = {"type": "object", "properties": {"profile": profile}, "required": ["profile"]}
    needed = ["ucp-agent", "idempotency-key"] if address.needs_key else ["ucp-agent"]
    properties = {"ucp-agent": agent, "idempotency-key": {"type": "string", "maxLength": 255}}
    return {"type": "object", "properties": properties, "required": needed}


DESCRIPTIONS = {
    "search_catalog": "Find goods by words, categories and prices.",
    "lookup_catalog": "Look several goods up by their ids, SKUs or GTINs.",
    "get_product": "One product in full, with what can be chosen of it.",
    "create_cart": "Keep goods together before anybody decides to buy.",
    "get_cart": "A cart as it stands, with prices.",
    "update_cart": "Say all that a cart should be.",
    "cancel_cart": "Give a cart up.",
    "create_checkout": "Begin to buy: goods, buyer, and how the goods reach her.",
    "get_checkout": "A checkout as it stands: prices, ways of delivery, stores, what is missing.",
    "update_checkout": "Say all that a checkout should be.",
    "complete_checkout": "Pay, so that the checkout becomes an order.",
    "cancel_checkout": "Give a checkout up.",
    "get_order": "An order as it stands, with what was sent, picked up and given back.",
}
