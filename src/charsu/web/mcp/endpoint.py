"""The address that assistants speak to."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from litestar import Request, Response, Router, post
from msgspec import UNSET, Struct

from charsu.channels.mcp import (
    CURRENT,
    Message,
    ProtocolError,
    Server,
    answered,
    call_in,
    decoded,
    failed,
    id_in,
    message_from,
    revision_of,
    succeeded,
    unknown_tool,
)
from charsu.kernel import Actor, Hub, HubError, may_ask
from charsu.kernel.access import actor_for_key
from charsu.web.api.asking import json_body, query_fields
from charsu.web.api.callers import bearer
from charsu.web.api.errors import CredentialsMalformed, CrossSite, FieldInvalid
from charsu.web.api.problems import language_of, refusal
from charsu.web.api.threads import Threads
from charsu.web.mcp.calling import call
from charsu.web.mcp.tools import Tool, tools_of

SERVER = Server("""\
The tools of a retailer's commerce hub. What you do here is real: orders, stock and money.

Amounts of money are integers in the minor unit of their currency. Times are in UTC. Ids come from
other tools: look for a thing before you act on it. Where a tool takes a `revision`, pass the one
that you last read. Long lists come in pages: where an answer has a `next` that is not null, pass it
as `after` to read on.

Give every change an `idempotency_key` of its own, such as a new UUID, and repeat a call that failed
with the same key: it has one effect. A refusal tells a `code`, a `detail` and how to `mend` it.""")


def build_tools(hub: Hub, threads: Threads) -> Router:
    """``POST /mcp``: every operation that has an address, for programs with an API key."""
    endpoint = _Endpoint(hub, threads, cache(lambda: tools_of(hub.operations.values())))

    @post("/mcp", status_code=200, exclude_from_csrf=True, include_in_schema=False)
    async def mcp(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await endpoint.handle(request)

    return Router("/", route_handlers=[mcp])


class _Endpoint(Struct, frozen=True):
    """tools   made when they are first asked for: most processes never are"""

    hub: Hub
    threads: Threads
    tools: Callable[[], Mapping[str, Tool]]

    async def handle(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Who asks is known before anything is read of what is asked."""
        request.scope["charsu_operation"] = "mcp"  # type: ignore[typeddict-unknown-key]
        try:
            _check_no_page(request)
            actor = await self._actor(request)
            tools = self._chosen(request, await self.threads.run(self.tools))
            answer = await self._answer(request, await json_body(request), actor, tools)
        except HubError as error:
            answer = refusal(request, error)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    async def _actor(self, request: Request[Any, Any, Any]) -> Actor:
        """Whoever holds the key. Sessions and guests are for people with a browser."""
        key = bearer(request)
        if key is None:
            raise CredentialsMalformed
        actor = await self.threads.run(actor_for_key, self.hub, key)
        request.scope["charsu_actor"] = actor  # type: ignore[typeddict-unknown-key]
        return actor

    def _chosen(
        self, request: Request[Any, Any, Any], offered: Mapping[str, Tool]
    ) -> dict[str, Tool]:
        """The tools of the packages that the address names; all where it names none."""
        fields = query_fields(request)
        if strange := fields.keys() - {"packages"}:
            raise FieldInvalid(f"There is no parameter {min(strange)[:100]}", min(strange)[:100])
        if not fields:
            return dict(offered)
        wanted = {name for text in fields["packages"] for name in text.split(",")}
        known = {tool.package for tool in offered.values()}
        if strange := wanted - known:
            raise FieldInvalid(f"There is no package {min(strange)[:100]}", "packages")
        return {name: tool for name, tool in offered.items() if tool.package in wanted}

    async def _answer(
        self,
        request: Request[Any, Any, Any],
        raw: bytes,
        actor: Actor,
        tools: dict[str, Tool],
    ) -> Response[bytes]:
        message_id: Any = UNSET
        revision = CURRENT
        try:
            value = decoded(raw)
            message_id = id_in(value)
            message = message_from(value)
            if message.id is UNSET:
                return _response(b"", 202)  # nothing that a client announces concerns us
            revision = revision_of(message, request.headers)
            result = await _Exchange(self, request, actor, tools, message, revision).result()
            return _response(succeeded(message, result, revision, SERVER), 200)
        except ProtocolError as error:
            # before 2026-07-28 a status other than 200 spoke of the transport alone
            status = error.status if revision == CURRENT else 200
            return _response(failed(error, message_id), status)


class _Exchange(Struct, frozen=True):
    """One request that is understood, and what is needed to answer it."""

    endpoint: _Endpoint
    request: Request[Any, Any, Any]
    actor: Actor
    tools: dict[str, Tool]
    message: Message
    revision: str

    async def result(self) -> dict[str, Any]:
        """Raises ProtocolError for a method that the revision does not have here."""
        if self.message.method == "tools/call":
            return await self._call()
        return answered(self.message, self.revision, SERVER, self._list)

    def _list(self) -> list[Any]:
        """What this key may call somewhere."""
        mine = [tool for tool in self.tools.values() if may_ask(self.actor, tool.operation)]
        return [tool.described for tool in mine]

    async def _call(self) -> dict[str, Any]:
        name, arguments = call_in(self.message)
        tool = self.tools.get(name) if isinstance(name, str) else None
        if tool is None:
            raise unknown_tool(name)
        self.request.scope["charsu_operation"] = tool.operation.name  # type: ignore[typeddict-unknown-key]
        return await self.endpoint.threads.run(
            call,
            self.endpoint.hub,
            tool,
            arguments,
            actor=self.actor,
            language=language_of(self.request, self.actor),
        )


def _check_no_page(request: Request[Any, Any, Any]) -> None:
    """Raises CrossSite where a page in a browser sends the request.

    Assistants are programs and send no Origin. A page could only be one that another site has led
    here, be it by a name that suddenly means this machine (DNS rebinding).
    """
    if "origin" in request.headers:
        raise CrossSite


def _response(content: bytes, status: int) -> Response[bytes]:
    return Response(content, status_code=status, media_type="application/json")
