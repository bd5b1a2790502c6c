"""What identity looks after by itself: codes are sent, and what is over is forgotten."""

from datetime import timedelta
from typing import Any, LiteralString

import structlog
from msgspec import Struct

from charsu.identity.codes import LONG, code_of, secret_of, spaced
from charsu.identity.errors import CodeNotSendable
from charsu.identity.notices import send_notices
from charsu.identity.sending import Message, Sender, sender_for
from charsu.identity.wording import worded
from charsu.kernel import Hub
from charsu.kernel.work import chore

_log = structlog.get_logger("charsu.identity")

BATCH = 20
PAUSE = timedelta(seconds=10)  # then a worker that died is taken to have not sent it
SENDINGS_MAX = 5
KEPT = timedelta(hours=25)  # as long as letters are counted
TRIES_KEPT = timedelta(days=31)  # as long as wrong codes are
DEVICE_KEPT = timedelta(days=400)
FORGET_BATCH = 500

# Claimed for a while: sending happens with no transaction open.
_CLAIM: LiteralString = """
    WITH due AS (
        SELECT id, address FROM identity.challenges
        WHERE send_at <= %(now)s AND expires_at > %(now)s
        ORDER BY send_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    )
    UPDATE identity.challenges c
    SET sendings = sendings + 1,
        send_at = CASE WHEN sendings + 1 < %(most)s THEN %(now)s + %(pause)s::interval END,
        address = CASE WHEN sendings + 1 < %(most)s OR state = 'open' THEN c.address END
    FROM due WHERE c.id = due.id
    RETURNING c.id, c.kind, due.address, c.language, c.purpose, c.expires_at, c.digits
"""

_SENT: LiteralString = """
    UPDATE identity.challenges
    SET send_at = NULL, address = CASE WHEN state = 'open' THEN address END
    WHERE id = %(id)s
"""


class _Errand(Struct, frozen=True):
    message: Message
    sender: Sender


@chore("identity.send_codes", every_seconds=0.5)
def send_codes(hub: Hub) -> int:
    """Send the codes that were asked for; one that did not go is sent again, the same."""
    errands = _claim(hub)
    return sum(_send(hub, errand) for errand in errands)


def _claim(hub: Hub) -> list[_Errand]:
    with hub.writing("identity.claim_codes") as tx:
        rows = tx.all(_CLAIM, now=tx.now, limit=BATCH, pause=PAUSE, most=SENDINGS_MAX)
        if not rows:
            return []
        try:
            sender = sender_for(tx)
        except CodeNotSendable:
            _log.warning("codes_not_sendable", waiting=len(rows))
            return []
        secret = secret_of(tx)
        return [_Errand(_message(row, _code(secret, row), tx.now), sender) for row in rows]


def _code(secret: bytes, row: Any) -> str:
    return spaced(code_of(secret, row.id, row.digits))


def _message(row: Any, code: str, now: Any) -> Message:
    minutes = max(1, round((row.expires_at - now) / timedelta(minutes=1)))
    subject, text = worded(
        row.language,
        code=code,
        minutes=minutes,
        kind=row.kind,
        purpose=row.purpose,
        is_long=row.digits == LONG,
    )
    return Message(
        id=row.id,
        channel=row.kind,
        to=row.address,
        language=row.language,
        subject=subject,
        text=text,
    )


def _send(hub: Hub, errand: _Errand) -> int:
    try:
        errand.sender.send(errand.message)
    except Exception as problem:  # whatever a sender may do; the code is sent again
        _log.warning(
            "code_not_sent", challenge=str(errand.message.id), problem=type(problem).__name__
        )
        return 0
    with hub.writing("identity.code_sent") as tx:
        tx.run(_SENT, id=errand.message.id)
    return 1


_FORGET: LiteralString = """
    WITH old AS (
        SELECT id FROM identity.challenges
        WHERE made_at < %(since)s AND (tries = 0 OR made_at < %(tries_since)s)
        LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM identity.challenges c USING old WHERE c.id = old.id
    ), over AS (
        UPDATE identity.challenges c SET state = 'over', address = NULL, send_at = NULL
        WHERE (state = 'open' OR send_at IS NOT NULL) AND expires_at <= %(now)s
          AND id NOT IN (SELECT id FROM old)
        RETURNING 1
    ), devices AS (
        DELETE FROM identity.known_devices WHERE last_at < %(devices_since)s RETURNING 1
    )
    SELECT (SELECT count(*) FROM old) + (SELECT count(*) FROM over)
           + (SELECT count(*) FROM devices)
"""


@chore("identity.send_notices", every_seconds=5)
def tell_of_replaced(hub: Hub) -> int:
    """Tell those whose address was replaced."""
    return send_notices(hub)


@chore("identity.forget", every_seconds=60)
def forget(hub: Hub) -> int:
    """Forget addresses of codes that ran out, and what is too old to be counted or shown again."""
    with hub.writing("identity.forget") as tx:
        forgotten = tx.value(
            _FORGET,
            now=tx.now,
            since=tx.now - KEPT,
            tries_since=tx.now - TRIES_KEPT,
            devices_since=tx.now - DEVICE_KEPT,
            limit=FORGET_BATCH,
        )
        return int(forgotten)


# A refresh token that was used up ends its link when it comes again: it is kept to its own end.
_FORGET_TOKENS: LiteralString = """
    WITH old AS (
        SELECT digest FROM identity.link_tokens WHERE expires_at < %(since)s
        LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    )
    DELETE FROM identity.link_tokens t USING old WHERE t.digest = old.digest
"""


_FORGET_WORDS: LiteralString = """
    WITH old AS (
        SELECT linked_platform_id, digest FROM identity.assertions WHERE expires_at <= %(now)s
        LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    )
    DELETE FROM identity.assertions a USING old
    WHERE a.linked_platform_id = old.linked_platform_id AND a.digest = old.digest
"""


@chore("identity.forget_tokens", every_seconds=60)
def forget_tokens(hub: Hub) -> int:
    """Forget tokens and signed words of platforms that are good for nothing any more."""
    with hub.writing("identity.forget_tokens") as tx:
        words = tx.run(_FORGET_WORDS, now=tx.now, limit=FORGET_BATCH)
        return words + tx.run(_FORGET_TOKENS, since=tx.now - KEPT, limit=FORGET_BATCH)
