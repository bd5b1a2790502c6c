"""The Model Context Protocol, as much of it as tools need, over streamable HTTP.

Revision 2026-07-28, in which each request says by itself what it needs; and the two before it,
which begin with ``initialize``, without sessions and streams, which they leave to the server. The
source is the specification at modelcontextprotocol.io. Every door that offers tools speaks it with
these words.
"""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Annotated, Any, Literal

import msgspec
from litestar.datastructures import Headers
from msgspec import UNSET, Meta, Struct, UnsetType

CURRENT = "2026-07-28"
WITH_HANDSHAKE = ("2025-11-25", "2025-06-18")
REVISIONS = (CURRENT, *WITH_HANDSHAKE)

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
HEADER_MISMATCH = -32020
UNSUPPORTED_REVISION = -32022

_META = "io.modelcontextprotocol/"
_ENCODED = re.compile(r"=\?base64\?(.*)\?=")
_INTEGER_MAX = 2**53 - 1  # larger ones do not survive JavaScript

Id = Annotated[str, Meta(max_length=255)] | Annotated[int, Meta(ge=-_INTEGER_MAX, le=_INTEGER_MAX)]


class ProtocolError(Exception):
    """The message itself is wrong; what an operation refuses is a result and none of these."""

    def __init__(self, code: int, message: str, /, **data: Any) -> None:
        super().__init__(message)
        self.code = code
        self.data = data

    @property
    def status(self) -> int:
        return 404 if self.code == METHOD_NOT_FOUND else 400


class Message(Struct, frozen=True):
    """A request, or a notification where there is no id (JSON-RPC 2.0)."""

    jsonrpc: Literal["2.0"]
    method: Annotated[str, Meta(max_length=255)]
    id: Id | UnsetType = UNSET
    params: dict[str, Any] = {}

    @property
    def meta(self) -> dict[str, Any]:
        meta = self.params.get("_meta")
        return meta if isinstance(meta, dict) else {}


def decoded(raw: bytes) -> Any:
    """The JSON of a body. Raises ProtocolError."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise ProtocolError(PARSE_ERROR, "The body is not JSON.") from problem


def id_in(value: Any) -> Any:
    """The id of a message that may be broken otherwise; UNSET where it cannot be told."""
    try:
        return msgspec.convert(value["id"], Id)
    except (TypeError, KeyError, msgspec.ValidationError):
        return UNSET


def message_from(value: Any) -> Message:
    """The message. Raises ProtocolError; several in one body are none."""
    try:
        return msgspec.convert(value, Message)
    except msgspec.ValidationError as problem:
        raise ProtocolError(INVALID_REQUEST, f"No JSON-RPC request: {problem}.") from problem


def revision_of(message: Message, headers: Headers, *, unsaid: str | None = None) -> str:
    """The revision in which to answer, when everything is there that it demands.

    unsaid   the revision of a message that names none; None refuses it

    Raises ProtocolError: HEADER_MISMATCH where headers and body differ or a header is missing,
    UNSUPPORTED_REVISION with those that there are, INVALID_PARAMS for what the body lacks.
    """
    in_header = _header(headers, "mcp-protocol-version")
    in_body = message.meta.get(f"{_META}protocolVersion")
    if message.method == "initialize" and CURRENT not in (in_header, in_body):
        wanted = message.params.get("protocolVersion")
        return wanted if wanted in WITH_HANDSHAKE else WITH_HANDSHAKE[0]
    asked = (in_header if in_body is None else in_body) or unsaid
    if asked is None:
        raise ProtocolError(HEADER_MISMATCH, "The header MCP-Protocol-Version is missing.")
    if asked not in REVISIONS:
        raise ProtocolError(
            UNSUPPORTED_REVISION,
            "Unsupported protocol version",
            supported=REVISIONS,
            requested=str(asked)[:100],
        )
    if asked == CURRENT or in_body is not None:
        _check_told_twice(message, headers, in_header)
    return str(asked)


def _check_told_twice(message: Message, headers: Headers, in_header: str | None) -> None:
    """What a proxy sees in the headers is what the body says."""
    in_body = message.meta.get(f"{_META}protocolVersion")
    if in_body is None or not isinstance(message.meta.get(f"{_META}clientCapabilities"), dict):
        raise ProtocolError(
            INVALID_PARAMS, f"params._meta needs {_META}protocolVersion and clientCapabilities."
        )
    if in_header != in_body:
        raise ProtocolError(HEADER_MISMATCH, "MCP-Protocol-Version differs from the body.")
    if _header(headers, "mcp-method") != message.method:
        raise ProtocolError(HEADER_MISMATCH, "Mcp-Method differs from the body, or is missing.")
    if message.method == "tools/call":
        name = _plain(_header(headers, "mcp-name"))
        if name is None or name != message.params.get("name"):
            raise ProtocolError(HEADER_MISMATCH, "Mcp-Name differs from the body, or is missing.")


def _header(headers: Headers, name: str) -> str | None:
    """A header that may be there once."""
    values = headers.getall(name, [])
    if len(values) > 1:
        raise ProtocolError(HEADER_MISMATCH, f"The header {name} is there twice.")
    return values[0] if values else None


def _plain(text: str | None) -> str | None:
    """A header's text, which may be wrapped in Base64; None where the wrapping is broken."""
    wrapped = _ENCODED.fullmatch(text or "")
    if wrapped is None:
        return text
    try:
        return base64.b64decode(wrapped[1], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None


FRESH_MS = {"tools/list": 60_000, "server/discover": 3_600_000}
"""How long a client may keep an answer; the list follows what a caller may do."""


class Server(Struct, frozen=True):
    """What a server tells of itself."""

    instructions: str
    name: str = "charsu"
    title: str = "Charsu"

    @property
    def info(self) -> dict[str, str]:
        return {"name": self.name, "title": self.title, "version": version("charsu")}

    @property
    def about(self) -> dict[str, Any]:
        return {"capabilities": {"tools": {}}, "instructions": self.instructions}


def answered(
    message: Message, revision: str, server: Server, listed: Callable[[], Sequence[Any]]
) -> dict[str, Any]:
    """The result of every method but a call.

    listed   the tools as the caller may see them
    Raises ProtocolError for a method that the revision does not have here.
    """
    method, is_current = message.method, revision == CURRENT
    if method == "tools/list":
        return _fresh(message, revision, {"tools": _whole(message, listed)})
    if method == "server/discover" and is_current:
        return _fresh(message, revision, {"supportedVersions": REVISIONS, **server.about})
    if method == "initialize" and not is_current:
        return {"protocolVersion": revision, "serverInfo": server.info, **server.about}
    if method == "ping" and not is_current:
        return {}
    raise ProtocolError(METHOD_NOT_FOUND, f"Method not found: {method[:100]}")


def _whole(message: Message, listed: Callable[[], Sequence[Any]]) -> Sequence[Any]:
    """All tools at once: many clients never ask for a second page."""
    if message.params.get("cursor") is not None:
        raise ProtocolError(INVALID_PARAMS, "There is one page; no cursor leads to another.")
    return listed()


def _fresh(message: Message, revision: str, result: dict[str, Any]) -> dict[str, Any]:
    if revision != CURRENT:
        return result
    return {**result, "ttlMs": FRESH_MS[message.method], "cacheScope": "private"}


def call_in(message: Message) -> tuple[Any, dict[str, Any]]:
    """The name and the arguments of a call. Raises ProtocolError."""
    name, arguments = message.params.get("name"), message.params.get("arguments")
    if not isinstance(arguments, dict | None):
        raise ProtocolError(INVALID_PARAMS, "Arguments are an object.")
    return name, arguments or {}


def unknown_tool(name: Any) -> ProtocolError:
    """There is no such tool, or the caller may not see it."""
    return ProtocolError(INVALID_PARAMS, f"Unknown tool: {str(name)[:100]}")


def succeeded(message: Message, result: dict[str, Any], revision: str, server: Server) -> bytes:
    """The response with a result, in the form of the revision."""
    if revision == CURRENT:
        meta = {f"{_META}serverInfo": server.info}
        result = {"resultType": "complete", **result, "_meta": meta}
    return msgspec.json.encode({"jsonrpc": "2.0", "id": message.id, "result": result})


def failed(error: ProtocolError, message_id: Any) -> bytes:
    """The response with an error; without id where that could not be read."""
    told: dict[str, Any] = {"code": error.code, "message": str(error)}
    if error.data:
        told["data"] = error.data
    response: dict[str, Any] = {"jsonrpc": "2.0", "error": told}
    if message_id is not UNSET:
        response["id"] = message_id
    return msgspec.json.encode(response)
