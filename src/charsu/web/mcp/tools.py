"""Operations as tools: what an assistant is told of each."""

import inspect
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Raw, Struct

from charsu.kernel import AnyOperation
from charsu.web.api.asking import KEY_LETTERS_MAX

Json = dict[str, Any]
KEY = "idempotency_key"
_REFERENCE = "#/$defs/{name}"

_KEY_SCHEMA: Json = {
    "type": "string",
    "minLength": 1,
    "maxLength": KEY_LETTERS_MAX,
    "pattern": "^[!-~]+$",
    "description": "Your own name for this one change, such as a new UUID. The same key has one"
    " effect and one answer: repeat a call that failed with the same key and the same arguments.",
}


class Tool(Struct, frozen=True):
    """An operation as assistants see it.

    described   the tool as ``tools/list`` tells it, in JSON
    has_object  whether the answer is an object, which is what earlier revisions can type
    """

    name: str
    operation: AnyOperation
    described: Raw
    has_object: bool

    @property
    def package(self) -> str:
        return self.operation.name.partition(".")[0]


def tools_of(operations: Iterable[AnyOperation]) -> dict[str, Tool]:
    """A tool for each operation that is offered over HTTP, by name and in the order of names."""
    tools = [_tool(operation) for operation in operations if operation.http_path]
    return {tool.name: tool for tool in sorted(tools, key=lambda tool: tool.name)}


def tool_name(operation: AnyOperation) -> str:
    """``orders-place`` for ``orders.place``: a dot is allowed here and refused by many models."""
    return operation.name.replace(".", "-")


def _tool(operation: AnyOperation) -> Tool:
    answer = _schema(operation.answer_type)
    has_object = answer.get("type") == "object"
    described: Json = {
        "name": tool_name(operation),
        "title": _title(operation),
        "description": _description(operation),
        "inputSchema": _input(operation),
        "annotations": _annotations(operation),
    }
    if has_object:
        described["outputSchema"] = answer
    return Tool(
        name=tool_name(operation),
        operation=operation,
        described=Raw(msgspec.json.encode(described)),
        has_object=has_object,
    )


def _title(operation: AnyOperation) -> str:
    package, _, verb = operation.name.partition(".")
    return f"{package.capitalize()}: {verb.replace('_', ' ').replace('.', ', ')}"


def _description(operation: AnyOperation) -> str:
    text = inspect.cleandoc(operation.__doc__ or operation.name)
    return f"{text}\n\nPermission: {operation.permission}."


def _annotations(operation: AnyOperation) -> Json:
    """What the address promises by HTTP's own rules (RFC 9110, section 9.2).

    Only a question surely changes nothing for the worse; a client should ask a person about the
    rest, which is why every verb counts as destructive.
    """
    if not operation.writes:
        return {"readOnlyHint": True, "openWorldHint": False}
    return {
        "readOnlyHint": False,
        "destructiveHint": True,
        "idempotentHint": operation.http_method in {"PUT", "DELETE"},
        "openWorldHint": False,
    }


def _input(operation: AnyOperation) -> Json:
    schema = _schema(operation.ask_type)
    _close(schema)
    if operation.writes:
        schema["properties"][KEY] = _KEY_SCHEMA
    return schema


def _schema(kind: Any) -> Json:
    """JSON Schema 2020-12 with everything it refers to; an object's own schema is the root."""
    (root,), named = msgspec.json.schema_components([kind], ref_template=_REFERENCE)
    reference = root.get("$ref")
    if reference is not None:
        root = dict(named[reference.rpartition("/")[2]])
        root.pop("title", None)
        if reference not in _references([root, *named.values()]):
            del named[reference.rpartition("/")[2]]
    return {**root, "$defs": named} if named else root


def _references(node: Any) -> set[str]:
    if isinstance(node, list):
        return set().union(*map(_references, node))
    if not isinstance(node, dict):
        return set()
    own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
    return own.union(*map(_references, node.values()))


def _close(node: Any) -> None:
    """Say of every object that a field it does not know is refused, as the edge does."""
    if isinstance(node, list):
        for item in node:
            _close(item)
    if not isinstance(node, dict):
        return
    if node.get("type") == "object" and "properties" in node:
        node.setdefault("additionalProperties", False)
    for value in list(node.values()):
        _close(value)
