"""Somebody shows the code that was sent, and is let in.

A wrong code is an answer, not a refusal: the try has to be counted, and what is refused leaves
nothing behind.
"""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.customers import Identifier, IdentifierTaken, Proved, prove, prove_for, root_of
from charsu.identity.allowance import TRIES_MAX, know
from charsu.identity.codes import LONG, code_of, is_code, queue, secret_of
from charsu.identity.facts import CustomerSignedIn
from charsu.identity.model import Device, Digest, address_from
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
    challenge = _take(tx, ask)
    if challenge is None:
        return REFUSED
    know(tx, challenge.address_digest)
    shown = _shown(challenge)
    if challenge.purpose == "add":
        prove_for(tx, tx.actor.id, shown)
        return SignInFinished(outcome="added", customer_id=tx.actor.id)
    return _let_in(tx, ask, prove(tx, shown, language=challenge.language))


_COUNTED_AS: LiteralString = """
    SELECT address_digest FROM identity.challenges
    WHERE id = %(id)s AND actor_id = %(actor)s
"""

_FIND: LiteralString = """
    SELECT id, purpose, kind, address, address_digest, language, state, expires_at, code_id, digits
    FROM identity.challenges WHERE id = %(id)s AND actor_id = %(actor)s FOR UPDATE
"""

_TRY: LiteralString = """
    UPDATE identity.challenges
    SET tries = tries + 1,
        state = CASE WHEN tries + 1 < %(most)s THEN state ELSE 'over' END,
        address = CASE WHEN tries + 1 < %(most)s OR (digits = %(long)s AND send_at IS NOT NULL)
                       THEN address END,
        send_at = CASE WHEN tries + 1 < %(most)s OR digits = %(long)s THEN send_at END
    WHERE id = %(id)s
"""

# A code is good once: whoever shared it needs another, and so does who asks from now on.
_USE: LiteralString = """
    UPDATE identity.challenges
    SET state = CASE WHEN id IN (%(id)s, code_id) THEN 'used' ELSE 'over' END,
        address = NULL, send_at = NULL
    WHERE address_digest = %(by_address)s AND code_id = %(code)s
      AND (state = 'open' OR id = code_id)
"""


def _take(tx: Tx, ask: FinishSignIn) -> Any | None:
    """The challenge, used by this right code; None for any other, which is counted."""
    hers = {"id": ask.challenge_id, "actor": tx.actor.id}
    counted: Any = tx.first(_COUNTED_AS, **hers)
    if counted is None:
        return None
    queue(tx, counted.address_digest)  # before the row, as who begins does: neither waits for ever
    challenge: Any = tx.first(_FIND, **hers)
    if challenge is None or challenge.state != "open" or challenge.expires_at <= tx.now:
        return None
    if not is_code(code_of(secret_of(tx), challenge.code_id, challenge.digits), ask.code):
        tx.run(_TRY, id=challenge.id, most=TRIES_MAX, long=LONG)
        return None
    tx.run(_USE, id=challenge.id, code=challenge.code_id, by_address=challenge.address_digest)
    return challenge


def _shown(challenge: Any) -> Identifier:
    if challenge.kind == "email":
        return address_from(challenge.address, None)
    return address_from(None, challenge.address)


_START: LiteralString = """
    INSERT INTO identity.sessions
        (id, digest, customer_id, device, guest_id, made_at, expires_at)
    VALUES (%(id)s, %(digest)s, %(customer)s, %(device)s, %(guest)s, %(now)s, %(until)s)
"""


def _let_in(tx: Tx, ask: FinishSignIn, proved: Proved) -> SignInFinished:
    customer_id = root_of(tx, proved.customer_id)
    session_id, until = tx.new_id(), tx.now + timedelta(days=tx.setting(SESSION_DAYS))
    guest = tx.actor.id if tx.actor.kind == "guest" else None
    tx.run(
        _START,
        id=session_id,
        digest=bytes.fromhex(ask.token_digest),
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
