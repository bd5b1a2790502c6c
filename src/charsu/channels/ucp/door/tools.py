"""The same door over the Model Context Protocol (MCP): each thing that can be asked is a tool.

Source: UCP 2026-04-08, the MCP bindings of catalog, cart, checkout and order, and the table of
errors in overview. A call names its platform in ``meta``, where over HTTP there is a header.
"""

from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler
from msgspec import UNSET, Raw, Struct

from charsu.channels.mcp import (
    CURRENT,
    INVALID_PARAMS,
    INVALID_REQUEST,
    WITH_HANDSHAKE,
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
from charsu.channels.ucp import errors
from charsu.channels.ucp.door.answers import ADDRESSES, Address
from charsu.channels.ucp.door.described import tools_of
from charsu.channels.ucp.door.exchange import (
    Shop,
    body_of,
    check_open,
    checked_key,
    language_of,
)
from charsu.channels.ucp.door.linked import challenge
from charsu.channels.ucp.door.meeting import Meeting
from charsu.channels.ucp.door.refusing import RETRY_AFTER_SECONDS, refused
from charsu.channels.ucp.platforms import checked_url, profile_url
from charsu.channels.ucp.versions import Version
from charsu.kernel import HubError, Invalid, KeyReused
from charsu.language import translate

INTERNAL_ERROR = -32603
REFUSED = -32000

CODES: dict[type[HubError], int] = {
    HubError: REFUSED,
    Invalid: INVALID_PARAMS,
    KeyReused: REFUSED,
    # what fails before there is a platform to speak with
    errors.ProfileUrlInvalid: -32001,
    errors.ProfileUnreachable: -32001,
    errors.ProfileMalformed: -32001,
    errors.VersionUnsupported: -32001,
    # what is wrong with the message itself
    errors.DigestMismatch: INVALID_REQUEST,
    errors.AlgorithmUnsupported: INVALID_REQUEST,
}
"""The nearest class in the tree of errors decides."""

TOOLS = {address.tool: address for address in ADDRESSES}

SERVER = Server(
    """\
A shop that speaks the Universal Commerce Protocol. What you do here is real: orders, stock, money.

Every call has `meta` with `ucp-agent`, whose `profile` is the address of your platform's profile.
Find goods with `search_catalog`, keep some with `create_cart`, and buy with `create_checkout`: the
answer says how the goods can be had, sent or picked up in a store, what is missing in `messages`,
and what it costs in `totals`, in minor units. A change says all that the checkout should be. Give
`complete_checkout` and `cancel_checkout` an `idempotency-key` in `meta`, such as a new UUID, and
repeat what failed with the same key: it has one effect."""
)

_log = structlog.get_logger("charsu.ucp")


class _Agent(Struct):
    profile: str


class _Meta(Struct, rename="kebab"):
    ucp_agent: _Agent
    idempotency_key: str | None = None


def tools_endpoint(meeting: Meeting, version: Version) -> HTTPRouteHandler:
    """``POST mcp``, beside the addresses of the version whose tools it lists."""

    async def handle(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await _answer(meeting, version, request)

    return HTTPRouteHandler(
        "/mcp", http_method="POST", status_code=200, include_in_schema=False, exclude_from_csrf=True
    )(handle)


async def _answer(
    meeting: Meeting, version: Version, request: Request[Any, Any, Any]
) -> Response[bytes]:
    request.scope["charsu_operation"] = "ucp"  # type: ignore[typeddict-unknown-key]
    message_id: Any = UNSET
    keys = asks_token = None
    issuer = ""
    try:
        shop, keys = await meeting.shop(request)
        check_open(shop)
        issuer = shop.address
        sent = await body_of(request)
        message_id = id_in(decoded(sent))
        status, content = await _reply(meeting, version, request, shop, sent)
    except ProtocolError as error:
        status, content = error.status, failed(error, message_id)
    except HubError as error:
        status, content = _refused(error, language_of(request), message_id)
        asks_token = challenge(error, issuer)
    except Exception:
        _log.exception("call_failed")
        fault = ProtocolError(INTERNAL_ERROR, "Something went wrong here.")
        status, content = 500, failed(fault, message_id)
    return meeting.sent(request, keys, status, content, asks_token=asks_token)


async def _reply(
    meeting: Meeting, version: Version, request: Request[Any, Any, Any], shop: Shop, sent: bytes
) -> tuple[int, bytes]:
    """The status and the response to a message; nothing for what a client only announces."""
    message = message_from(decoded(sent))
    if message.id is UNSET:
        return 202, b""
    revision = CURRENT
    try:
        revision = revision_of(message, request.headers, unsaid=WITH_HANDSHAKE[-1])
        if message.method == "tools/call":
            result = await _called(meeting, request, shop, message, sent)
        else:
            result = answered(message, revision, SERVER, lambda: tools_of(version))
    except ProtocolError as error:
        # before 2026-07-28 a status other than 200 spoke of the transport alone
        return error.status if revision == CURRENT else 200, failed(error, message.id)
    return 200, succeeded(message, result, revision, SERVER)


async def _called(
    meeting: Meeting, request: Request[Any, Any, Any], shop: Shop, message: Message, sent: bytes
) -> dict[str, Any]:
    name, arguments = call_in(message)
    address = TOOLS.get(name) if isinstance(name, str) else None
    if address is None:
        raise unknown_tool(name)
    meta = _meta(request, arguments)
    key = meta.idempotency_key
    if key is None and address.needs_key:
        raise errors.RequestInvalid("meta has no idempotency-key")
    exchange = await meeting.exchange(
        request,
        shop,
        url=meta.ucp_agent.profile,
        sent=sent,
        body=_body(address, arguments),
        key=None if key is None or address.method == "GET" else checked_key(key),
        name=_name(address, arguments),
    )
    answer = await meeting.answer(exchange, address)
    body = msgspec.json.encode(answer.body)
    text = {"type": "text", "text": body.decode()}
    return {"content": [text], "structuredContent": Raw(body), "isError": False}


def _meta(request: Request[Any, Any, Any], arguments: dict[str, Any]) -> _Meta:
    """Who calls; the headers, where they are, say the same. Raises ProfileUrlInvalid."""
    try:
        meta = msgspec.convert(arguments.get("meta"), _Meta)
    except msgspec.ValidationError as problem:
        raise errors.ProfileUrlInvalid("meta has no ucp-agent with a profile") from problem
    checked_url(meta.ucp_agent.profile)
    header = request.headers.get("ucp-agent")
    if header is not None and profile_url(header) != meta.ucp_agent.profile:
        raise errors.ProfileUrlInvalid("meta and UCP-Agent name different profiles")
    key = request.headers.get("idempotency-key")
    if key is not None and meta.idempotency_key not in {None, key}:
        raise errors.RequestInvalid("meta and Idempotency-Key name different keys")
    return msgspec.structs.replace(meta, idempotency_key=meta.idempotency_key or key)


def _body(address: Address, arguments: dict[str, Any]) -> bytes:
    if not address.body:
        return b""
    if not isinstance(body := arguments.get(address.body), dict):
        raise errors.RequestInvalid(f"{address.body} is not an object")
    return msgspec.json.encode(body)


def _name(address: Address, arguments: dict[str, Any]) -> str:
    if not address.has_name:
        return ""
    if not isinstance(name := arguments.get("id"), str):
        raise errors.RequestInvalid("id is not a text")
    return name


def _refused(error: HubError, language: str, message_id: Any) -> tuple[int, bytes]:
    """A refusal of the request, with the status that it has over HTTP."""
    status, body = refused(error, translate(language))
    pause = RETRY_AFTER_SECONDS.get(status)
    more = {} if pause is None else {"retry_after": pause}
    code = next(CODES[kind] for kind in type(error).__mro__ if kind in CODES)
    told = {"code": body["code"], "content": body["content"]}
    return status, failed(ProtocolError(code, body["content"], **told, **more), message_id)
