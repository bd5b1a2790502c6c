"""What we offer in this version, and the document that says so."""

from typing import Any

from charsu.channels.ucp.paying import Handler
from charsu.channels.ucp.profiles import Capability
from charsu.channels.ucp.v2026_04_08 import VERSION

CHECKOUT = "dev.ucp.shopping.checkout"
CART = "dev.ucp.shopping.cart"
ORDER = "dev.ucp.shopping.order"
FULFILLMENT = "dev.ucp.shopping.fulfillment"
DISCOUNT = "dev.ucp.shopping.discount"
CONSENT = "dev.ucp.shopping.buyer_consent"
SEARCH = "dev.ucp.shopping.catalog.search"
LOOKUP = "dev.ucp.shopping.catalog.lookup"

_PARENTS: dict[str, str | list[str] | None] = {
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
_CONFIG = {FULFILLMENT: {"allows_multi_destination": {"shipping": False, "pickup": False}}}

OFFERED = {
    name: (Capability(version=VERSION, extends=parents),) for name, parents in _PARENTS.items()
}
"""Our capabilities, as they are matched with a platform's."""

RELEVANT = {
    CHECKOUT: (CHECKOUT, FULFILLMENT, DISCOUNT, CONSENT),
    CART: (CART, DISCOUNT),
    ORDER: (ORDER,),
    SEARCH: (SEARCH,),
    LOOKUP: (LOOKUP,),
}
"""Which capabilities an answer about each of these may name."""

_SITE = f"https://ucp.dev/{VERSION}"


def document(
    address: str, keys: list[dict[str, str]], handlers: tuple[Handler, ...]
) -> dict[str, Any]:
    """The profile of a shop that is reached at this address."""
    service = {
        "version": VERSION,
        "transport": "rest",
        "endpoint": f"{address}/ucp/{VERSION}",
        "spec": f"{_SITE}/specification/overview",
        "schema": f"{_SITE}/services/shopping/rest.openapi.json",
    }
    return {
        "ucp": {
            "version": VERSION,
            "services": {"dev.ucp.shopping": [service]},
            "capabilities": {name: [_capability(name)] for name in OFFERED},
            "payment_handlers": declared(handlers),
        },
        "signing_keys": keys,
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


def envelope(about: str, active: dict[str, str], *, status: str = "success") -> dict[str, Any]:
    """The ``ucp`` member of an answer: what of the common capabilities concerns it."""
    relevant = [name for name in RELEVANT[about] if name in active]
    return {
        "version": VERSION,
        "status": status,
        "capabilities": {name: [{"version": active[name]}] for name in relevant},
    }
