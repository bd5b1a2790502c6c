"""What went wrong, as a page for people and as problem details for programs."""

from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException

from charsu.kernel import HubError
from charsu.language import Translation, translate
from charsu.language import mark_sentence as _
from charsu.web.api.problems import Problem, bug, http_refusal, refusal, refused_by
from charsu.web.look import face
from charsu.web.welcome import Trouble, error_page

TITLES = {
    HTTPStatus.UNAUTHORIZED: _("You are not signed in"),
    HTTPStatus.FORBIDDEN: _("This is not yours to see"),
    HTTPStatus.NOT_FOUND: _("There is no such page"),
    HTTPStatus.TOO_MANY_REQUESTS: _("Too much at once"),
    HTTPStatus.SERVICE_UNAVAILABLE: _("The shop does not answer right now"),
}
_NO_PAGE = _("The address may be old, or mistyped.")
_REFUSED = _("This cannot be shown")
_BUG = _("Something went wrong")


def hub_trouble(request: Request[Any, Any, Any], error: HubError) -> Response[Any]:
    """A refusal of the hub."""
    return _for_whom(request, refusal(request, error), error.template, error.data)


def http_trouble(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """A refusal of the framework."""
    refused = refused_by(request, error)
    template, data = (refused.template, refused.data) if refused else (None, None)
    return _for_whom(request, http_refusal(request, error), template, data)


def bug_trouble(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A fault of our own; the page tells how to find it in the log."""
    return _for_whom(request, bug(request, error))


def wants_page(request: Request[Any, Any, Any]) -> bool:
    """Whether a browser asks for something to look at; the API always answers with JSON."""
    is_api = request.url.path.startswith("/v1/")
    return not is_api and "text/html" in request.headers.get("accept", "")


def _for_whom(
    request: Request[Any, Any, Any],
    answer: Response[bytes],
    template: str | None = None,
    data: dict[str, Any] | None = None,
) -> Response[Any]:
    if not wants_page(request):
        return answer
    problem = msgspec.json.decode(answer.content, type=Problem)
    sentences = translate(face(request).language)
    shown = error_page(request, _trouble(problem, sentences, template, data or {}))
    for name, value in answer.headers.items():
        shown.headers.setdefault(name, value)
    return shown


def _trouble(
    problem: Problem, sentences: Translation, template: str | None, data: dict[str, Any]
) -> Trouble:
    status = HTTPStatus(problem.status)
    is_bug = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    if status == HTTPStatus.NOT_FOUND:
        text = sentences(_NO_PAGE)
    elif template:
        text = sentences(template, **data)
    else:
        text = problem.detail
    return Trouble(
        status=status,
        title=sentences(TITLES.get(status, _BUG if is_bug else _REFUSED)),
        text=text,
        reference=problem.request_id if is_bug else "",
    )
