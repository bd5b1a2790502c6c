"""Where an answer leads: operations whose address it fills (OpenAPI 3.1, Link Object)."""

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from typing import Any

from msgspec import inspect

from charsu.kernel import AnyOperation
from charsu.web.api.asking import BODY_METHODS

Json = dict[str, Any]


def links_from(operation: AnyOperation, offered: Iterable[AnyOperation]) -> Json:
    """The links of an operation's success, by the name of the operation that they lead to.

    A parameter comes from the answer's field of its name, else from the first entry of a list in
    the answer (``fulfillments/0/id`` for a ``fulfillment_id``), else from the address asked. A
    name that is no id, such as ``code``, means the same only under the same address, and there
    comes from the list that the address is about (``codes/0`` for ``/codes/{code}``).
    """
    told = _told(inspect.type_info(operation.answer_type))
    own, first = _entry(operation, offered), told.pop("item_id", None)
    if own is not None and first is not None and _is_id(own):
        told[own] = first
    asked = {name: f"$request.path.{name}" for name in _in_path(operation.http_path)}
    found = {}
    for other in offered:
        needed = [*_in_path(other.http_path), *_in_query(other)]
        is_under = _is_under(other, operation)
        listed = _listed(told, other) if is_under else {}
        known = {**listed, **asked, **told}
        if not needed or other is operation or not known.keys() >= set(needed):
            continue
        if is_under or (told.keys() & set(needed) and all(map(_is_id, needed))):
            parameters = {name: known[name] for name in needed}
            found[other.name] = {"operationId": other.name, "parameters": parameters}
    return found


def _listed(told: dict[str, str], other: AnyOperation) -> dict[str, str]:
    """Names that are no ids, from the list in the answer that the other's address is about."""
    parts = (other.http_path or "").split("/")
    names = {
        part.strip("{}"): (f"{before}/{part.strip('{}')}", f"items/{part.strip('{}')}")
        for before, part in pairwise(parts)
        if part.startswith("{")
    }
    return {
        name: told[place] for name, places in names.items() for place in places if place in told
    }


def _entry(operation: AnyOperation, offered: Iterable[AnyOperation]) -> str | None:
    """What the entries of a collection are called by their own addresses: ``order_id``."""
    for other in offered:
        head, _, last = (other.http_path or "").rpartition("/")
        if head == operation.http_path and last.startswith("{"):
            return last.strip("{}")
    return None


def _told(shape: inspect.Type) -> dict[str, str]:
    """What an answer tells, by the name that a parameter would have, with where it stands.

    A name from a list that is no id goes with the list: ``codes/code``.
    """
    if not isinstance(shape, inspect.StructType):
        return {}
    found: dict[str, str] = {}
    for field in shape.fields:
        name = field.encode_name
        first = _told_by_first(field.type, name)
        own_id = f"{name.removesuffix('s')}_id"
        its_own = {own_id: first[own_id]} if own_id in first else {}
        found = {**first, **found, **its_own}  # a thing's own id before what refers to it
    own = {field.encode_name: f"$response.body#/{field.encode_name}" for field in shape.fields}
    return {**found, **own}


def _told_by_first(shape: inspect.Type, name: str) -> dict[str, str]:
    """The fields of a list's first entry; its ``id`` goes by the name of the list."""
    if isinstance(shape, inspect.Metadata):
        return _told_by_first(shape.type, name)
    item, place = getattr(shape, "item_type", None), f"$response.body#/{name}/0"
    if isinstance(item, inspect.Metadata):
        item = item.type
    if isinstance(item, inspect.StrType):
        return {f"{name}/{name.removesuffix('s')}": place}
    if not isinstance(item, inspect.StructType):
        return {}
    told = {}
    for field in (one.encode_name for one in item.fields):
        known = f"{name.removesuffix('s')}_id" if field == "id" else field
        told[known if _is_id(known) else f"{name}/{known}"] = f"{place}/{field}"
    return told


def _in_path(path: str | None) -> Iterator[str]:
    """The names in an address such as ``/v1/orders/{order_id}``."""
    return (part.strip("{}") for part in (path or "").split("/") if part.startswith("{"))


def _in_query(operation: AnyOperation) -> Iterator[str]:
    """The names that an address without a body must have besides."""
    if operation.http_method in BODY_METHODS:
        return iter(())
    in_path = set(_in_path(operation.http_path))
    return (name for name in _required(operation) if name not in in_path)


@cache  # each operation is looked at from all others
def _required(operation: AnyOperation) -> tuple[str, ...]:
    """The fields that a request for this operation must have."""
    shape = inspect.type_info(operation.ask_type)
    assert isinstance(shape, inspect.StructType)
    return tuple(field.encode_name for field in shape.fields if field.required)


def _is_id(name: str) -> bool:
    return name.endswith("_id")


def _is_under(other: AnyOperation, operation: AnyOperation) -> bool:
    """Whether the one does something with what the other reads, lists or makes."""
    path = f"{operation.http_path}/"
    is_first = operation.http_method == "GET" or "{" not in path
    return is_first and f"{other.http_path}/".startswith(path)
