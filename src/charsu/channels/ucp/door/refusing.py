"""Refusals as the protocol writes them, and the one table from kinds to statuses."""

from typing import Any

from charsu.channels.ucp import errors
from charsu.channels.ucp.capabilities import Active
from charsu.channels.ucp.v2026_04_08.messages import one_message
from charsu.channels.ucp.versions import Version
from charsu.kernel import (
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
from charsu.language import Translation

STATUS: dict[type[HubError], int] = {
    Invalid: 400,
    NotFound: 404,
    Unauthorized: 401,
    Forbidden: 403,
    Conflict: 409,
    Stale: 409,
    Limited: 429,
    Unavailable: 503,
    # narrower than their family
    KeyReused: 409,
    InFlight: 409,
    errors.ProfileUnreachable: 424,
    errors.ProfileMalformed: 422,
    errors.VersionUnsupported: 422,
}
"""The nearest class in the tree of errors decides."""

_SEVERITIES = dict.fromkeys(
    (errors.IdentityRequired, errors.InsufficientScope), "requires_buyer_review"
)
"""What the platform may do about it; about the rest it can do nothing."""

RETRY_AFTER_SECONDS = {409: 1, 429: 60, 503: 2}


def status_of(error: HubError) -> int:
    """The status of a refusal that the request itself, and not the trade, has earned."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def refused(error: HubError, speak: Translation) -> tuple[int, dict[str, Any]]:
    """A refusal of the request: the flat form, with the message for those who look there."""
    content = speak(error.template, **error.data)
    severity = _SEVERITIES.get(type(error), "unrecoverable")
    body = {
        "code": error.code,
        "content": content,
        "messages": [one_message(error.code, content, severity)],
    }
    return status_of(error), body


def outcome(
    version: Version, about: str, active: Active, messages: list[dict[str, Any]], go_on: str = ""
) -> dict[str, Any]:
    """A refusal of the trade: there is no such thing to show, and why."""
    ucp = version.envelope(about, active, status="error")
    return {"ucp": ucp, "messages": messages} | ({"continue_url": go_on} if go_on else {})
