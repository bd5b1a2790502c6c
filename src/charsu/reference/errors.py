"""Every code that a refusal may carry."""

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
from charsu.reference.finding import our_errors, our_operations
from charsu.reference.markdown import code, page, table
from charsu.web.api.errors import EDGE_ERRORS
from charsu.web.api.openapi import refusals
from charsu.web.api.problems import BUG, RETRY_AFTER_SECONDS, status_of, title_of

ABOUT = """\
A refusal over HTTP is a problem document (RFC 9457): programs look at `code`, which never
changes; people read `detail`, which is in their language and may change; the numbers are in
`data`. On the command line the code and the sentence are printed and the status of the process
is 1.

A refusal changes nothing and is not kept under the idempotency key: the same key may be sent
again."""

ADVICE: dict[type[HubError], str] = {
    InFlight: "Send the same request with the same key again after a second.",
    Stale: "Read the thing again, look at what changed, and send the change with the new revision.",
    Invalid: "Change the request; sending it again as it is cannot help.",
    NotFound: "Check the id or code; a caller who may not know of a thing gets this too.",
    Unauthorized: "Sign in, or send a valid key.",
    Forbidden: "Ask somebody who may grant the permission.",
    Conflict: "Look at `data`, decide anew, and ask for what is possible.",
    Limited: "Wait as long as `Retry-After` says.",
    Unavailable: "Send the same request with the same key again after a pause.",
}
"""What a caller does; the nearest class in the tree of errors decides."""

FAMILIES = [Invalid, NotFound, Unauthorized, Forbidden, Conflict, Stale, Limited, Unavailable]


def errors_page() -> str:
    """The tree's families, then each code in order."""
    kinds = our_errors()
    everywhere, raised = _raised()
    rows = [
        [
            code(kind.code),
            str(status_of(kind) or "–"),
            _sentence(kind),
            advice_for(kind),
            "any" if kind in everywhere else ", ".join(code(name) for name in raised.get(kind, ())),
        ]
        for kind in kinds
    ]
    rows.append([code(BUG), "500", "A fault of the shop's own.", "Report the `request_id`.", "any"])
    return page(
        "Errors",
        ABOUT,
        table(["family", "status", "what to do", "`Retry-After`"], map(_family, FAMILIES)),
        "*any*: the door itself may answer so, whichever operation was asked for.",
        table(["code", "status", "what it says", "what to do", "operations"], rows),
    )


def advice_for(kind: type[HubError]) -> str:
    """What a caller does: what the class says after its first sentence, else the family's."""
    own = (kind.__doc__ or "").strip().partition("\n")[2]
    if kind not in FAMILIES and own.strip():
        return " ".join(own.replace("``", "`").split())
    return next((ADVICE[one] for one in kind.__mro__ if one in ADVICE), "Report it.")


def _family(kind: type[HubError]) -> list[str]:
    seconds = RETRY_AFTER_SECONDS.get(kind)
    waits = f"{seconds} s" if seconds else "–"
    return [kind.__name__, str(status_of(kind)), ADVICE[kind], waits]


def _sentence(kind: type[HubError]) -> str:
    return f"{title_of(kind)}."


def _raised() -> tuple[set[type[HubError]], dict[type[HubError], list[str]]]:
    """What any operation may meet, and for each kind which operations declare it."""
    offered = [one for one in our_operations() if one.http_path]
    met = [set(refusals(one)) for one in offered]
    everywhere = set.intersection(*met).union(EDGE_ERRORS, FAMILIES, (InFlight, KeyReused))
    raised: dict[type[HubError], list[str]] = {}
    for operation in our_operations():
        for kind in operation.raises:
            raised.setdefault(kind, []).append(operation.name)
    return everywhere, raised
