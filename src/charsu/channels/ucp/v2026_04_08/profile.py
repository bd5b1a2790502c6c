"""What we offer in this version, and the document that says so."""

from typing import Any

from charsu.channels.ucp.capabilities import (
    CART,
    CHECKOUT,
    CONSENT,
    DISCOUNT,
    FULFILLMENT,
    LOOKUP,
    ORDER,
    SEARCH,
    Active,
    Parents,
    extends,
)
from charsu.channels.ucp.paying import Handler
from charsu.channels.ucp.profiles import Capability
from charsu.channels.ucp.v2026_04_08 import VERSION

_PARENTS: dict[str, Parents] = {
    CHECKOUT: None,
    CART: None,
    ORDER: None,
    FULFILLMENT: CHECKOUT,
    DISCOUNT: [CHECKOUT, CART],
    CONSENT: CHECKOUT,
    SEARCH: None,
    LOOKUP: None,
}
_PAGES = {SEARCH: "catalog/search", LOOKUP: "catalog/lookup", CONSENT: "buyer-consent"}
_CONFIG = {
    FULFILLMENT: {
        "allows_multi_destination": {"shipping": False, "pickup": False},
        "allows_method_combinations": [["shipping", "pickup"]],
    }
}

OFFERED = {
    name: (Capability(version=VERSION, extends=parents),) for name, parents in _PARENTS.items()
}
"""Our capabilities, as they are matched with a platform's."""

_SITE = f"https://ucp.dev/{VERSION}"


def document(
    address: str, keys: list[dict[str, str]], handlers: tuple[Handler, ...]
) -> dict[str, Any]:
    """The profile of a shop that is reached at this address."""
    return {
        "ucp": {
            "version": VERSION,
            "services": {
                "dev.ucp.shopping": [
                    _service(address, "rest", "rest.openapi.json", ""),
                    _service(address, "mcp", "mcp.openrpc.json", "/mcp"),
                ]
            },
            "capabilities": {name: [_capability(name)] for name in OFFERED},
            "payment_handlers": declared(handlers),
        },
        "signing_keys": keys,
    }


def _service(address: str, transport: str, schema: str, path: str) -> dict[str, str]:
    return {
        "version": VERSION,
        "transport": transport,
        "endpoint": f"{address}/ucp/{VERSION}{path}",
        "spec": f"{_SITE}/specification/overview",
        "schema": f"{_SITE}/services/shopping/{schema}",
    }


def _capability(name: str) -> dict[str, Any]:
    last = name.removeprefix("dev.ucp.shopping.")
    entry: dict[str, Any] = {
        "version": VERSION,
        "spec": f"{_SITE}/specification/{_PAGES.get(name, last)}",
        "schema": f"{_SITE}/schemas/shopping/{last.replace('.', '_')}.json",
    }
    if (parents := _PARENTS[name]) is not None:
        entry["extends"] = parents
    return entry | ({"config": _CONFIG[name]} if name in _CONFIG else {})


def declared(handlers: tuple[Handler, ...]) -> dict[str, Any]:
    """The payment handlers as a profile and a checkout name them."""
    return {one.name: [{"id": one.id, "version": VERSION, **_about(one)}] for one in handlers}


def _about(handler: Handler) -> dict[str, Any]:
    site = "https://" + ".".join(reversed(handler.name.split(".")[:2]))
    return {
        "spec": f"{site}/ucp/{handler.id}",
        "schema": f"{site}/ucp/{handler.id}.json",
        "available_instruments": [{"type": "card"}],
    }


def envelope(about: str, active: Active, *, status: str = "success") -> dict[str, Any]:
    """The ``ucp`` member of an answer: what of the common capabilities concerns it."""
    relevant = [name for name in _concerning(about) if name in active]
    return {
        "version": VERSION,
        "status": status,
        "capabilities": {name: [{"version": active[name]}] for name in relevant},
    }


def _concerning(about: str) -> list[str]:
    return [about, *(name for name, parents in _PARENTS.items() if extends(about, parents))]
