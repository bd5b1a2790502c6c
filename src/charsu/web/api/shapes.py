"""What may come in at all, whichever operation is asked.

Structs of the domain say what a field may be. Here stands what holds for every request: nothing
that the ask does not know, no character that a database text cannot hold, no number beyond 64
bits, no instant beyond the years that a clock shows. So a slip of a key is told, and never
silently dropped.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from math import isinf
from typing import Any

import msgspec
from msgspec import inspect

from charsu.web.api.errors import FieldInvalid

INTEGER_MAX = 2**63 - 1
_UNTOLD = re.compile("[\x00\ud800-\udfff]")
_AT_AN_END_OF_TIME = re.compile(r"(?:0001-01-01|9999-12-31)[Tt ][0-9]")
_MISSING = re.compile("Object missing required field `(.+)`")


def read_json(raw: bytes) -> Any:
    """What stands in a JSON text. Raises msgspec.DecodeError.

    2.0 is read as the whole number 2, as JSON Schema has it (2020-12, 4.2.3) and some clients
    write it; exactly, whatever its size.
    """
    return _JSON.decode(raw)


def _number(text: str) -> int | float:
    value = float(text)
    if isinf(value):
        raise ValueError("Number out of range")
    if not value.is_integer() or abs(value) > INTEGER_MAX:
        return value
    exact = Decimal(text)
    whole = exact.to_integral_value()
    return int(whole) if whole == exact else value


_JSON = msgspec.json.Decoder(float_hook=_number)


def check_plain(value: Any, path: str = "") -> None:
    """Raises FieldInvalid for what cannot be stored and read again, anywhere: a NUL, a lone
    surrogate, an integer beyond 64 bits, an instant beyond the years 1 to 9999 by UTC.
    """
    if isinstance(value, str):
        if _UNTOLD.search(value):
            raise FieldInvalid("A text has a character that cannot be stored", path)
        if _AT_AN_END_OF_TIME.match(value) and not _has_a_year(value):
            raise FieldInvalid("An instant is beyond the years 1 to 9999", path)
    elif isinstance(value, dict):
        for name, inner in value.items():
            check_plain(name, path)
            check_plain(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            check_plain(inner, f"{path}[{number}]")
    elif isinstance(value, int) and not -INTEGER_MAX - 1 <= value <= INTEGER_MAX:
        raise FieldInvalid("A number has more than 64 bits", path)


def _has_a_year(text: str) -> bool:
    try:
        msgspec.convert(text, datetime).astimezone(UTC)
    except OverflowError:
        return False
    except msgspec.ValidationError:  # a text that only begins like an instant
        return True
    return True


def check_known(kind: Any, value: Any) -> None:
    """Raises FieldInvalid naming the first field of a JSON value that the type does not know."""
    if (path := _unknown(_shape(kind), value)) is not None:
        field = path.removeprefix(".")[:100]
        raise FieldInvalid(field=field, kind="field")


@cache
def _shape(kind: Any) -> inspect.Type:
    return inspect.type_info(kind)


def _unknown(shape: inspect.Type, value: Any) -> str | None:
    """The path of the first unknown field, or None. What does not fit at all is not our matter."""
    if isinstance(shape, inspect.Metadata):
        return _unknown(shape.type, value)
    if isinstance(shape, inspect.UnionType):
        return _unknown_in_union(shape, value)
    if isinstance(shape, inspect.StructType) and isinstance(value, dict):
        return _unknown_in_struct(shape, value)
    if isinstance(shape, inspect.DictType) and isinstance(value, dict):
        return _first((f".{name}", shape.value_type, inner) for name, inner in value.items())
    if isinstance(value, list):
        return _first((f"[{i}]", _item(shape, i), inner) for i, inner in enumerate(value))
    return None


def _unknown_in_struct(shape: inspect.StructType, value: dict[str, Any]) -> str | None:
    fields = {field.encode_name: field.type for field in shape.fields}
    for name in value:
        if name not in fields and name != shape.tag_field:
            return f".{name}"
    return _first((f".{name}", fields[name], value[name]) for name in fields.keys() & value.keys())


def _unknown_in_union(shape: inspect.UnionType, value: Any) -> str | None:
    """The tagged member that the value names, or the only struct, or nothing to say."""
    for member in shape.types:
        if isinstance(member, inspect.StructType) and member.tag_field and isinstance(value, dict):
            if value.get(member.tag_field) == member.tag:
                return _unknown(member, value)
        elif (found := _unknown(member, value)) is not None:
            return found
    return None


def _first(parts: Iterable[tuple[str, inspect.Type | None, Any]]) -> str | None:
    for step, shape, value in parts:
        if shape is not None and (found := _unknown(shape, value)) is not None:
            return step + found
    return None


def _item(shape: inspect.Type, index: int) -> inspect.Type | None:
    if isinstance(shape, inspect.TupleType):
        return shape.item_types[index] if index < len(shape.item_types) else None
    return getattr(shape, "item_type", None)


def converted(value: Any, kind: Any, *, strict: bool = True) -> Any:
    """The value as this type. Raises FieldInvalid with the validator's own reason and the field."""
    try:
        return msgspec.convert(value, kind, strict=strict)
    except msgspec.ValidationError as problem:
        reason, _, place = str(problem).partition(" - at `")
        path = place.rstrip("`").removeprefix("$").removeprefix(".")
        if missing := _MISSING.fullmatch(reason):
            path = f"{path}.{missing[1]}".removeprefix(".")
        raise FieldInvalid(reason, path) from problem
    except (OverflowError, ValueError) as problem:
        raise FieldInvalid("A value is out of range") from problem
