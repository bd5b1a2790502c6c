"""Pick-up codes: shown by the customer, derived from a secret of the shop, kept nowhere.

A code follows from the fulfillment and a random key of the shop, so that it is in no log, no answer
and no row, and can be told to the customer again at any time. Six letters of Crockford's base 32
are one in a thousand million; after a few wrong ones codes no longer count.
"""

import hmac
import secrets
from uuid import UUID

from charsu.kernel import Tx, read_id, show_id
from charsu.kernel.ids import InvalidId
from charsu.orders.errors import CodeElsewhere

WRONG_MAX = 5
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LETTERS = 6
_KEY_BYTES = 32
_NAME = "pickup_codes"
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", " ": None, "-": None})


def make_key(tx: Tx) -> None:
    """Make the shop's key, if it has none yet; in a transaction that lays something out."""
    tx.run(
        """
        INSERT INTO kernel.secrets (name, value) VALUES (%(name)s, %(value)s)
        ON CONFLICT (name) DO NOTHING
        """,
        name=_NAME,
        value=secrets.token_bytes(_KEY_BYTES),
    )


def code_of(tx: Tx, fulfillment: UUID) -> str:
    """The code that fetches what was laid out; its key was made when that happened."""
    key = bytes(tx.value("SELECT value FROM kernel.secrets WHERE name = %(name)s", name=_NAME))
    number = int.from_bytes(hmac.digest(key, fulfillment.bytes, "sha256")[:8])
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in range(_LETTERS))


def qr_of(fulfillment: UUID, code: str) -> str:
    """What a QR code says: which pick-up, and its code."""
    return f"{show_id('fulfillment', fulfillment)}.{code}"


def is_code(tx: Tx, fulfillment: UUID, shown: str) -> bool:
    """Whether this is the code or the content of the QR code, however it is written.

    Raises CodeElsewhere where a QR code names another pick-up: whoever shows it guesses nothing.
    Its letters are then compared with no code, neither this one's nor the other's, and nobody
    looks whether there is such a pick-up, so that the refusal tells only what was shown.
    """
    named, _, typed = shown.strip().rpartition(".")
    if named:
        try:
            other = read_id("fulfillment", named)
        except InvalidId:
            return False
        if other != fulfillment:
            raise CodeElsewhere(other)
    typed = typed.upper().translate(_MISREAD)
    return hmac.compare_digest(typed.encode(), code_of(tx, fulfillment).encode())
