"""Somebody wants to come in: a code is sent to an address that she says is hers.

Whether anybody is known by the address is not looked at, so no answer and no time it takes can
tell. Who shows the code is let in; a stranger to the shop becomes a customer by it.
"""

from datetime import datetime, timedelta
from typing import Annotated, Any, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.customers import PhoneInvalid
from charsu.identity.codes import counted_as, queue, secret_of
from charsu.identity.errors import CodeNotSendable, SignInAddressNeeded, TooManySignInCodes
from charsu.identity.model import address_from, compared_as, sent_to
from charsu.identity.sending import sender_for
from charsu.kernel import EmailInvalid, Setting, Tx, operation

CODE_MINUTES = Setting("identity.code_minutes", int, 10, "Minutes for which a code is good.")
WINDOW = timedelta(hours=1)
BY_ADDRESS_MAX = 6  # codes an hour to one address
BY_ORIGIN_MAX = 60  # codes an hour from one place: a store's network has many people


class BeginSignIn(Struct, frozen=True, kw_only=True):
    """Where the code goes: an e-mail address, or a telephone number with its country's code."""

    email: Annotated[str, Meta(max_length=254)] | None = None
    phone: Annotated[str, Meta(max_length=40)] | None = None


class SignInBegun(Struct, frozen=True):
    """What the code is shown with; the same answer whoever has the address."""

    challenge_id: UUID
    expires_at: datetime


_STORE: LiteralString = """
    INSERT INTO identity.challenges
        (id, purpose, kind, address, address_digest, origin_digest, actor_id, language, state,
         tries, made_at, expires_at, send_at)
    VALUES (%(id)s, %(purpose)s, %(kind)s, %(address)s, %(by_address)s, %(by_origin)s, %(actor)s,
            %(language)s, 'open', 0, %(now)s, %(until)s, %(now)s)
"""

# A new code makes the ones before it worthless, so that there is one to guess at.
_CLOSE_OTHERS: LiteralString = """
    UPDATE identity.challenges SET state = 'over', address = NULL, send_at = NULL
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
    the same whether anybody is known by the address or not.
    """
    sender_for(tx)
    shown = address_from(ask.email, ask.phone)
    secret = secret_of(tx)
    by_address = counted_as(secret, shown.kind, compared_as(shown))
    by_origin = counted_as(secret, "origin", tx.actor.origin or f"{tx.actor.id}")
    queue(tx, by_address, by_origin)
    _refuse_too_many(tx, by_address, by_origin)
    tx.run(_CLOSE_OTHERS, by_address=by_address, actor=tx.actor.id)
    challenge_id, until = tx.new_id(), tx.now + timedelta(minutes=tx.setting(CODE_MINUTES))
    tx.run(
        _STORE,
        id=challenge_id,
        purpose="add" if tx.actor.kind == "customer" else "sign_in",
        kind=shown.kind,
        address=sent_to(shown),
        by_address=by_address,
        by_origin=by_origin,
        actor=tx.actor.id,
        language=tx.actor.language,
        now=tx.now,
        until=until,
    )
    return SignInBegun(challenge_id, until)


_COUNT: LiteralString = """
    SELECT count(*) FILTER (WHERE address_digest = %(by_address)s) AS by_address,
           count(*) FILTER (WHERE origin_digest = %(by_origin)s) AS by_origin,
           min(made_at) AS first_at
    FROM identity.challenges
    WHERE (address_digest = %(by_address)s OR origin_digest = %(by_origin)s)
      AND made_at >= %(since)s
"""


def _refuse_too_many(tx: Tx, by_address: bytes, by_origin: bytes) -> None:
    since = tx.now - WINDOW
    row: Any = tx.first(_COUNT, by_address=by_address, by_origin=by_origin, since=since)
    if row.by_address >= BY_ADDRESS_MAX or row.by_origin >= BY_ORIGIN_MAX:
        raise TooManySignInCodes(row.first_at + WINDOW - tx.now)
