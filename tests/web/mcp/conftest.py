"""Assistants: the protocol's own Python client, sent against a shop behind its real web server."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

import httpx
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, Tool

from charsu.channels.mcp import CURRENT
from charsu.kernel import Hub
from charsu.web.app import create_app
from charsu.web.serving import web_server

from ..api.conftest import Site, counters_hub, lasting_hub, log, site
from ..api.test_serving import serving

__all__ = ["counters_hub", "lasting_hub", "log", "site"]

MODES = ["legacy", "auto", CURRENT]
"""How a client may begin: with a handshake, by asking, or straight away."""


class Assistant:
    """An assistant with a key, that may use the tools of some packages."""

    def __init__(
        self, address: str, key: dict[str, str], *, packages: str = "", mode: str = "auto"
    ) -> None:
        self.url = f"{address}/mcp" + (f"?packages={packages}" if packages else "")
        self.key = key
        self.mode = mode

    def tools(self) -> dict[str, Tool]:
        listed = self._do(lambda client: client.list_tools())
        return {tool.name: tool for tool in listed.tools}

    def call(self, name: str, **arguments: Any) -> CallToolResult:
        """The result, checked against the tool's output schema by the client."""

        async def listed_and_called(client: Client) -> CallToolResult:
            await client.list_tools()
            return await client.call_tool(name, arguments)

        return self._do(listed_and_called)

    def greeting(self) -> tuple[str, str]:
        """The revision that was agreed on, and the shop's instructions."""

        async def look(client: Client) -> tuple[str, str]:
            return str(client.protocol_version), str(client.instructions)

        return self._do(look)

    def _do(self, work: Callable[[Client], Any]) -> Any:
        async def at_the_shop() -> Any:
            async with (
                httpx2.AsyncClient(headers=self.key) as http,
                Client(
                    streamable_http_client(self.url, http_client=http), mode=self.mode
                ) as client,
            ):
                return await work(client)

        return asyncio.run(at_the_shop())


def refusal(result: CallToolResult) -> dict[str, Any]:
    """What a tool that was not done says."""
    assert result.is_error
    assert result.structured_content is None
    (block,) = result.content
    return json.loads(block.text)


class Reply(NamedTuple):
    """A reply to a message that was written by hand."""

    status: int
    body: Any
    headers: httpx.Headers


class Served:
    """A shop that assistants can reach, and that can be sent anything."""

    def __init__(self, site: Site, address: str) -> None:
        self.site = site
        self.address = address

    def assistant(self, role: str = "admin", *, at: Any = None, **options: Any) -> Assistant:
        return Assistant(self.address, self.site.key(role, at=at), **options)

    def post(self, message: Any, *, query: str = "", **headers: str | None) -> Reply:
        """Send this message with the headers that go with it, and with others instead or none."""
        content = message if isinstance(message, bytes) else json.dumps(message).encode()
        wanted = {**self.site.key("admin"), **_headers_for(message), **_named(headers)}
        sent = {name: value for name, value in wanted.items() if value is not None}
        answer = httpx.post(f"{self.address}/mcp{query}", content=content, headers=sent)
        return Reply(answer.status_code, answer.json() if answer.content else None, answer.headers)


def request(method: str, params: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A message of the current revision."""
    meta = {
        "io.modelcontextprotocol/protocolVersion": CURRENT,
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    return {
        "jsonrpc": "2.0",
        "id": 1,
        "method": method,
        "params": {"_meta": meta, **(params or {})},
        **more,
    }


def _headers_for(message: Any) -> dict[str, str | None]:
    headers: dict[str, str | None] = {
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": CURRENT,
    }
    if isinstance(message, dict) and isinstance(message.get("method"), str):
        headers["Mcp-Method"] = message["method"]
        params = message.get("params")
        if isinstance(params, dict) and isinstance(params.get("name"), str):
            headers["Mcp-Name"] = params["name"]
    return headers


def _named(headers: dict[str, str | None]) -> dict[str, str | None]:
    """``mcp_name`` is the header Mcp-Name, spelled as the other headers are."""
    spelled = {"mcp-protocol-version": "MCP-Protocol-Version"}
    titled = (name.replace("_", "-") for name in headers)
    return {
        spelled.get(name, name.title()): value
        for name, value in zip(titled, headers.values(), strict=True)
    }


@contextmanager
def door_to(hub: Hub) -> Iterator[Served]:
    server = web_server(create_app(hub), host="127.0.0.1", port=0)
    with serving(server) as (address, _):
        no_client: Any = None
        yield Served(Site(hub, no_client), address)


@pytest.fixture
def open_door() -> Iterator[Callable[[Hub], Served]]:
    """Serves a hub on a port of its own, as often as it is asked to: each is a web process."""
    with ExitStack() as stack:
        yield lambda hub: stack.enter_context(door_to(hub))


@pytest.fixture
def counters(counters_hub: Hub, open_door: Callable[[Hub], Served]) -> Served:
    """The edge's own little shop."""
    return open_door(counters_hub)


@pytest.fixture
def shop(hub: Hub, open_door: Callable[[Hub], Served]) -> Served:
    """A whole shop with every operation that there is."""
    return open_door(hub)
