"""A request as the ask of an operation: from the path, the query, the body and If-Match."""

import asyncio
from functools import cache
from typing import Any, get_type_hints
from urllib.parse import parse_qsl

import msgspec
from litestar import Request
from litestar.exceptions import HTTPException

from charsu.kernel import AnyOperation
from charsu.web.api.errors import (
    BodyTooLarge,
    BodyTooSlow,
    FieldInvalid,
    HeaderInvalid,
    MalformedBody,
    NotJson,
)
from charsu.web.api.shapes import check_known, check_plain, converted, read_json

BODY_BYTES_MAX = 1 << 20
BODY_SECONDS_MAX = 20
KEY_LETTERS_MAX = 255
REVISION = "revision"  # the field of an ask that HTTP has a header for
BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})


async def ask_from(request: Request[Any, Any, Any], operation: AnyOperation) -> Any:
    """The ask. Raises the edge's refusals; FieldInvalid names the field."""
    fields = await _body(request) if operation.http_method in BODY_METHODS else {}
    check_plain(fields)
    kinds = field_kinds(operation.ask_type)
    check_known(operation.ask_type, fields)
    if REVISION in kinds and REVISION in fields:
        raise FieldInvalid("The revision is sent as the header If-Match", REVISION)
    given = _in_address(request, operation, kinds)
    if twice := given.keys() & fields.keys():
        raise FieldInvalid("A field in the address is not repeated in the body", min(twice))
    if REVISION in kinds and (revision := _if_match(request)) is not None:
        given[REVISION] = revision
    return converted({**fields, **given}, operation.ask_type)


def field_kinds(ask_type: Any) -> dict[str, Any]:
    """The fields of a struct with their types and constraints, by their names on the wire."""
    return _field_kinds(ask_type)


@cache
def _field_kinds(ask_type: Any) -> dict[str, Any]:
    hints = get_type_hints(ask_type, include_extras=True)
    return {field.encode_name: hints[field.name] for field in msgspec.structs.fields(ask_type)}


def key_from(request: Request[Any, Any, Any]) -> str | None:
    """The idempotency key, if there is one. Raises HeaderInvalid."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not is_key(key):
        raise HeaderInvalid("Idempotency-Key", "1 to 255 visible ASCII characters are allowed")
    return key


def is_key(text: str) -> bool:
    """Whether this can be an idempotency key: 1 to 255 visible ASCII characters."""
    return 1 <= len(text) <= KEY_LETTERS_MAX and all("!" <= letter <= "~" for letter in text)


def _in_address(
    request: Request[Any, Any, Any], operation: AnyOperation, kinds: dict[str, Any]
) -> dict[str, Any]:
    """Fields of the path and, where there is no body, of the query; text becomes what it means."""
    given: dict[str, Any] = {}
    for name, text in request.path_params.items():
        given[name] = _read(kinds[name], [str(text)], name)
    query = query_fields(request)
    has_body = operation.http_method in BODY_METHODS
    in_query = set() if has_body else kinds.keys() - given.keys() - {REVISION}
    for name, texts in query.items():
        if name not in in_query:
            raise FieldInvalid(field=name[:100], kind="parameter")
        given[name] = _read(kinds[name], texts, name)
    return given


def query_fields(request: Request[Any, Any, Any]) -> dict[str, list[str]]:
    """Every parameter in the address with all its values. Raises FieldInvalid."""
    raw = request.scope["query_string"].decode("latin-1")
    try:
        pairs = parse_qsl(raw, keep_blank_values=True, errors="strict", max_num_fields=200)
    except ValueError as problem:
        raise FieldInvalid("The query cannot be read") from problem
    found: dict[str, list[str]] = {}
    for name, text in pairs:
        found.setdefault(name, []).append(text)
    return found


def _read(kind: Any, texts: list[str], name: str) -> Any:
    """A value from text: lax, for an address knows only text."""
    check_plain(texts, name)
    if _is_instant(kind) and any(map(_is_number, texts)):
        raise FieldInvalid("Expected an instant, not a number", name)
    takes_many = _takes_many(kind)
    if len(texts) > 1 and not takes_many:
        raise FieldInvalid("A parameter is given twice", name)
    try:
        value = converted(texts if takes_many else texts[0], kind, strict=False)
    except FieldInvalid as problem:
        raise FieldInvalid(problem.data["reason"], name) from problem
    check_plain(value, name)  # once more: a text of digits may be too large a number
    return value


@cache
def _takes_many(kind: Any) -> bool:
    many = msgspec.inspect.CollectionType | msgspec.inspect.TupleType
    return any(isinstance(member, many) for member in _members(kind))


@cache
def _is_instant(kind: Any) -> bool:
    return any(isinstance(one, msgspec.inspect.DateTimeType) for one in _members(kind))


def _members(kind: Any) -> list[msgspec.inspect.Type]:
    """The types that a value may have, without their bounds."""
    shape = msgspec.inspect.type_info(kind)
    members = shape.types if isinstance(shape, msgspec.inspect.UnionType) else (shape,)
    return [one.type if isinstance(one, msgspec.inspect.Metadata) else one for one in members]


def _is_number(text: str) -> bool:
    """Lax reading would take it for seconds since 1970."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def _if_match(request: Request[Any, Any, Any]) -> int | None:
    """The revision that the caller last saw (RFC 9110, section 13.1.1); None where any will do."""
    text = request.headers.get("if-match")
    if text is None or text.strip() == "*":
        return None
    digits = text.strip().removeprefix('"').removesuffix('"')
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19 and int(digits)):
        raise HeaderInvalid("If-Match", "it is not an ETag of this shop")
    return int(digits)


async def _body(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """The JSON object in the body; an empty body is an empty object."""
    raw = await json_body(request)
    if not raw:
        return {}
    try:
        fields = read_json(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise MalformedBody(str(problem)[:200].rstrip(".")) from problem
    except RecursionError as problem:
        raise MalformedBody("it is nested too deeply") from problem
    if not isinstance(fields, dict):
        raise MalformedBody("it is something else")
    return fields


async def json_body(request: Request[Any, Any, Any]) -> bytes:
    """The body, which says that it is JSON; an empty one need not say so.

    Raises BodyTooLarge, BodyTooSlow or NotJson.
    """
    raw = await raw_body(request)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if raw and media_type != "application/json":
        raise NotJson
    return raw


async def raw_body(request: Request[Any, Any, Any]) -> bytes:
    """The body, byte for byte. Raises BodyTooLarge or BodyTooSlow."""
    try:
        return await asyncio.wait_for(request.body(), BODY_SECONDS_MAX)
    except TimeoutError as problem:
        raise BodyTooSlow from problem
    except HTTPException as problem:
        if problem.status_code == 413:
            raise BodyTooLarge(BODY_BYTES_MAX) from problem
        raise
