"""The API's description for people: one page of operations, one page for each kind of refusal."""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

import msgspec
from litestar import Request, Response, Router, get
from litestar.connection import ASGIConnection
from litestar.params import FromPath
from msgspec import Struct

from charsu.kernel import AnyOperation, HubError
from charsu.web.api.errors import EDGE_ERRORS
from charsu.web.api.openapi import Json, describe, refusals
from charsu.web.api.problems import BUG, STATUS, status_of, title_of
from charsu.web.api.reference_views import groups_of, shapes_of
from charsu.web.look import Viewer, page

SignedIn = Callable[[ASGIConnection[Any, Any, Any, Any]], Viewer | None]
"""Who is looking; None for nobody, who may look as well; called in a thread."""


class Refusal(Struct, frozen=True):
    """A kind of refusal, and which operations know it."""

    code: str
    title: str
    explanation: str
    family: str
    status: int
    operations: tuple[str, ...] = ()


class _Reference:
    """What is told of these operations; made when it is asked for, which most never are."""

    def __init__(self, operations: Iterable[AnyOperation]) -> None:
        self.operations = tuple(operations)

    @cached_property
    def document(self) -> Json:
        return describe(self.operations)

    @cached_property
    def encoded(self) -> bytes:
        return msgspec.json.encode(self.document)

    @cached_property
    def groups(self) -> Any:
        return groups_of(self.document)

    @cached_property
    def shapes(self) -> Any:
        return shapes_of(self.document)

    @cached_property
    def refusals(self) -> dict[str, Refusal]:
        return known_refusals(self.operations)


def reference_router(operations: Iterable[AnyOperation], signed_in: SignedIn) -> Router:
    """``/openapi.json``, ``/docs/api``, ``/errors`` and ``/errors/CODE``."""
    told = _Reference(operations)

    @get("/openapi.json", sync_to_thread=True)
    def described() -> Response[bytes]:
        return Response(told.encoded, media_type="application/json")

    @get("/docs/api", sync_to_thread=True)
    def reference(request: Request[Any, Any, Any]) -> Response[str]:
        about = told.document["info"]["description"].split("\n\n")
        shown = {"groups": told.groups, "shapes": told.shapes}
        return drawn(request, "reference/api.html", about=about, **shown)

    @get("/errors", sync_to_thread=True)
    def errors(request: Request[Any, Any, Any]) -> Response[str]:
        shown = sorted(told.refusals.values(), key=lambda one: one.code)
        return drawn(request, "reference/errors.html", refusals=shown, is_whole=True)

    @get("/errors/{code:str}", sync_to_thread=True)
    def one_error(request: Request[Any, Any, Any], code: FromPath[str]) -> Response[str]:
        shown = [told.refusals[code]] if code in told.refusals else []
        status = 200 if shown else 404
        return drawn(
            request, "reference/errors.html", status=status, refusals=shown, is_whole=False
        )

    def drawn(request: Request[Any, Any, Any], template: str, **shown: Any) -> Response[str]:
        return page(request, template, viewer=signed_in(request), **shown)

    return Router(
        "/",
        route_handlers=[described, reference, errors, one_error],
        include_in_schema=False,
    )


def known_refusals(operations: Iterable[AnyOperation]) -> dict[str, Refusal]:
    """Every kind of refusal by its code: of the edge, of the families, of the operations."""
    raised: dict[type[HubError], list[str]] = {kind: [] for kind in (*STATUS, *EDGE_ERRORS)}
    for operation in operations:
        if operation.http_path:
            for kind in refusals(operation):
                raised.setdefault(kind, []).append(operation.name)
    found = {kind.code: _refusal(kind, names) for kind, names in raised.items()}
    found[BUG] = Refusal(
        BUG,
        "A fault of the shop's own",
        "The request may be right; the shop failed. Report the request_id.",
        "",
        500,
    )
    return found


def _refusal(kind: type[HubError], names: list[str]) -> Refusal:
    _, _, rest = (kind.__doc__ or "").strip().partition("\n")
    family = kind.__mro__[1].__name__
    return Refusal(
        kind.code,
        title_of(kind),
        " ".join(rest.split()),
        "" if family in {"HubError", "Exception"} else family,
        status_of(kind) or 500,
        tuple(names),
    )
