"""One call of a tool: arguments become the ask of an operation, its answer becomes a result."""

from typing import Any

import msgspec
import structlog
from msgspec import Struct
from structlog.contextvars import get_contextvars

from charsu.kernel import (
    Actor,
    Conflict,
    Forbidden,
    Hub,
    HubError,
    InFlight,
    Invalid,
    KeyReused,
    Limited,
    NotFound,
    Stale,
    Unauthorized,
    Unavailable,
)
from charsu.language import mark_sentence as _
from charsu.language import translate
from charsu.web.api.asking import is_key
from charsu.web.api.errors import FieldInvalid
from charsu.web.api.problems import status_of, title_of
from charsu.web.api.shapes import check_known, check_plain, converted
from charsu.web.mcp.tools import KEY, Tool

_log = structlog.get_logger("charsu.web")


MENDING: dict[type[HubError], str] = {
    Invalid: _("Correct the arguments; the same call will be refused again."),
    NotFound: _("Look for it with a tool that lists or reads, and use the id found there."),
    Unauthorized: _("Ask for an API key that is valid."),
    Forbidden: _("Ask somebody who may do this; the same call will be refused again."),
    Conflict: _("Read how things are now, and decide anew."),
    Stale: _("Read it again, and call with the revision found there."),
    Limited: _("Wait a minute, then call again."),
    Unavailable: _("Call again in a moment, with the same arguments and idempotency key."),
    InFlight: _("Call again in a moment, with the same arguments and idempotency key."),
    KeyReused: _("Use a new idempotency key for a new change."),
}
"""What to do after a refusal; the nearest class in the tree of errors decides."""


class Refused(Struct, frozen=True, kw_only=True):
    """Why a tool was not done, in the words of the API's problems, and how to mend it."""

    code: str
    title: str
    detail: str
    mend: str
    data: dict[str, Any]
    request_id: str


def call(
    hub: Hub, tool: Tool, arguments: dict[str, Any], *, actor: Actor, language: str
) -> dict[str, Any]:
    """The result: the answer, or the refusal in the given language."""
    try:
        return _done(tool, _run(hub, tool, arguments, actor))
    except HubError as error:
        if status_of(type(error)) is None:
            raise  # no refusal that anybody foresaw: a fault of our own
        _log.info("tool_refused", operation=tool.operation.name, code=error.code)
        return _refused(error, language)


def _run(hub: Hub, tool: Tool, arguments: dict[str, Any], actor: Actor) -> Any:
    operation = tool.operation
    try:
        key, ask = _key_and_ask(tool, arguments)
    except Invalid:
        # what is wrong with a call is told only to callers who may make it at all
        hub.check_may_ask(operation, actor)
        raise
    return hub.run(operation, ask, actor=actor, key=key)


def _key_and_ask(tool: Tool, arguments: dict[str, Any]) -> tuple[str | None, Any]:
    operation, fields = tool.operation, dict(arguments)
    key = fields.pop(KEY, None) if operation.writes else None
    if key is not None and not (isinstance(key, str) and is_key(key)):
        raise FieldInvalid("1 to 255 visible ASCII characters are allowed", KEY)
    check_plain(fields)
    check_known(operation.ask_type, fields)
    return key, converted(fields, operation.ask_type)


def _done(tool: Tool, answer: Any) -> dict[str, Any]:
    """The answer as text and, where it is an object, as structured content."""
    encoded = msgspec.json.encode(answer)
    text = "Done." if answer is None else encoded.decode()
    result: dict[str, Any] = {"content": [_text(text)], "isError": False}
    if tool.has_object:
        result["structuredContent"] = msgspec.Raw(encoded)
    return result


def _refused(error: HubError, language: str) -> dict[str, Any]:
    sentences = translate(language)
    refused = Refused(
        code=error.code,
        title=title_of(type(error)),
        detail=sentences(error.template, **error.data),
        mend=sentences(_mending(type(error))),
        data=error.data,
        request_id=str(get_contextvars().get("request_id", "")),
    )
    text = msgspec.json.encode(refused, enc_hook=str).decode()
    return {"content": [_text(text)], "isError": True}


def _mending(error: type[HubError]) -> str:
    return next(MENDING[kind] for kind in error.__mro__ if kind in MENDING)


def _text(text: str) -> dict[str, str]:
    return {"type": "text", "text": text}
