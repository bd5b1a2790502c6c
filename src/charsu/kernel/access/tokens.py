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
from typing import Literal
from uuid import UUID

from charsu.kernel.hub import Hub

TokenKind = Literal["key", "invitation", "session", "guest"]
DIGEST_PATTERN = "^[0-9a-f]{64}$"
HINT_LETTERS = 4
_RANDOM_BYTES = 32
_SHAPE = re.compile(r"charsu_(key|invitation|session|guest)_[A-Za-z0-9_-]{43}")


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
        found = tx.value("SELECT value FROM kernel.secrets WHERE name = %(name)s", name=name)
    return bytes(found) if found is not None else _make_secret(hub, name)


def _make_secret(hub: Hub, name: str) -> bytes:
    with hub.writing("access.make_secret") as tx:
        tx.run(
            """
            INSERT INTO kernel.secrets (name, value) VALUES (%(name)s, %(value)s)
            ON CONFLICT (name) DO NOTHING
            """,
            name=name,
            value=secrets.token_bytes(_RANDOM_BYTES),
        )
        return bytes(tx.value("SELECT value FROM kernel.secrets WHERE name = %(n)s", n=name))


def keyed_digest(key: bytes, text: str) -> bytes:
    """A digest that only who has the key can make (HMAC-SHA-256)."""
    return hmac.digest(key, text.encode(), "sha256")
