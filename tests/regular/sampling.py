"""Smallest requests, made from the types of the asks alone."""

import re
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from msgspec import inspect

from charsu.kernel import AnyOperation

_FIND = settings(database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
NOBODYS_ID = "01890000-0000-7000-8000-00000000ffff"


def sample(kind: Any, *, location_id: UUID) -> Any:
    """A smallest JSON value that the type takes; every id of a location is the given one."""
    return _Sampler(location_id).value(inspect.type_info(kind))


class _Sampler:
    def __init__(self, location_id: UUID) -> None:
        self.location_id = str(location_id)

    def value(self, kind: inspect.Type, name: str = "") -> Any:
        if isinstance(kind, inspect.Metadata):
            return self.value(kind.type, name)
        if isinstance(kind, inspect.UnionType):
            return self.value(self._plainest(kind, name), name)
        if isinstance(kind, inspect.StructType):
            return self._struct(kind)
        if isinstance(kind, inspect.CollectionType):
            return [self.value(kind.item_type, name) for _ in range(kind.min_length or 0)]
        return self._scalar(kind, name)

    def _plainest(self, kind: inspect.UnionType, name: str) -> inspect.Type:
        """None where that is allowed, but a place is always named."""
        members = sorted(kind.types, key=lambda one: not isinstance(one, inspect.NoneType))
        return members[-1] if "location" in name else members[0]

    def _struct(self, kind: inspect.StructType) -> dict[str, Any]:
        values = {} if kind.tag_field is None else {kind.tag_field: kind.tag}
        for field in kind.fields:
            if field.required or "location" in field.encode_name:
                values[field.encode_name] = self.value(field.type, field.encode_name)
        return values

    def _scalar(self, kind: inspect.Type, name: str) -> Any:
        if isinstance(kind, inspect.UUIDType):
            return self.location_id if "location" in name else NOBODYS_ID
        if isinstance(kind, inspect.IntType | inspect.FloatType):
            least = kind.ge if kind.ge is not None else (kind.gt + 1 if kind.gt is not None else 0)
            return least if kind.le is None else min(least, kind.le)
        if isinstance(kind, inspect.BoolType):
            return False
        if isinstance(kind, inspect.StrType):
            return self._text(kind)
        if isinstance(kind, inspect.EnumType):
            return next(iter(kind.cls)).value
        if isinstance(kind, inspect.LiteralType):
            return kind.values[0]
        if isinstance(kind, inspect.DateTimeType):
            return "2026-11-23T12:00:00Z"
        if isinstance(kind, inspect.DateType):
            return "2026-11-23"
        if isinstance(kind, inspect.TimeType):
            return "12:00:00"
        if isinstance(kind, inspect.DictType):
            return {}
        if isinstance(kind, inspect.TupleType):
            return [self.value(one) for one in kind.item_types]
        return None

    def _text(self, kind: inspect.StrType) -> str:
        if kind.pattern is None:
            return "x" * max(1, kind.min_length or 0)
        return _fitting(kind.pattern, kind.min_length or 0, kind.max_length or 1000)


@cache
def _fitting(pattern: str, least: int, most: int) -> str:
    """Some text of this pattern, the first that is found."""
    fits = st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True)
    return find(fits, lambda text: least <= len(text) <= most, settings=_FIND)


def request_for(operation: AnyOperation, fields: dict[str, Any]) -> dict[str, Any]:
    """How the HTTP client sends these fields: path, query and body."""
    path, rest = operation.http_path or "", dict(fields)
    for name in re.findall("{([^}]+)}", path):
        path = path.replace("{" + name + "}", str(rest.pop(name)))
    request: dict[str, Any] = {"method": operation.http_method, "url": path}
    if operation.http_method in {"POST", "PUT", "PATCH"}:
        return {**request, "json": rest}
    return {**request, "params": {name: _as_text(value) for name, value in rest.items()}}


def _as_text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | dict):
        return [msgspec.json.encode(one).decode().strip('"') for one in value]
    return value
