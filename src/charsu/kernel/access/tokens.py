"""Secrets that let somebody in: made at random, shown once, kept as a digest.

A token has 256 bits of chance, so a plain SHA-256 of it can be neither guessed nor reversed;
slow hashing is for passwords, which people choose.

Who asks for a key or an invitation makes the secret and sends only its digest. So the hub has no
secret to leak: it is in no answer kept under an idempotency key, in no log and in no backup, and
a repeated request is answered like the first.
"""

import hashlib
import hmac
import re
import secrets
from typing import Literal, get_args
from uuid import UUID

from charsu.kernel.database import Tx
from charsu.kernel.hub import Hub

TokenKind = Literal["key", "invitation", "session", "guest", "customer"]
DIGEST_PATTERN = "^[0-9a-f]{64}$"
HINT_LETTERS = 4
_RANDOM_BYTES = 32
_SHAPE = re.compile(rf"charsu_({'|'.join(get_args(TokenKind))})_[A-Za-z0-9_-]{{43}}")


def new_token(kind: TokenKind) -> str:
    """A new secret: ``charsu_key_`` and 43 letters. The prefix lets scanners find leaked ones."""
    return f"charsu_{kind}_{secrets.token_urlsafe(_RANDOM_BYTES)}"


def is_token(kind: TokenKind, text: str) -> bool:
    """Whether the text has the shape of such a secret; what has not is never looked up."""
    found = _SHAPE.fullmatch(text)
    return found is not None and found[1] == kind


def digest_of(token: str) -> bytes:
    """What the hub keeps of a secret (SHA-256)."""
    return hashlib.sha256(token.encode()).digest()


def hint_of(token: str) -> str:
    """The last letters, by which a person tells one key from another."""
    return token[-HINT_LETTERS:]


def guest_id(token: str) -> UUID:
    """The id of the guest who holds this token: a UUIDv8 (RFC 9562, section 5.8) from its digest.

    Whoever has the token is the guest; from the id the token cannot be found. So guests need no
    row anywhere until they own something.
    """
    number = int.from_bytes(hashlib.sha256(f"guest id\0{token}".encode()).digest()[:16])
    number = number & ~(0xF << 76) | 0x8 << 76
    return UUID(int=number & ~(0x3 << 62) | 0x2 << 62)


def hub_secret(hub: Hub, name: str) -> bytes:
    """A random key of this shop, the same in all its processes; made when first asked for."""
    with hub.reading() as tx:
        found = _kept_secret(tx, name)
    if found is not None:
        return found
    with hub.writing("access.make_secret") as tx:
        return shop_secret(tx, name)


def shop_secret(tx: Tx, name: str) -> bytes:
    """The same in a transaction that may write."""
    found = _kept_secret(tx, name)
    if found is not None:
        return found
    tx.run(
        """
        INSERT INTO kernel.secrets (name, value) VALUES (%(name)s, %(value)s)
        ON CONFLICT (name) DO NOTHING
        """,
        name=name,
        value=secrets.token_bytes(_RANDOM_BYTES),
    )
    made = _kept_secret(tx, name)
    assert made is not None, "it has just been made, by us or by another"
    return made


def _kept_secret(tx: Tx, name: str) -> bytes | None:
    found = tx.value("SELECT value FROM kernel.secrets WHERE name = %(name)s", name=name)
    return None if found is None else bytes(found)


def keyed_digest(key: bytes, text: str) -> bytes:
    """A digest that only who has the key can make (HMAC-SHA-256)."""
    return hmac.digest(key, text.encode(), "sha256")
