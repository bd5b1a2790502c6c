"""What is refused to customers who come in, and why."""

from datetime import timedelta
from uuid import UUID

from charsu.kernel import Conflict, Invalid, Limited, NotFound, Unauthorized, Unavailable
from charsu.language import mark_sentence as _
from charsu.orders import OpenBusiness


class CodeNotSendable(Unavailable):
    """The shop has nobody who sends codes; somebody who runs it has to name a sender."""

    code = "code_not_sendable"

    def __init__(self) -> None:
        super().__init__("This shop has not been told how to send codes yet.")


class SignInAddressNeeded(Invalid):
    """A code goes to an e-mail address or to a telephone number, to one of them."""

    code = "sign_in_address_needed"

    def __init__(self) -> None:
        super().__init__("Say either an e-mail address or a telephone number.")


class TooManySignInCodes(Limited):
    """Too many codes were asked from this place."""

    code = "too_many_sign_in_codes"

    def __init__(self, wait: timedelta) -> None:
        seconds = max(1, round(wait.total_seconds()))
        super().__init__(
            "Too many codes were asked for; try again in {retry_after} seconds.",
            retry_after=seconds,
        )


class CustomerNeeded(Conflict):
    """This is for a customer who is signed in, about herself."""

    code = "customer_needed"

    def __init__(self) -> None:
        super().__init__("This is for a customer who is signed in.")


class CustomerSessionEnded(Unauthorized):
    """The customer's session is unknown, has expired or was ended."""

    code = "customer_session_ended"

    def __init__(self) -> None:
        super().__init__("You are no longer signed in.")


class CustomerSessionUnknown(NotFound):
    """There is no such session, or it is another customer's."""

    code = "customer_session_unknown"

    def __init__(self, session_id: UUID) -> None:
        super().__init__("session", session_id)


class RedirectInvalid(Invalid):
    """A platform cannot be sent back to this address."""

    code = "redirect_invalid"

    def __init__(self, address: str) -> None:
        super().__init__(
            "Nobody can be sent back to {address}: it must be an absolute https address, or http "
            "on this machine, without a fragment.",
            address=address[:200],
        )


class PlatformKeyInvalid(Invalid):
    """A key is none by which a platform can prove who it is."""

    code = "platform_key_invalid"

    def __init__(self, name: str) -> None:
        super().__init__(
            "The key {name} cannot be used: it must be a public key for ES256, or one of 2048 bits "
            "or more for RS256 or PS256.",
            name=name[:200],
        )


class PlatformProofMixed(Invalid):
    """A platform proves who it is by one secret, or by keys that can be told apart."""

    code = "platform_proof_mixed"

    def __init__(self) -> None:
        super().__init__(
            "A platform proves itself by a secret or by keys, not by both; of several keys each "
            "needs a name (kid) of its own."
        )


class LinkNotAskable(Invalid):
    """A customer cannot be asked this: the platform, the way back, the scopes or the challenge."""

    code = "link_not_askable"

    def __init__(self) -> None:
        super().__init__("This platform cannot be linked in this way.")


class LinkTokenRefused(Unauthorized):
    """The token acts for no customer here: unknown, expired, ended, or another platform's."""

    code = "link_token_refused"

    def __init__(self) -> None:
        super().__init__("This token acts for no customer here.")


_STILL_OPEN: dict[OpenBusiness, str] = {
    "order_under_way": _("Nothing was erased: an order is under way ({orders})."),
    "payment_under_way": _("Nothing was erased: a payment is under way."),
    "refund_under_way": _("Nothing was erased: a refund is under way ({orders})."),
    "money_owed": _("Nothing was erased: money is still owed ({orders})."),
    "store_credit": _("Nothing was erased: there is store credit, which would be lost."),
}


class StillNeeded(Conflict):
    """Something with a customer is open, so she cannot be erased yet; ``kind`` says what.

    order_numbers   the orders that it is about; none with store credit
    """

    code = "still_needed"

    def __init__(self, kind: OpenBusiness, order_numbers: tuple[int, ...] = ()) -> None:
        super().__init__(
            _STILL_OPEN[kind],
            kind=kind,
            order_numbers=order_numbers,
            orders=", ".join(f"{number}" for number in order_numbers),
        )


class NoAddressProved(Conflict):
    """No address has been this customer's for a day, so she cannot be sent a code yet."""

    code = "no_address_proved"

    def __init__(self) -> None:
        super().__init__("No address has been yours for a day, so no code can be sent to one.")
