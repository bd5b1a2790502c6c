"""Identifiers: UUIDv7 inside, a typed prefix outside.

Ids sort by the time they were made (RFC 9562, section 5.7). People and other systems see them as
TypeIDs (specification 0.3.0): ``order_01jd3x…``, a prefix that says what it is and 26 letters of
Crockford's base 32, so that an id pasted into the wrong place is seen at once.
"""

import random
from datetime import datetime
from uuid import UUID

from charsu.kernel.errors import Invalid

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}


def uuid7(at: datetime, chance: random.Random, *, place: int | None = None) -> UUID:
    """A new id for a thing made at ``at``: 48 bits of milliseconds, 74 bits of chance.

    place   among the ids of one maker, so that they sort as they were made within a millisecond,
            too: it stands for the first 12 bits of chance, and what is beyond them for milliseconds
            more (RFC 9562, 6.2, method 1)
    """
    place = chance.getrandbits(12) if place is None else place
    milliseconds = int(at.timestamp() * 1000) + (place >> 12) & (1 << 48) - 1
    high = milliseconds << 16 | 0x7000 | place & 0xFFF
    low = 1 << 63 | chance.getrandbits(62)
    return UUID(int=high << 64 | low)


def show_id(prefix: str, value: UUID) -> str:
    """``order`` and an id as a TypeID: ``order_`` and 26 letters."""
    number, letters = value.int, []
    for _ in range(26):
        letters.append(_ALPHABET[number & 31])
        number >>= 5
    return f"{prefix}_{''.join(reversed(letters))}"


class InvalidId(Invalid):
    """A text that should name a thing does not."""

    code = "invalid_id"

    def __init__(self, text: str, prefix: str) -> None:
        super().__init__("{text} does not name a {prefix}.", text=text[:64], prefix=prefix)


def read_id(prefix: str, text: str) -> UUID:
    """The id behind a TypeID with this prefix, or behind a plain UUID.

    Raises InvalidId for another prefix, another length or a letter outside the alphabet.
    """
    head, _, tail = text.rpartition("_")
    try:
        if not head:
            return UUID(text)
        if head == prefix and len(tail) == 26 and tail[0] <= "7":
            return UUID(int=_decode(tail))
    except (ValueError, KeyError):
        pass
    raise InvalidId(text, prefix)


def _decode(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number << 5 | _VALUES[letter]
    return number
