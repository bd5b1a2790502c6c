"""Somebody wants to come in: a code is sent to an address that she says is hers.

Whether anybody is known by the address is not looked at, so no answer and no time it takes can
tell. Who shows the code is let in; a stranger to the shop becomes a customer by it.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from charsu.customers import PhoneInvalid
from charsu.identity.challenges import ask_code
from charsu.identity.errors import CodeNotSendable, SignInAddressNeeded, TooManySignInCodes
from charsu.identity.model import ChallengePurpose, address_from
from charsu.kernel import EmailInvalid, Tx, operation


class BeginSignIn(Struct, frozen=True, kw_only=True):
    """Where the code goes: an e-mail address, or a telephone number with its country's code."""

    email: Annotated[str, Meta(max_length=254)] | None = None
    phone: Annotated[str, Meta(max_length=40)] | None = None


class SignInBegun(Struct, frozen=True):
    """What the code is shown with; the same answer whoever has the address.

    was_sent_before   many have asked for a code for the address: no other letter is sent now, the
                      code of the last one that came is good
    """

    challenge_id: UUID
    expires_at: datetime
    was_sent_before: bool = False


@operation(
    "identity.begin_sign_in",
    permission="identity.sign_in",
    http="POST /v1/sign-ins",
    raises=(SignInAddressNeeded, EmailInvalid, PhoneInvalid, TooManySignInCodes, CodeNotSendable),
)
def begin_sign_in(tx: Tx, ask: BeginSignIn) -> SignInBegun:
    """Have a code sent to an address; who shows it on this device is signed in.

    A customer who is signed in already lets herself be known by the address, too. The answer is
    the same whether anybody is known by the address or not. What strangers ask and try keeps nobody
    out: where they did much of it the code is long, and may be that of a letter that has come.
    """
    shown = address_from(ask.email, ask.phone)
    purpose: ChallengePurpose = "add" if tx.actor.kind == "customer" else "sign_in"
    challenge_id, code = ask_code(tx, shown, purpose)
    return SignInBegun(challenge_id, code.expires_at, code.is_sent)
