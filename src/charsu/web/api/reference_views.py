"""The description of the API as its page shows it."""

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from charsu.web.api.openapi import Json

_CODE = re.compile("^- `([a-z0-9_]+)`:", re.MULTILINE)


class FieldView(Struct, frozen=True):
    """One parameter, or one field of a body or shape.

    shape   the named shape that its type tells of; empty for none
    """

    name: str
    type: str
    is_required: bool
    note: str
    shape: str = ""


class AnswerView(Struct, frozen=True):
    """One status, with the shape of the answer or the codes of the refusals."""

    status: str
    type: str
    codes: tuple[str, ...]


class OperationView(Struct, frozen=True, kw_only=True):
    """One operation."""

    name: str
    summary: str
    method: str
    path: str
    paragraphs: tuple[str, ...]
    parameters: tuple[FieldView, ...]
    body: tuple[FieldView, ...]
    answers: tuple[AnswerView, ...]


class ShapeView(Struct, frozen=True):
    """One named shape."""

    name: str
    type: str
    description: str
    fields: tuple[FieldView, ...]


def groups_of(document: Json) -> dict[str, list[OperationView]]:
    """The operations of each package, in the order of their addresses."""
    groups: dict[str, list[OperationView]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            groups[operation["tags"][0]].append(_operation(method.upper(), path, operation))
    return groups


def shapes_of(document: Json) -> list[ShapeView]:
    """Every named shape."""
    return [
        ShapeView(name, type_of(schema), schema.get("description", ""), tuple(_fields(schema)))
        for name, schema in sorted(document["components"]["schemas"].items())
    ]


def type_of(schema: Json) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if "anyOf" in schema:
        return " | ".join(type_of(member) for member in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {type_of(schema['items'])}" if schema.get("items") else "list"
    return str(schema.get("format") or schema.get("type") or "anything")


def _operation(method: str, path: str, operation: Json) -> OperationView:
    content = operation.get("requestBody", {}).get("content", {})
    return OperationView(
        name=operation["operationId"],
        summary=operation["summary"],
        method=method,
        path=path,
        paragraphs=tuple(operation["description"].split("\n\n")[1:]),
        parameters=tuple(_parameters(operation["parameters"])),
        body=tuple(_fields(content.get("application/json", {}).get("schema", {}))),
        answers=tuple(_answer(status, one) for status, one in operation["responses"].items()),
    )


def _parameters(parameters: Iterable[Json]) -> Iterator[FieldView]:
    for one in parameters:
        note = f"in the {one['in']}. {one.get('description', '')}".strip()
        kind = one["schema"]
        is_required = one.get("required", False)
        yield FieldView(one["name"], type_of(kind), is_required, note, _shape_in(kind))


def _fields(schema: Json) -> Iterator[FieldView]:
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        note = field.get("description", "")
        yield FieldView(name, type_of(field), name in required, note, _shape_in(field))


def _shape_in(schema: Json) -> str:
    """The first named shape in a schema."""
    if "$ref" in schema:
        return type_of(schema)
    inner = (*schema.get("anyOf", ()), schema.get("items") or {})
    return next((found for one in inner if one and (found := _shape_in(one))), "")


def _answer(status: str, answer: Json) -> AnswerView:
    types = [type_of(content["schema"]) for content in answer.get("content", {}).values()]
    codes = _CODE.findall(answer["description"]) if status >= "400" else []
    return AnswerView(status, ", ".join(types), tuple(codes))
