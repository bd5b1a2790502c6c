"""What a device may ask and try, so that nobody guesses a code or keeps its owner out.

Tries are counted against the challenge they are made on: five, then it is over. Nothing that one
device does takes a try or a code from another. What grows with tries is the code:

- A *short* code has six digits. An address gives short codes to strangers only as long as they can
  make ten wrong tries in 30 days with all of them together; a code that is open counts for the five
  that it allows. So there are at most 10 x 13 tries at short codes in a year, and the chance that
  one of them is right is at most 130 / 10^6, one in 7,700.
- Otherwise, and for each place that has made many wrong tries today, a code is *long*. Twenty
  digits have 66 bits, and from 64 bits on a secret that was sent needs no limit of tries (NIST SP
  800-63B, 5.1.3.2). A hundred thousand places, each with the sixty challenges of five tries that it
  may have in an hour, make 2.6 x 10^11 tries in a year: a chance of one in 380 million.
- A device that showed a code for the address before is *known* to it, as OWASP's device cookies
  have it. It is counted by itself, and not with its place.

A mailbox gets five letters a day because of strangers, then one in fifty minutes at most, so 34 in
a day. Who asks meanwhile shares the long code of the last letter, which is good for an hour, and
once: the owner finds it in her mailbox, whoever asked for it, and is in.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.identity.codes import LONG, SHORT
from charsu.identity.errors import TooManySignInCodes
from charsu.identity.model import ChallengePurpose
from charsu.kernel import Setting, Tx

CODE_MINUTES = Setting(
    "identity.code_minutes", int, 10, "Minutes for which a code of six digits is good."
)
TRIES_MAX = 5  # for one challenge

HOUR, DAY, MONTH = timedelta(hours=1), timedelta(days=1), timedelta(days=30)
SHORT_TRIES_MAX = 10  # wrong short codes in a month, of strangers for one address
LETTERS_MAX = 5  # a day to one address; then codes are shared
LONG_LIFE = HOUR
SHARED_FOR = timedelta(minutes=50)  # then there are ten minutes left to read it
BY_PLACE_MAX = 60  # codes an hour from one place: a store's network has many people
PLACE_TRIES_MAX = 300  # wrong short codes a day from one place


class Code(Struct, frozen=True, kw_only=True):
    """The code of a challenge.

    id        from which it follows
    is_sent   a letter with it is on its way already, or has come
    """

    id: UUID
    digits: int
    expires_at: datetime
    is_sent: bool = False


def code_for(
    tx: Tx,
    challenge_id: UUID,
    by_address: bytes,
    by_place: bytes,
    *,
    known: bool,
    purpose: ChallengePurpose,
) -> Code:
    """The code that the asking device is to show, sent before or to be sent now.

    The address and the place are queued for. Raises TooManySignInCodes for too many strangers of
    one place.
    """
    asked = {
        "by_address": by_address,
        "actor": tx.actor.id,
        "known": known,
        "now": tx.now,
        "most": TRIES_MAX,
        "short": SHORT,
    }
    place_guesses = 0 if known else _guesses_of_place(tx, by_place, asked)
    counted: Any = tx.first(_COUNT, **asked, month=tx.now - MONTH, day=tx.now - DAY)
    is_crowded = counted.letters >= LETTERS_MAX
    if is_crowded and (letter := _last_letter(tx, asked, purpose)):
        return letter
    if (
        is_crowded
        or counted.guesses + TRIES_MAX > SHORT_TRIES_MAX
        or place_guesses + TRIES_MAX > PLACE_TRIES_MAX
    ):
        return Code(id=challenge_id, digits=LONG, expires_at=tx.now + LONG_LIFE)
    lasts = timedelta(minutes=tx.setting(CODE_MINUTES))
    return Code(id=challenge_id, digits=SHORT, expires_at=tx.now + lasts)


# What was tried at short codes, and what may still be tried at those that are open.
_COUNT: LiteralString = """
    SELECT count(*) FILTER (WHERE code_id = id AND made_at >= %(day)s) AS letters,
           coalesce(sum(CASE WHEN state = 'open' AND expires_at > %(now)s
                             THEN %(most)s::integer ELSE tries END)
                    FILTER (WHERE digits = %(short)s), 0) AS guesses
    FROM identity.challenges
    WHERE address_digest = %(by_address)s AND made_at >= %(month)s
      AND on_known_device = %(known)s AND (actor_id = %(actor)s OR NOT %(known)s)
"""

# The one that lies on top in the mailbox, whoever asked for it.
_LAST_LETTER: LiteralString = """
    SELECT id, purpose, digits, state, made_at FROM identity.challenges
    WHERE address_digest = %(by_address)s AND made_at > %(since)s AND code_id = id
    ORDER BY made_at DESC, id DESC LIMIT 1
"""

_OF_PLACE: LiteralString = """
    SELECT count(*) FILTER (WHERE made_at >= %(hour)s) AS codes,
           min(made_at) FILTER (WHERE made_at >= %(hour)s) AS first_at,
           coalesce(sum(CASE WHEN state = 'open' AND expires_at > %(now)s
                             THEN %(most)s::integer ELSE tries END)
                    FILTER (WHERE digits = %(short)s), 0) AS guesses
    FROM identity.challenges
    WHERE origin_digest = %(by_place)s AND made_at >= %(day)s AND NOT on_known_device
"""


def _last_letter(tx: Tx, asked: Mapping[str, object], purpose: ChallengePurpose) -> Code | None:
    """The code of the last letter to the address, where it can be shared for this purpose."""
    row: Any = tx.first(_LAST_LETTER, **asked, since=tx.now - SHARED_FOR)
    if row is None or row.digits != LONG or row.state == "used":
        return None
    if (row.purpose == "erase") != (purpose == "erase"):  # a letter says what its code is for
        return None
    return Code(id=row.id, digits=LONG, expires_at=row.made_at + LONG_LIFE, is_sent=True)


def _guesses_of_place(tx: Tx, by_place: bytes, asked: Mapping[str, object]) -> int:
    row: Any = tx.first(_OF_PLACE, **asked, by_place=by_place, hour=tx.now - HOUR, day=tx.now - DAY)
    if row.codes >= BY_PLACE_MAX:
        raise TooManySignInCodes(row.first_at + HOUR - tx.now)
    return int(row.guesses)


_IS_KNOWN: LiteralString = """
    SELECT EXISTS (SELECT FROM identity.known_devices
                   WHERE actor_id = %(actor)s AND address_digest = %(by_address)s)
"""

_KNOW: LiteralString = """
    INSERT INTO identity.known_devices (actor_id, address_digest, last_at)
    VALUES (%(actor)s, %(by_address)s, %(now)s)
    ON CONFLICT (actor_id, address_digest) DO UPDATE SET last_at = excluded.last_at
"""


def is_known(tx: Tx, by_address: bytes) -> bool:
    """Whether who asks has shown a code for this address before."""
    return bool(tx.value(_IS_KNOWN, actor=tx.actor.id, by_address=by_address))


def know(tx: Tx, by_address: bytes) -> None:
    """Who asks has shown a code for this address."""
    tx.run(_KNOW, actor=tx.actor.id, by_address=by_address, now=tx.now)
