"""The API's description for people: one page of operations, one page for each kind of refusal."""

from collections.abc import Iterable
from functools import cache
from typing import Any

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import MediaType, Response, Router, get
from litestar.params import FromPath
from markupsafe import Markup, escape
from msgspec import Struct

from charsu.kernel import AnyOperation, HubError
from charsu.web.api.errors import EDGE_ERRORS
from charsu.web.api.openapi import Json, refusals
from charsu.web.api.problems import BUG, STATUS, status_of, title_of
from charsu.web.api.reference_views import groups_of, shapes_of
from charsu.web.assets import asset
from charsu.web.look import CONTENT_SECURITY_POLICY

_PAGE_HEADERS = {"Content-Security-Policy": CONTENT_SECURITY_POLICY}


class Refusal(Struct, frozen=True):
    """A kind of refusal, and which operations know it."""

    code: str
    title: str
    explanation: str
    family: str
    status: int
    operations: tuple[str, ...] = ()


def reference_router(document: Json, operations: Iterable[AnyOperation]) -> Router:
    """``/openapi.json``, ``/docs/api``, ``/errors`` and ``/errors/CODE``."""
    encoded = msgspec.json.encode(document)
    known = known_refusals(operations)
    groups, shapes = groups_of(document), shapes_of(document)

    @get("/openapi.json", sync_to_thread=False)
    def described() -> Response[bytes]:
        return Response(encoded, media_type="application/json")

    @get("/docs/api", sync_to_thread=False)
    def reference() -> Response[str]:
        about = document["info"]["description"].split("\n\n")
        return _page("api.html", about=about, groups=groups, shapes=shapes)

    @get("/errors", sync_to_thread=False)
    def errors() -> Response[str]:
        return _page("errors.html", refusals=sorted(known.values(), key=lambda one: one.code))

    @get("/errors/{code:str}", sync_to_thread=False)
    def one_error(code: FromPath[str]) -> Response[str]:
        shown = [known[code]] if code in known else []
        return _page("errors.html", status=200 if shown else 404, refusals=shown)

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


def _page(template: str, *, status: int = 200, **shown: Any) -> Response[str]:
    html = _templates().get_template(template).render(**shown)
    return Response(html, media_type=MediaType.HTML, status_code=status, headers=_PAGE_HEADERS)


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("charsu.web.api"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(asset=asset)
    environment.filters["marked"] = _marked
    return environment


def _marked(text: str) -> Markup:
    """The text with what stands in backticks set as code."""
    parts = enumerate(text.replace("``", "`").split("`"))
    code = Markup("<code>{}</code>")
    return Markup("").join(code.format(part) if odd % 2 else escape(part) for odd, part in parts)
