"""An operation's answer as a response."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Response
from msgspec import Struct

from charsu.kernel import AnyOperation
from charsu.web.api.asking import field_kinds

FOUND_AGAIN = "is_new"  # the field of an answer that is false where nothing was made


class Place(Struct, frozen=True):
    """Where that which a POST has made is found again.

    path   of the GET, with one parameter
    name   of the parameter, and of the answer's field that holds it
    """

    path: str
    name: str

    def address(self, answer: Any) -> str:
        value = quote(str(getattr(answer, self.name)), safe="")
        return self.path.replace("{" + self.name + "}", value)


def place_made(operation: AnyOperation, others: Iterable[AnyOperation]) -> Place | None:
    """Where a POST to a collection puts what it makes; None where it makes nothing of its own.

    ``POST /v1/orders`` makes an order when there is a ``GET /v1/orders/{order_id}`` and the answer
    has an ``order_id``.
    """
    if operation.http_method != "POST":
        return None
    answered = answer_fields(operation)
    for other in others:
        head, _, last = (other.http_path or "").rpartition("/")
        name = last.strip("{}")
        if other.http_method != "GET" or head != operation.http_path or last == name:
            continue
        if name in answered:
            return Place(other.http_path or "", name)
    return None


def answer_fields(operation: AnyOperation) -> frozenset[str]:
    """The fields of the answer, where it is a struct."""
    kind: Any = operation.answer_type
    if isinstance(kind, type) and issubclass(kind, Struct):
        return frozenset(field_kinds(kind))
    return frozenset()


def success_status(operation: AnyOperation, place: Place | None) -> int:
    """201 for what is made, 204 for nothing to say, 200 for the rest.

    Where the answer's ``is_new`` says that it was there already, 200 instead of 201.
    """
    if place is not None:
        return 201
    return 204 if operation.answer_type is type(None) else 200


def response(operation: AnyOperation, answer: Any, place: Place | None) -> Response[bytes]:
    """The answer as JSON, with where it is found and which revision it has."""
    headers = {}
    if place is not None:
        headers["Location"] = place.address(answer)
    if isinstance(revision := getattr(answer, "revision", None), int):
        headers["ETag"] = f'"{revision}"'
    status = success_status(operation, place)
    if status == 201 and not getattr(answer, FOUND_AGAIN, True):
        status = 200
    return Response(
        b"" if status == 204 else msgspec.json.encode(answer),
        status_code=status,
        media_type="application/json",
        headers=headers,
    )
