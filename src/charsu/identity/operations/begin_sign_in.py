"""Somebody wants to come in: a code is sent to an address that she says is hers.

Whether anybody is known by the address is not looked at, so no answer and no time it takes can
tell. Who shows the code is let in; a stranger to the shop becomes a customer by it.
"""

from datetime import datetime
from typing import Annotated, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.customers import PhoneInvalid
from charsu.identity.allowance import code_for, is_known
from charsu.identity.codes import LONG, counted_as, queue, secret_of
from charsu.identity.errors import CodeNotSendable, SignInAddressNeeded, TooManySignInCodes
from charsu.identity.model import address_from, compared_as, sent_to
from charsu.identity.sending import sender_for
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


_STORE: LiteralString = """
    INSERT INTO identity.challenges
        (id, purpose, kind, address, address_digest, origin_digest, actor_id, language, state,
         tries, made_at, expires_at, send_at, code_id, digits, on_known_device)
    VALUES (%(id)s, %(purpose)s, %(kind)s, %(address)s, %(by_address)s, %(by_place)s, %(actor)s,
            %(language)s, 'open', 0, %(now)s, %(until)s, %(send_at)s, %(code)s, %(digits)s,
            %(known)s)
"""

# A new code makes the ones before it worthless, so that there is one to guess at. A long one is
# sent all the same: others may come to share it, and nobody is to take it from them.
_CLOSE_OTHERS: LiteralString = """
    UPDATE identity.challenges
    SET state = 'over',
        address = CASE WHEN digits = %(long)s AND send_at IS NOT NULL THEN address END,
        send_at = CASE WHEN digits = %(long)s THEN send_at END
    WHERE address_digest = %(by_address)s AND actor_id = %(actor)s AND state = 'open'
"""


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
    sender_for(tx)
    shown = address_from(ask.email, ask.phone)
    secret = secret_of(tx)
    by_address = counted_as(secret, shown.kind, compared_as(shown))
    by_place = counted_as(secret, "origin", tx.actor.origin or f"{tx.actor.id}")
    queue(tx, by_address, by_place)
    tx.run(_CLOSE_OTHERS, by_address=by_address, actor=tx.actor.id, long=LONG)
    challenge_id, known = tx.new_id(), is_known(tx, by_address)
    code = code_for(tx, challenge_id, by_address, by_place, known)
    tx.run(
        _STORE,
        id=challenge_id,
        purpose="add" if tx.actor.kind == "customer" else "sign_in",
        kind=shown.kind,
        address=sent_to(shown),
        by_address=by_address,
        by_place=by_place,
        actor=tx.actor.id,
        language=tx.actor.language,
        now=tx.now,
        until=code.expires_at,
        send_at=None if code.is_sent else tx.now,
        code=code.id,
        digits=code.digits,
        known=known,
    )
    return SignInBegun(challenge_id, code.expires_at, code.is_sent)
