"""Passwords: what may be one, and the slow hash that is kept of it.

Argon2id with 19 MiB, two passes and one lane: the first choice of the OWASP password storage cheat
sheet. Length counts, composition does not (NIST SP 800-63B-4, section 3.1.1.2).
"""

import threading
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from charsu.kernel.access.errors import PasswordTooLong, PasswordTooObvious, PasswordTooShort

LENGTH_MIN = 12
LENGTH_MAX = 256
_OBVIOUS = ("password", "charsu", "1234567890", "qwertyuiop", "abcdefghij")

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# A crowd at the door may not take the machine's memory: the others wait.
_at_once = threading.BoundedSemaphore(4)


def check_password(password: str, *, email: str = "") -> None:
    """Raises PasswordTooShort, PasswordTooLong or PasswordTooObvious."""
    plain = _normal(password)
    if len(plain) < LENGTH_MIN:
        raise PasswordTooShort(LENGTH_MIN)
    if len(plain) > LENGTH_MAX:
        raise PasswordTooLong(LENGTH_MAX)
    obvious = (*_OBVIOUS, *(part for part in email.casefold().split("@") if len(part) > 3))
    rest = plain.casefold()
    for word in obvious:
        rest = rest.replace(word, "")
    if len(rest) < 6 or len(set(rest)) < 4:
        raise PasswordTooObvious


def hash_password(password: str) -> str:
    """The hash with its parameters and a new salt, as a PHC string."""
    with _at_once:
        return _hasher.hash(_normal(password))


def is_password(password: str, kept: str | None) -> bool:
    """Whether this is the password. Without a hash the work is the same and the answer no."""
    with _at_once:
        try:
            _hasher.verify(kept or _nobodys(), _normal(password))
        except VerificationError:
            return False
    return kept is not None


@cache
def _nobodys() -> str:
    return _hasher.hash("the password of nobody")


def _normal(password: str) -> str:
    """One form for the same letters, however the keyboard made them."""
    return unicodedata.normalize("NFKC", password[: LENGTH_MAX * 4])
