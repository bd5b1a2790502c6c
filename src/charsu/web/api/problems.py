"""Refusals as problem details (RFC 9457), and the one table from kinds of refusal to statuses."""

from collections.abc import Callable
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from msgspec import Struct
from structlog.contextvars import get_contextvars

from charsu.kernel import (
    Actor,
    Conflict,
    Forbidden,
    HubError,
    InFlight,
    Invalid,
    KeyReused,
    Limited,
    NotFound,
    Stale,
    Unauthorized,
    Unavailable,
)
from charsu.kernel.access import SessionEnded
from charsu.language import translate
from charsu.web.api.asking import BODY_BYTES_MAX
from charsu.web.api.errors import (
    BodyTooLarge,
    BodyTooSlow,
    CrossSite,
    FieldInvalid,
    MalformedBody,
    MethodNotAllowed,
    NoSuchAddress,
    NotJson,
)
from charsu.web.language import choose

_log = structlog.get_logger("charsu.web")

STATUS: dict[type[HubError], int] = {
    Invalid: 422,
    NotFound: 404,
    Unauthorized: 401,
    Forbidden: 403,
    Conflict: 409,
    Stale: 412,
    Limited: 429,
    Unavailable: 503,
    # narrower than their family
    MalformedBody: 400,
    BodyTooLarge: 413,
    BodyTooSlow: 408,
    NotJson: 415,
    MethodNotAllowed: 405,
    KeyReused: 422,
    InFlight: 409,
}
"""The nearest class in the tree of errors decides."""

RETRY_AFTER_SECONDS: dict[type[Any], int] = {InFlight: 1, Unavailable: 2, Limited: 60}
MEDIA_TYPE = "application/problem+json"
BUG = "internal_error"


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a request was refused.

    type        address of the page about this kind of problem
    code        stable; what programs look at
    title       the kind in a few English words
    detail      this case, in the caller's language
    data        the numbers and names of this case
    request_id  finds the log entry
    """

    type: str
    code: str
    title: str
    status: int
    detail: str
    request_id: str
    data: dict[str, Any] = {}


def status_of(error: type[HubError]) -> int | None:
    """The HTTP status of a kind of refusal; None for one that no family covers."""
    return next((STATUS[kind] for kind in error.__mro__ if kind in STATUS), None)


def title_of(error: type[HubError]) -> str:
    """The first sentence of what the class says about itself."""
    return (error.__doc__ or error.__name__).strip().split("\n")[0].rstrip(".")


def language_of(request: Request[Any, Any, Any], actor: Actor | None) -> str:
    """The caller's language: of the account, else what the browser or program asks for."""
    return choose(
        cookie=None,
        account=actor.language if actor and actor.kind == "staff" else None,
        accept=request.headers.get("accept-language"),
    )


def refusal(request: Request[Any, Any, Any], error: HubError) -> Response[bytes]:
    """A refusal as the caller sees it."""
    status = status_of(type(error))
    if status is None:
        return bug(request, error)
    sentences = translate(language_of(request, request.scope.get("charsu_actor")))  # type: ignore[arg-type]
    problem = Problem(
        type=f"/errors/{error.code}",
        code=error.code,
        title=title_of(type(error)),
        status=status,
        detail=sentences(error.template, **error.data),
        request_id=_request_id(),
        data=error.data,
    )
    return _answer(problem, _headers(error, status))


def bug(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A fault of our own: told to the log in full, and to the caller not at all."""
    # the template of the address: an address itself may hold an invitation's token
    _log.error("bug", path=request.scope.get("path_template"), exc_info=error)
    sentences = translate(language_of(request, None))
    problem = Problem(
        type=f"/errors/{BUG}",
        code=BUG,
        title="A fault of the shop's own",
        status=500,
        detail=sentences("Something went wrong in the shop itself. It has been written down."),
        request_id=_request_id(),
    )
    return _answer(problem, {})


def http_refusal(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """What the framework refuses, in the same form as everything else."""
    refused = refused_by(request, error)
    if refused is None:
        return bug(request, error)
    answer = refusal(request, refused)
    if isinstance(refused, MethodNotAllowed):
        for name, value in (error.headers or {}).items():
            answer.headers[name] = value
    return answer


def refused_by(request: Request[Any, Any, Any], error: HTTPException) -> HubError | None:
    """What a refusal of the framework is called here; None for a fault of our own."""
    if isinstance(error, NotFoundException):
        return NoSuchAddress(request.url.path)
    if isinstance(error, MethodNotAllowedException):
        return MethodNotAllowed(request.method)
    if isinstance(error, ValidationException):  # what it says is written for programmers
        return FieldInvalid("The request asks for something that is not known here")
    if error.status_code >= 500:
        return None
    return _BY_STATUS.get(error.status_code, lambda: MalformedBody(error.detail))()


_BY_STATUS: dict[int, Callable[[], HubError]] = {
    401: SessionEnded,
    403: CrossSite,
    413: lambda: BodyTooLarge(BODY_BYTES_MAX),
}


def _headers(error: HubError, status: int) -> dict[str, str]:
    headers = {}
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="charsu"'
    pauses = (RETRY_AFTER_SECONDS.get(kind) for kind in type(error).__mro__)
    pause = next((seconds for seconds in pauses if seconds is not None), None)
    if pause is not None:
        headers["Retry-After"] = str(error.data.get("retry_after", pause))
    return headers


def _answer(problem: Problem, headers: dict[str, str]) -> Response[bytes]:
    return Response(
        msgspec.json.encode(problem, enc_hook=str),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers=headers,
    )


def _request_id() -> str:
    return str(get_contextvars().get("request_id", ""))
