"""How a version of the protocol says what is offered, in its profile and in each answer."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from charsu.channels.ucp.capabilities import Active, Parents, extends
from charsu.channels.ucp.paying import Handler
from charsu.channels.ucp.profiles import Capability

_SHOPPING = "dev.ucp.shopping."


class Declaring(Struct, frozen=True, kw_only=True):
    """What a version says of us.

    parents    our capabilities, each with what it extends
    pages      of the specification, below ``specification/``; the overview under an empty name
    config     of capabilities that have one
    keys       what the member with our public keys is called
    """

    version: str
    parents: Mapping[str, Parents]
    pages: Mapping[str, str]
    config: Mapping[str, dict[str, Any]]
    keys: str

    @property
    def offered(self) -> dict[str, tuple[Capability, ...]]:
        """Our capabilities, as they are matched with a platform's."""
        return {
            name: (Capability(version=self.version, extends=parents),)
            for name, parents in self.parents.items()
        }

    @property
    def _site(self) -> str:
        return f"https://ucp.dev/{self.version}"

    def document(
        self, address: str, keys: list[dict[str, str]], handlers: tuple[Handler, ...]
    ) -> dict[str, Any]:
        """The profile of a shop that is reached at this address."""
        services = [
            self._service(address, "rest", "rest.openapi.json", ""),
            self._service(address, "mcp", "mcp.openrpc.json", "/mcp"),
        ]
        return {
            "ucp": {
                "version": self.version,
                "services": {"dev.ucp.shopping": services},
                "capabilities": {name: [self._capability(name)] for name in self.parents},
                "payment_handlers": self.handlers(handlers),
            },
            self.keys: keys,
        }

    def _service(self, address: str, transport: str, schema: str, path: str) -> dict[str, str]:
        return {
            "version": self.version,
            "transport": transport,
            "endpoint": f"{address}/ucp/{self.version}{path}",
            "spec": f"{self._site}/specification/{self.pages['']}",
            "schema": f"{self._site}/services/shopping/{schema}",
        }

    def _capability(self, name: str) -> dict[str, Any]:
        last = name.removeprefix(_SHOPPING)
        entry: dict[str, Any] = {
            "version": self.version,
            "spec": f"{self._site}/specification/{self.pages.get(name, last)}",
            "schema": f"{self._site}/schemas/shopping/{last.replace('.', '_')}.json",
        }
        if (parents := self.parents[name]) is not None:
            entry["extends"] = parents
        return entry | ({"config": self.config[name]} if name in self.config else {})

    def handlers(self, handlers: tuple[Handler, ...]) -> dict[str, Any]:
        """The payment handlers as a profile and a checkout name them."""
        return {
            one.name: [{"id": one.id, "version": self.version, **_about(one)}] for one in handlers
        }

    def envelope(self, about: str, active: Active, *, status: str = "success") -> dict[str, Any]:
        """The ``ucp`` member of an answer: what of the common capabilities concerns it."""
        concerning = [
            about,
            *(name for name, parents in self.parents.items() if extends(about, parents)),
        ]
        return {
            "version": self.version,
            "status": status,
            "capabilities": {
                name: [{"version": active[name]}] for name in concerning if name in active
            },
        }


def _about(handler: Handler) -> dict[str, Any]:
    about: dict[str, Any] = {
        "spec": handler.spec,
        "schema": handler.schema,
        "available_instruments": [{"type": "card"}],
    }
    return about | ({"config": handler.config} if handler.config else {})
