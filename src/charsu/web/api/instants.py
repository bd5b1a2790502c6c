"""What the description says of instants: every one is written as RFC 3339 has it.

The schemas made from the types say so only of those that are bound to have a zone. All of ours
have one: the database gives them, and asks demand it.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import inspect

Json = dict[str, Any]


def structs_in(kinds: Iterable[Any]) -> list[type]:
    """Every struct that these types are made of, once."""
    found: dict[type, None] = {}
    waiting = [inspect.type_info(kind) for kind in kinds]
    while waiting:
        shape = waiting.pop()
        if isinstance(shape, inspect.StructType):
            if shape.cls in found:
                continue
            found[shape.cls] = None
        waiting.extend(_parts(shape))
    return list(found)


def mark_instants(schemas: dict[Any, Json], components: Json) -> None:
    """Give each instant in the components its format. ``schemas`` refer each struct to its own."""
    for kind, schema in schemas.items():
        shape = inspect.type_info(kind)
        if isinstance(shape, inspect.StructType):
            properties = components[schema["$ref"].rpartition("/")[2]]["properties"]
            for field in shape.fields:
                _mark(field.type, properties[field.encode_name])


def _mark(shape: inspect.Type, schema: Json) -> None:
    """Go down the type and its schema side by side; structs are components of their own."""
    if isinstance(shape, inspect.Metadata):
        _mark(shape.type, schema)
    elif isinstance(shape, inspect.UnionType):
        texts = [one for one in schema.get("anyOf", ()) if one.get("type") == "string"]
        for member in shape.types:
            if isinstance(member, inspect.DateTimeType) and len(texts) == 1:
                _mark(member, texts[0])
    elif isinstance(shape, inspect.DateTimeType):
        schema["format"] = "date-time"
    elif isinstance(shape, inspect.CollectionType) and "items" in schema:
        _mark(shape.item_type, schema["items"])
    elif isinstance(shape, inspect.DictType) and "additionalProperties" in schema:
        _mark(shape.value_type, schema["additionalProperties"])


def _parts(shape: inspect.Type) -> Iterator[inspect.Type]:
    if isinstance(shape, inspect.Metadata):
        yield shape.type
    elif isinstance(shape, inspect.UnionType):
        yield from shape.types
    elif isinstance(shape, inspect.StructType):
        yield from (field.type for field in shape.fields)
    elif isinstance(shape, inspect.CollectionType):
        yield shape.item_type
    elif isinstance(shape, inspect.TupleType):
        yield from shape.item_types
    elif isinstance(shape, inspect.DictType):
        yield shape.value_type
