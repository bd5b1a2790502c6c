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
from charsu.web.api.shapes import check_known, check_plain, converted

BODY_BYTES_MAX = 1 << 20
BODY_SECONDS_MAX = 20
KEY_LETTERS_MAX = 255
BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})


async def ask_from(request: Request[Any, Any, Any], operation: AnyOperation) -> Any:
    """The ask. Raises the edge's refusals; FieldInvalid names the field."""
    fields = await _body(request) if operation.http_method in BODY_METHODS else {}
    check_plain(fields)
    kinds = field_kinds(operation.ask_type)
    check_known(operation.ask_type, fields)
    given = _in_address(request, operation, kinds)
    if twice := given.keys() & fields.keys():
        raise FieldInvalid("A field in the address is not repeated in the body", min(twice))
    revision = _if_match(request) if "revision" in kinds else None
    if revision is not None:
        if fields.get("revision", revision) != revision:
            raise HeaderInvalid("If-Match", "the body names another revision")
        given["revision"] = revision
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
    if not 1 <= len(key) <= KEY_LETTERS_MAX or not all("!" <= letter <= "~" for letter in key):
        raise HeaderInvalid("Idempotency-Key", "1 to 255 visible ASCII characters are allowed")
    return key


def _in_address(
    request: Request[Any, Any, Any], operation: AnyOperation, kinds: dict[str, Any]
) -> dict[str, Any]:
    """Fields of the path and, where there is no body, of the query; text becomes what it means."""
    given: dict[str, Any] = {}
    for name, text in request.path_params.items():
        given[name] = _read(kinds[name], [str(text)], name)
    query = _query(request)
    in_query = set() if operation.http_method in BODY_METHODS else kinds.keys() - given.keys()
    for name, texts in query.items():
        if name not in in_query:
            raise FieldInvalid(f"There is no parameter {name[:100]}", name[:100])
        given[name] = _read(kinds[name], texts, name)
    return given


def _query(request: Request[Any, Any, Any]) -> dict[str, list[str]]:
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
    shape = msgspec.inspect.type_info(kind)
    members = shape.types if isinstance(shape, msgspec.inspect.UnionType) else (shape,)
    return any(
        isinstance(
            member.type if isinstance(member, msgspec.inspect.Metadata) else member,
            msgspec.inspect.CollectionType | msgspec.inspect.TupleType,
        )
        for member in members
    )


def _if_match(request: Request[Any, Any, Any]) -> int | None:
    """The revision that the caller last saw (RFC 9110, section 13.1.1); None where any will do."""
    text = request.headers.get("if-match")
    if text is None or text.strip() == "*":
        return None
    digits = text.strip().removeprefix('"').removesuffix('"')
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        raise HeaderInvalid("If-Match", "it is not an ETag of this shop")
    return int(digits)


async def _body(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """The JSON object in the body; an empty body is an empty object."""
    raw = await _raw_body(request)
    if not raw:
        return {}
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise NotJson
    try:
        fields = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise MalformedBody(str(problem)[:200].rstrip(".")) from problem
    except RecursionError as problem:
        raise MalformedBody("it is nested too deeply") from problem
    if not isinstance(fields, dict):
        raise MalformedBody("it is something else")
    return fields


async def _raw_body(request: Request[Any, Any, Any]) -> bytes:
    try:
        return await asyncio.wait_for(request.body(), BODY_SECONDS_MAX)
    except TimeoutError as problem:
        raise BodyTooSlow from problem
    except HTTPException as problem:
        if problem.status_code == 413:
            raise BodyTooLarge(BODY_BYTES_MAX) from problem
        raise
