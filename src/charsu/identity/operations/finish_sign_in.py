"""Somebody shows the code that was sent, and is let in.

A wrong code is an answer, not a refusal: the try has to be counted, and what is refused leaves
nothing behind.
"""

from datetime import datetime, timedelta
from typing import Annotated, Literal, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.customers import Identifier, IdentifierTaken, Proved, prove, prove_for, root_of
from charsu.identity.allowance import know
from charsu.identity.challenges import shown_by, take
from charsu.identity.facts import CustomerSignedIn
from charsu.identity.model import AddressKind, Device, Digest
from charsu.identity.notices import tell_replaced
from charsu.kernel import Setting, Tx, append, operation
from charsu.shopping import join_carts

SESSION_DAYS = Setting(
    "identity.session_days", int, 60, "Days after which a customer signs in again on a device."
)


class FinishSignIn(Struct, frozen=True, kw_only=True):
    """The code, on the device that asked for it.

    token_digest   of the token that she will show from now on: ``charsu_customer_`` and 43 letters
                   of base64url made of 32 bytes of chance, SHA-256, hexadecimal. The shop never has
                   the token itself
    device         how she calls the device among others of hers
    """

    challenge_id: UUID
    code: Annotated[str, Meta(max_length=40)]
    token_digest: Digest
    device: Device = ""


class SignInFinished(Struct, frozen=True, kw_only=True):
    """Whether she is in; a refusal does not say why, and asks for a new code in the end.

    carts_joined   carts that she filled as a guest on this device and that are hers now
    """

    outcome: Literal["signed_in", "added", "refused"]
    customer_id: UUID | None = None
    session_id: UUID | None = None
    expires_at: datetime | None = None
    is_new_customer: bool = False
    carts_joined: int = 0


REFUSED = SignInFinished(outcome="refused")


@operation(
    "identity.finish_sign_in",
    permission="identity.sign_in",
    http="POST /v1/sign-ins/{challenge_id}/code",
    raises=(IdentifierTaken,),
)
def finish_sign_in(tx: Tx, ask: FinishSignIn) -> SignInFinished:
    """Show the code: who has it is signed in on this device, and her guest's carts are hers.

    Each code is good once, for a few tries, and for whoever asked for it. What was bought as a
    guest under the same address is hers from then on.
    """
    challenge = take(tx, ask.challenge_id, ask.code, "sign_in", "add")
    if challenge is None:
        return REFUSED
    know(tx, challenge.address_digest)
    shown = shown_by(challenge)
    if challenge.purpose == "sign_in" and tx.value(_IS_USED, digest=_digest(ask)):
        return REFUSED  # a token opens one session: somebody sends another's, or an old one
    if challenge.purpose == "add":
        _add(tx, shown, challenge.kind, language=challenge.language)
        return SignInFinished(outcome="added", customer_id=tx.actor.id)
    return _let_in(tx, ask, prove(tx, shown, language=challenge.language))


def _add(tx: Tx, shown: Identifier, kind: AddressKind, *, language: str) -> None:
    """It is hers, too; whoever held the one that it replaces is told there."""
    proved = prove_for(tx, tx.actor.id, shown)
    if proved.replaced is not None:
        tell_replaced(tx, proved.customer_id, kind, proved.replaced, language=language)


_IS_USED: LiteralString = """
    SELECT EXISTS (SELECT FROM identity.sessions WHERE digest = %(digest)s)
"""

_START: LiteralString = """
    INSERT INTO identity.sessions
        (id, digest, customer_id, device, guest_id, made_at, expires_at)
    VALUES (%(id)s, %(digest)s, %(customer)s, %(device)s, %(guest)s, %(now)s, %(until)s)
"""


def _digest(ask: FinishSignIn) -> bytes:
    return bytes.fromhex(ask.token_digest)


def _let_in(tx: Tx, ask: FinishSignIn, proved: Proved) -> SignInFinished:
    customer_id = root_of(tx, proved.customer_id)
    session_id, until = tx.new_id(), tx.now + timedelta(days=tx.setting(SESSION_DAYS))
    guest = tx.actor.id if tx.actor.kind == "guest" else None
    tx.run(
        _START,
        id=session_id,
        digest=_digest(ask),
        customer=proved.customer_id,
        device=ask.device.strip(),
        guest=guest,
        now=tx.now,
        until=until,
    )
    signed_in = CustomerSignedIn(customer_id=customer_id, guest_id=guest)
    append(tx, signed_in, subject=session_id, version=1)
    joined = join_carts(tx, ("guest", guest), customer_id=customer_id) if guest else 0
    return SignInFinished(
        outcome="signed_in",
        customer_id=customer_id,
        session_id=session_id,
        expires_at=until,
        is_new_customer=proved.is_new,
        carts_joined=joined,
    )
