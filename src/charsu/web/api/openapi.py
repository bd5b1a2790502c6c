"""The API's description (OpenAPI 3.1), made from the operations themselves."""

import inspect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from typing import Any
from uuid import UUID

import msgspec

from charsu.kernel import (
    AnyOperation,
    Forbidden,
    HubError,
    InFlight,
    KeyReused,
    NotFound,
    Stale,
    Unauthorized,
    Unavailable,
)
from charsu.kernel.access import KeyRefused, SessionEnded, guest_actor
from charsu.web.api.answering import FOUND_AGAIN, answer_fields, place_made, success_status
from charsu.web.api.asking import BODY_METHODS, KEY_LETTERS_MAX, REVISION, field_kinds
from charsu.web.api.errors import (
    BodyTooLarge,
    BodyTooSlow,
    CredentialsMalformed,
    CrossSite,
    FieldInvalid,
    HeaderInvalid,
    MalformedBody,
    NotJson,
    SignInNeeded,
    TooManyRequests,
)
from charsu.web.api.instants import mark_instants, structs_in
from charsu.web.api.links import links_from
from charsu.web.api.problems import MEDIA_TYPE, Problem, status_of, title_of
from charsu.web.api.shapes import INTEGER_MAX

Json = dict[str, Any]
_REFERENCE = "#/components/schemas/{name}"
_CALLER = (
    *(CredentialsMalformed, KeyRefused, SessionEnded, SignInNeeded, Unauthorized),
    *(Forbidden, CrossSite, FieldInvalid, HeaderInvalid, Unavailable),
    TooManyRequests,
)
_WRITING = (InFlight, KeyReused)
_BODY = (MalformedBody, BodyTooLarge, BodyTooSlow, NotJson)

_ABOUT = """\
Everything the shop can do, one operation each.

Send an API key as `Authorization: Bearer …`. Without one you are a guest and see the public face
of the shop; keep the `X-Charsu-Guest` of the first answer and send it along, so that your cart
stays yours.

Send an `Idempotency-Key` with every change: the same key has one effect and one answer, however
often it is sent. Refusals are problem details (RFC 9457); programs look at `code`. Amounts of money
are integers in the minor unit of their currency. Times are in UTC."""


def describe(operations: Iterable[AnyOperation]) -> Json:
    """The document for every operation that has an address."""
    offered = [operation for operation in operations if operation.http_path]
    schemas, components = _schemas(offered)
    paths: defaultdict[str, Json] = defaultdict(dict)
    for operation in offered:
        assert operation.http_path is not None and operation.http_method is not None
        described = _Description(operation, offered, schemas, components).whole()
        paths[operation.http_path][operation.http_method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Charsu",
            "version": version("charsu"),
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": _tags(offered),
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": components, "securitySchemes": _SECURITY},
    }


_SECURITY: Json = {
    "key": {"type": "http", "scheme": "bearer", "description": "An API key."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "session",
        "description": "A member of staff who has signed in; for pages of the shop itself.",
    },
}


def _security(operation: AnyOperation) -> list[Json]:
    """What must be shown: nothing where a guest may ask, else a key or a session."""
    nothing: list[Json] = [{}] if guest_actor(UUID(int=0)).may(operation.permission, None) else []
    return [*nothing, {"key": []}, {"session": []}]


def refusals(operation: AnyOperation) -> list[type[HubError]]:
    """Every kind of refusal that a caller of this operation may meet."""
    kinds: list[type[HubError]] = [*_CALLER, *operation.raises]
    if operation.writes:
        kinds += _WRITING
    if operation.http_method in BODY_METHODS:
        kinds += _BODY
    if REVISION in field_kinds(operation.ask_type):
        kinds.append(Stale)
    if _names_things(operation):
        kinds.append(NotFound)
    return list(dict.fromkeys(kinds))


def _names_things(operation: AnyOperation) -> bool:
    """Whether the request points at something, which then may not be there."""
    if "{" in (operation.http_path or ""):
        return True
    return (
        '"format":"uuid"' in msgspec.json.encode(msgspec.json.schema(operation.ask_type)).decode()
    )


class _Description:
    """One operation as the document tells it."""

    def __init__(
        self,
        operation: AnyOperation,
        offered: Sequence[AnyOperation],
        schemas: dict[Any, Json],
        components: Json,
    ) -> None:
        self.operation = operation
        self.offered = offered
        self.schemas = schemas
        self.ask = components[schemas[operation.ask_type]["$ref"].rpartition("/")[2]]
        self.in_path = [name for name in self.ask["properties"] if self._is_in_path(name)]
        self.place = place_made(operation, offered)

    def whole(self) -> Json:
        operation = self.operation
        described: Json = {
            "operationId": operation.name,
            "tags": [operation.name.partition(".")[0]],
            "summary": operation.summary,
            "description": _description(operation),
            "parameters": list(self._parameters()),
            "responses": {**self._success(), **_problems(operation)},
            "security": _security(operation),
            "x-permission": operation.permission,
        }
        if operation.http_method in BODY_METHODS and (body := self._body()):
            described["requestBody"] = body
        return described

    def _is_in_path(self, name: str) -> bool:
        return "{" + name + "}" in (self.operation.http_path or "")

    def _parameters(self) -> Iterator[Json]:
        required = self.ask.get("required", ())
        has_body = self.operation.http_method in BODY_METHODS
        for name, schema in self.ask["properties"].items():
            if name in self.in_path:
                yield {"name": name, "in": "path", "required": True, "schema": _in_path(schema)}
            elif not has_body and name != REVISION:
                is_required = name in required
                yield {"name": name, "in": "query", "required": is_required, "schema": schema}
        if self.operation.writes:
            yield _KEY_HEADER
        if REVISION in self.ask["properties"]:
            yield {**_REVISION_HEADER, "required": REVISION in required}

    def _body(self) -> Json | None:
        """What is left of the ask when the path has taken its part."""
        properties = {
            name: schema
            for name, schema in self.ask["properties"].items()
            if name not in self.in_path and name != REVISION
        }
        if not properties:
            return None
        required = [name for name in self.ask.get("required", ()) if name in properties]
        schema: Json = {"type": "object", "properties": properties, "additionalProperties": False}
        if required:
            schema["required"] = required
        return {"required": bool(required), "content": {"application/json": {"schema": schema}}}

    def _success(self) -> Json:
        status = success_status(self.operation, self.place)
        answer: Json = {"description": "Done." if self.operation.writes else "The answer."}
        if status != 204:
            schema = self.schemas[self.operation.answer_type]
            answer["content"] = {"application/json": {"schema": schema}}
        if headers := self._headers():
            answer["headers"] = headers
        if links := links_from(self.operation, self.offered):
            answer["links"] = links
        if status == 201 and FOUND_AGAIN in answer_fields(self.operation):
            return {"200": answer | {"description": "It was there already."}, "201": answer}
        return {str(status): answer}

    def _headers(self) -> Json:
        headers = {}
        if self.place is not None:
            headers["Location"] = _header("Where it is found.")
        if REVISION in answer_fields(self.operation):
            headers["ETag"] = _header("The revision, for If-Match.")
        return headers


_KEY_HEADER: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key has one effect and one answer. Your own, such as a UUID.",
    "schema": {
        "type": "string",
        "pattern": "^[!-~]+$",
        "maxLength": KEY_LETTERS_MAX,
        "minLength": 1,
    },
}
_REVISION_HEADER: Json = {
    "name": "If-Match",
    "in": "header",
    "description": "The ETag that you last saw, or `*` for any.",
    "schema": {"type": "string", "pattern": '^(\\*|"[1-9][0-9]{0,17}")$'},
}


def _header(description: str) -> Json:
    return {"description": description, "schema": {"type": "string"}}


def _description(operation: AnyOperation) -> str:
    """The whole docstring, and who may ask."""
    text = inspect.cleandoc(operation.__doc__ or "")
    return f"{text}\n\nPermission: `{operation.permission}`."


def _problems(operation: AnyOperation) -> Json:
    """One response for each status, telling the codes that it may carry."""
    by_status: defaultdict[int, list[type[HubError]]] = defaultdict(list)
    for kind in refusals(operation):
        if (status := status_of(kind)) is not None:
            by_status[status].append(kind)
    return {
        str(status): {
            "description": "\n".join(f"- `{kind.code}`: {title_of(kind)}." for kind in kinds),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, kinds in sorted(by_status.items())
    }


def _schemas(offered: Sequence[AnyOperation]) -> tuple[dict[Any, Json], Json]:
    """The schema of every ask and answer, and the components that they refer to."""
    kinds = [*(one.ask_type for one in offered), *(one.answer_type for one in offered), Problem]
    unique = list(dict.fromkeys([*kinds, *structs_in(kinds)]))
    described, components = msgspec.json.schema_components(unique, ref_template=_REFERENCE)
    schemas = dict(zip(unique, described, strict=True))
    mark_instants(schemas, components)
    _close({"components": components, "schemas": list(described)})
    return schemas, components


def _close(node: Any) -> None:
    """Say what the edge holds of every request: known fields only, 64 bits, no NUL."""
    if isinstance(node, list):
        for item in node:
            _close(item)
    if not isinstance(node, dict):
        return
    if node.get("type") == "object" and "properties" in node:
        node.setdefault("additionalProperties", False)
    if node.get("type") == "integer" and "enum" not in node:
        if "exclusiveMinimum" not in node:
            node.setdefault("minimum", -INTEGER_MAX - 1)
        if "exclusiveMaximum" not in node:
            node.setdefault("maximum", INTEGER_MAX)
        node["format"] = "int64"
    if node.get("type") == "string" and not node.keys() & {"pattern", "format", "enum", "const"}:
        node["pattern"] = _WRITABLE
    if isinstance(node.get("additionalProperties"), dict):
        node.setdefault("propertyNames", {"pattern": _WRITABLE})
    for value in list(node.values()):
        _close(value)


def _in_path(schema: Json) -> Json:
    """A part of an address is never empty and never holds a slash."""
    if schema.get("pattern") == _WRITABLE:
        return {"minLength": 1, **schema, "pattern": r"^[^/\\\x00]+$"}
    return schema


_WRITABLE = r"^[^\x00]*$"
"""Any text that a database can hold."""


def _tags(offered: Sequence[AnyOperation]) -> list[Json]:
    return [{"name": name} for name in sorted({one.name.partition(".")[0] for one in offered})]
