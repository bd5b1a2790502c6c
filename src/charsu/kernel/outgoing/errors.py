"""Why a call to the outside was not made, or came to nothing."""

from charsu.kernel.errors import Invalid, Unavailable


class UrlRefused(Invalid):
    """The URL is not one that may be called at all."""

    code = "url_refused"

    def __init__(self, reason: str) -> None:
        super().__init__("This address cannot be called: {reason}.", reason=reason)


class AddressForbidden(Invalid):
    """The URL leads to an inner address that no setting opens."""

    code = "address_forbidden"

    def __init__(self, host: str) -> None:
        super().__init__(
            "{host} is an inner address. If the hub may call it, add it to outgoing.allowed.",
            host=host,
        )


class CallFailed(Unavailable):
    """The other side gave no usable reply; a later call may succeed."""

    code = "call_failed"


class NotReached(CallFailed):
    """Its name has no address, nobody answers there, or its certificate is wrong."""

    code = "not_reached"

    def __init__(self, host: str, reason: str) -> None:
        super().__init__("{host} cannot be reached: {reason}.", host=host, reason=reason)


class TooSlow(CallFailed):
    """The whole reply was not there in time."""

    code = "call_too_slow"

    def __init__(self, host: str, seconds: float) -> None:
        super().__init__("{host} did not reply in {seconds} s.", host=host, seconds=seconds)


class ReplyTooLong(CallFailed):
    """The reply has more bytes than the caller can use."""

    code = "reply_too_long"

    def __init__(self, host: str, limit: int) -> None:
        super().__init__("{host} sent more than {limit} bytes.", host=host, limit=limit)


class ReplyBroken(CallFailed):
    """What came back is not HTTP, or broke off, or is packed though we asked for it unpacked."""

    code = "reply_broken"

    def __init__(self, host: str, reason: str) -> None:
        super().__init__("The reply of {host} is broken: {reason}.", host=host, reason=reason)


class TooManyRedirects(CallFailed):
    """It sends us on and on."""

    code = "too_many_redirects"

    def __init__(self, host: str, limit: int) -> None:
        super().__init__("{host} redirected more than {limit} times.", host=host, limit=limit)
