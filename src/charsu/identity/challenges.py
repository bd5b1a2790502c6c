"""A challenge from beginning to end: a code is asked for, and shown on the device that asked."""

from typing import Any, LiteralString
from uuid import UUID

from charsu.customers import Identifier
from charsu.identity.allowance import TRIES_MAX, Code, code_for, is_known
from charsu.identity.codes import LONG, code_of, counted_as, is_code, queue, secret_of
from charsu.identity.model import ChallengePurpose, address_from, compared_as, sent_to
from charsu.identity.sending import sender_for
from charsu.kernel import Tx

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


def ask_code(tx: Tx, shown: Identifier, purpose: ChallengePurpose) -> tuple[UUID, Code]:
    """Have a code sent to this address, for whoever asks to show; the challenge and its code.

    To erase somebody it goes to an address that is hers already, so no stranger is counted with
    her. Raises CodeNotSendable and TooManySignInCodes.
    """
    sender_for(tx)
    secret = secret_of(tx)
    by_address = counted_as(secret, shown.kind, compared_as(shown))
    by_place = counted_as(secret, "origin", tx.actor.origin or f"{tx.actor.id}")
    queue(tx, by_address, by_place)
    tx.run(_CLOSE_OTHERS, by_address=by_address, actor=tx.actor.id, long=LONG)
    challenge_id, known = tx.new_id(), purpose == "erase" or is_known(tx, by_address)
    code = code_for(tx, challenge_id, by_address, by_place, known=known, purpose=purpose)
    tx.run(
        _STORE,
        id=challenge_id,
        purpose=purpose,
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
    return challenge_id, code


_COUNTED_AS: LiteralString = """
    SELECT address_digest FROM identity.challenges
    WHERE id = %(id)s AND actor_id = %(actor)s AND purpose = ANY(%(purposes)s)
"""

_FIND: LiteralString = """
    SELECT id, purpose, kind, address, address_digest, language, state, expires_at, code_id, digits
    FROM identity.challenges
    WHERE id = %(id)s AND actor_id = %(actor)s AND purpose = ANY(%(purposes)s) FOR UPDATE
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


def take(tx: Tx, challenge_id: UUID, said: str, *purposes: ChallengePurpose) -> Any | None:
    """The challenge, used by this right code; None for any other, which is counted.

    One that was made for something else is as if it were not there.
    """
    hers = {"id": challenge_id, "actor": tx.actor.id, "purposes": list(purposes)}
    counted: Any = tx.first(_COUNTED_AS, **hers)
    if counted is None:
        return None
    queue(tx, counted.address_digest)  # before the row, as who begins does: neither waits for ever
    challenge: Any = tx.first(_FIND, **hers)
    if challenge is None or challenge.state != "open" or challenge.expires_at <= tx.now:
        return None
    if not is_code(code_of(secret_of(tx), challenge.code_id, challenge.digits), said):
        tx.run(_TRY, id=challenge.id, most=TRIES_MAX, long=LONG)
        return None
    tx.run(_USE, id=challenge.id, code=challenge.code_id, by_address=challenge.address_digest)
    return challenge


def shown_by(row: Any) -> Identifier:
    """The address that a row names by its kind: that of a challenge, or of who is to get one."""
    if row.kind == "email":
        return address_from(row.address, None)
    return address_from(None, row.address)
