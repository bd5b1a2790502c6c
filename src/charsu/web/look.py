"""One look for all pages: the shell around them, and what every template may use.

Templates get ``_`` and ``plural`` (sentences), ``formats`` (numbers, money, times), ``asset`` and
``icon``, besides what the page passes. Values put into sentences are escaped.
"""

from functools import cache, partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import MediaType, Request, Response
from litestar.connection import ASGIConnection
from litestar.template.base import csrf_token
from markupsafe import Markup, escape
from msgspec import Struct

from charsu.language import LANGUAGES, Translation, translate
from charsu.web.assets import asset
from charsu.web.formats import Formats
from charsu.web.language import choose

THEMES = ("auto", "light", "dark")
LANGUAGE_COOKIE = "language"
THEME_COOKIE = "theme"

# Scripts and styles only from our own files; nobody may frame a page or post its forms elsewhere.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Vary": "Cookie, Accept-Language, HX-Request",
}


class Viewer(Struct, frozen=True, kw_only=True):
    """The member of staff who looks at a page."""

    id: UUID
    name: str
    email: str
    language: str | None = None  # chosen in the account
    time_zone: str | None = None  # IANA name chosen in the account; else the business' zone
    session: str = ""  # the token that proves it; drawn nowhere


class Face(Struct, frozen=True, kw_only=True):
    """How one request wants its pages."""

    language: str
    theme: str
    path: str
    csrf: str
    viewer: Viewer | None = None


def face(connection: ASGIConnection[Any, Any, Any, Any], viewer: Viewer | None = None) -> Face:
    """Language and theme by what was chosen on this device, in the account, in the browser."""
    theme = connection.cookies.get(THEME_COOKIE, "auto")
    return Face(
        language=choose(
            cookie=connection.cookies.get(LANGUAGE_COOKIE),
            account=viewer.language if viewer else None,
            accept=connection.headers.get("accept-language"),
        ),
        theme=theme if theme in THEMES else "auto",
        path=_address(connection),
        csrf=csrf_token({"request": connection}),
        viewer=viewer,
    )


def page(
    request: Request[Any, Any, Any],
    template: str,
    *,
    viewer: Viewer | None = None,
    time_zone: str = "UTC",
    status: int = 200,
    **shown: Any,
) -> Response[str]:
    """A template drawn for this request."""
    html = render(template, face(request, viewer), time_zone=time_zone, **shown)
    return Response(html, media_type=MediaType.HTML, status_code=status, headers=HEADERS)


def render(template: str, face: Face, *, time_zone: str = "UTC", **shown: Any) -> str:
    """The HTML of a template; ``time_zone`` counts where the viewer has chosen none."""
    zone = (face.viewer and face.viewer.time_zone) or time_zone
    language = LANGUAGES[face.language]
    return (
        _environment(face.language)
        .get_template(template)
        .render(face=face, formats=Formats(language.locale, ZoneInfo(zone)), **shown)
    )


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("charsu.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    translation = translate(language)
    environment.filters["marked"] = _marked
    environment.globals.update(
        _=partial(_sentence, translation),
        plural=partial(_plural, translation),
        asset=asset,
        icon=_icon,
        language=LANGUAGES[language],
        languages=LANGUAGES.values(),
        themes=THEMES,
    )
    return environment


def _sentence(translation: Translation, message: str, /, **data: Any) -> Markup:
    sentence = escape(translation(message))
    return sentence.format(**data) if data else sentence


def _plural(translation: Translation, one: str, many: str, number: int, /, **data: Any) -> Markup:
    sentence = escape(translation.plural(one, many, number))
    return sentence.format(**{"number": number, **data})


def _marked(text: str) -> Markup:
    """The text with what stands in backticks set as code."""
    parts = enumerate(text.replace("``", "`").split("`"))
    code = Markup("<code>{}</code>")
    return Markup("").join(code.format(part) if odd % 2 else escape(part) for odd, part in parts)


def _icon(name: str) -> Markup:
    """A drawing that says nothing by itself: the words beside it do."""
    sprite = asset("vendor/tabler-icons-3.51.0/sprite.svg")
    return Markup('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>').format(
        sprite, name
    )


def _address(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    query = connection.scope["query_string"].decode("latin-1")
    return connection.scope["path"] + (f"?{query}" if query else "")
