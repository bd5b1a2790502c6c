"""Codes of six or twenty digits. None is kept: a code follows from an id and a secret of the shop.

So whoever reads the tables, the log or a stored answer has no code, and the worker that sends a
code needs nothing but the challenge.
"""

import hmac
from typing import LiteralString
from uuid import UUID

from charsu.kernel import Tx
from charsu.kernel.access import keyed_digest, shop_secret

SHORT = 6
LONG = 20  # 66 bits: enough that nobody has to count who guesses at it


def secret_of(tx: Tx) -> bytes:
    """The key of this shop for codes and digests; made when first asked for."""
    return shop_secret(tx, "identity")


def code_of(secret: bytes, code_id: UUID, digits: int = SHORT) -> str:
    """The digits of a code; each number is as likely as any other, to one in 2^189."""
    number = int.from_bytes(keyed_digest(secret, f"code\0{code_id}"))
    return f"{number % 10**digits:0{digits}}"


def spaced(code: str) -> str:
    """As a person reads it: a long one in groups of four."""
    if len(code) <= SHORT:
        return code
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def is_code(code: str, said: str) -> bool:
    """Whether this is the code, however its digits are spaced; takes the same time either way."""
    digits = "".join(letter for letter in said if letter.isascii() and letter.isdigit())
    return hmac.compare_digest(digits.encode(), code.encode())


def counted_as(secret: bytes, kind: str, text: str) -> bytes:
    """A digest to count and compare by, useless to whoever has the table alone."""
    return keyed_digest(secret, f"{kind}\0{text}")


_LOCK: LiteralString = "SELECT pg_advisory_xact_lock(%(lock)s)"


def queue(tx: Tx, *digests: bytes) -> None:
    """One at a time for each of these, always locked in the same order."""
    for number in sorted(int.from_bytes(digest[:8], signed=True) for digest in digests):
        tx.run(_LOCK, lock=number)
