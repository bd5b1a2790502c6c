"""What can be refused, in one tree.

    HubError
    ├── Invalid       the request itself makes no sense; sending it again cannot help
    ├── NotFound      no such thing, or none that this caller may know of
    ├── Unauthorized  nobody is signed in, or the key is unknown
    ├── Forbidden     known, but not allowed
    ├── Conflict      the world is in another state: stock gone, order already shipped
    ├── Stale         the caller looked at an older revision
    ├── Limited       too much, too fast; try later
    └── Unavailable   the hub cannot answer now; the same request may succeed later

Each refusal is a class of its own in the package that refuses, with a stable ``code`` that clients
may rely on. The sentence is for people and may change; the numbers are in ``data``. How a family
looks over HTTP is decided at the edge. A broken assumption of our own is not a HubError.
"""

from typing import Any, ClassVar


class HubError(Exception):
    """A refusal that the caller can understand and act on.

    ``template`` is an English sentence with ``{names}`` of the data, so that an edge can translate
    it and fill it in; ``str(error)`` is the English sentence.
    """

    code: ClassVar[str] = "error"

    def __init__(self, template: str, /, **data: Any) -> None:
        super().__init__(template.format_map(data) if data else template)
        self.template = template
        self.data = data


class Invalid(HubError):
    """The request makes no sense as it stands."""

    code = "invalid"


class EmailInvalid(Invalid):
    """The text is no e-mail address."""

    code = "email_invalid"

    def __init__(self) -> None:
        super().__init__("This is no e-mail address.")


class NotFound(HubError):
    """There is no such thing, or none that this caller may know of."""

    code = "not_found"

    def __init__(self, kind: str, name: object) -> None:
        super().__init__("There is no {kind} {name}.", kind=kind, name=str(name))


class Unauthorized(HubError):
    """Nobody is signed in, or the key is unknown or no longer valid."""

    code = "unauthorized"


class Forbidden(HubError):
    """The caller is known and may not do this here."""

    code = "forbidden"


class Conflict(HubError):
    """The world is in another state than the request needs."""

    code = "conflict"


class Stale(HubError):
    """Somebody changed it since the caller last looked."""

    code = "stale"

    def __init__(self, *, expected: int, actual: int) -> None:
        super().__init__(
            "It has changed since: revision {actual}, not {expected}.",
            expected=expected,
            actual=actual,
        )


class Limited(HubError):
    """Too much or too fast."""

    code = "limited"


class Unavailable(HubError):
    """The hub cannot answer now; the same request may succeed later."""

    code = "unavailable"


class TookTooLong(Unavailable):
    """The work takes longer than a transaction may; once more would take as long."""

    code = "took_too_long"

    def __init__(self, seconds: int) -> None:
        super().__init__(
            "This took longer than the {seconds} seconds that a transaction may take. "
            "The machine is too busy, or it is too much at once.",
            seconds=seconds,
        )


class InFlight(Conflict):
    """The same request is being worked on at this moment."""

    code = "in_flight"

    def __init__(self) -> None:
        super().__init__("The same request is being worked on; ask again in a moment.")


class KeyReused(Invalid):
    """The idempotency key was used before with another request."""

    code = "key_reused"

    def __init__(self) -> None:
        super().__init__("This idempotency key was used before with another request.")
