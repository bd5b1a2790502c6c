"""What HTTP itself refuses before any operation is asked."""

from charsu.kernel.errors import (
    Forbidden,
    Invalid,
    Limited,
    NotFound,
    Unauthorized,
    Unavailable,
)


class MalformedBody(Invalid):
    """The body is not JSON that can be read."""

    code = "malformed_body"

    def __init__(self, reason: str) -> None:
        super().__init__("The body is no JSON object: {reason}.", reason=reason)


class BodyTooLarge(Invalid):
    """The body is larger than any request needs to be."""

    code = "body_too_large"

    def __init__(self, most: int) -> None:
        super().__init__("The body has more than {most} bytes.", most=most)


class BodyTooSlow(Invalid):
    """The body did not arrive in time."""

    code = "body_too_slow"

    def __init__(self) -> None:
        super().__init__("The body did not arrive in time.")


class NotJson(Invalid):
    """The body says that it is something else than JSON."""

    code = "not_json"

    def __init__(self) -> None:
        super().__init__("The body has to be JSON, sent as application/json.")


class FieldInvalid(Invalid):
    """A field is missing, unknown or has a value that does not fit."""

    code = "field_invalid"

    def __init__(self, reason: str = "", field: str = "", *, kind: str = "") -> None:
        if not kind:
            super().__init__("{reason}.", reason=reason.rstrip("."), field=field)
            return
        # none of this kind has the name
        super().__init__("There is no {kind} {name}.", kind=kind, name=field, field=field)
        self.data["reason"] = str(self).rstrip(".")


class HeaderInvalid(Invalid):
    """A header has a value that it cannot have."""

    code = "header_invalid"

    def __init__(self, header: str, reason: str) -> None:
        super().__init__("{header}: {reason}.", header=header, reason=reason)


class CrossSite(Forbidden):
    """Another site made this browser send the request."""

    code = "cross_site"

    def __init__(self) -> None:
        super().__init__("The request was not made by a page of this shop.")


class CredentialsMalformed(Unauthorized):
    """The Authorization header is not of the form ``Bearer`` and an API key."""

    code = "credentials_malformed"

    def __init__(self) -> None:
        super().__init__("Send the API key as: Authorization: Bearer, a space, the key.")


class SignInNeeded(Unauthorized):
    """Guests may not do this; an account or a key may."""

    code = "sign_in_needed"

    def __init__(self, permission: str) -> None:
        super().__init__("Sign in to do this: {permission}.", permission=permission)


class NoSuchAddress(NotFound):
    """Nothing is found under this address."""

    code = "no_such_address"

    def __init__(self, path: str) -> None:
        super().__init__("address", path[:200])


class MethodNotAllowed(Invalid):
    """The address is there, for other methods."""

    code = "method_not_allowed"

    def __init__(self, method: str) -> None:
        super().__init__("{method} is not offered here.", method=method[:20])


class Crowded(Unavailable):
    """More requests are waiting than can be answered soon."""

    code = "crowded"

    def __init__(self) -> None:
        super().__init__("The shop is too busy at the moment; try again.")


class TooManyRequests(Limited):
    """This key, or this address, has sent more requests than it may in a minute."""

    code = "too_many_requests"

    def __init__(self, seconds: int) -> None:
        super().__init__(
            "Too many attempts; try again in {retry_after} seconds.", retry_after=seconds
        )


EDGE_ERRORS = (
    MalformedBody,
    BodyTooLarge,
    BodyTooSlow,
    NotJson,
    FieldInvalid,
    HeaderInvalid,
    CrossSite,
    CredentialsMalformed,
    SignInNeeded,
    NoSuchAddress,
    MethodNotAllowed,
    Crowded,
    TooManyRequests,
)
