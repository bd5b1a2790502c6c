"""Public keys by which platforms prove who they are (RFC 7523), as JSON Web Keys (RFC 7517)."""

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated, Literal

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from msgspec import Meta, Struct

from charsu.identity.errors import PlatformKeyInvalid, PlatformProofMixed

ALGORITHMS = ("ES256", "PS256", "RS256")
"""What platforms may sign with."""

KEYS_MAX = 5
RSA_BITS = (2048, 8192)
EXPONENT_BITS = 32  # more would take us long to check, and makes nothing safer

Number = Annotated[str, Meta(max_length=1400, pattern="^[A-Za-z0-9_-]+$")]
"""A whole number as RFC 7518 writes it: base64url of its bytes."""


class PublicKey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The public half of a key: P-256, or RSA of 2048 bits and more.

    kid    what signed words call it; needed where there are several
    x, y   of a key of the kind EC; ``n``, ``e`` of one of the kind RSA
    Whatever belongs to the private half is refused.
    """

    kty: Literal["EC", "RSA"]
    kid: Annotated[str, Meta(max_length=200)] = ""
    crv: Literal["P-256", ""] = ""
    x: Number | None = None
    y: Number | None = None
    n: Number | None = None
    e: Number | None = None
    use: Literal["sig", ""] = ""
    alg: Literal["ES256", "PS256", "RS256", ""] = ""


def check_proof(secret_digest: str | None, keys: Sequence[PublicKey]) -> None:
    """Raises PlatformProofMixed and PlatformKeyInvalid for what nobody can prove himself by."""
    names = {key.kid for key in keys}
    is_told_apart = len(keys) < 2 or ("" not in names and len(names) == len(keys))
    if (secret_digest and keys) or not is_told_apart:
        raise PlatformProofMixed
    for key in keys:
        _check_key(key)


def _check_key(key: PublicKey) -> None:
    try:
        if key.kty == "EC":
            _check_point(key)
        else:
            _check_modulus(key)
    except (ValueError, TypeError, binascii.Error) as problem:
        raise PlatformKeyInvalid(key.kid) from problem


def _check_point(key: PublicKey) -> None:
    """Raises ValueError where it is none of the curve."""
    if key.crv != "P-256" or key.alg not in {"", "ES256"}:
        raise ValueError(key.crv)
    ec.EllipticCurvePublicNumbers(_int(key.x), _int(key.y), ec.SECP256R1()).public_key()


def _check_modulus(key: PublicKey) -> None:
    """Raises ValueError where it is too short, or so long that checking takes for ever."""
    least, most = RSA_BITS
    is_sound = least <= _int(key.n).bit_length() <= most and _int(key.e) < 1 << EXPONENT_BITS
    if not is_sound or key.alg == "ES256":
        raise ValueError(key.alg)
    rsa.RSAPublicNumbers(_int(key.e), _int(key.n)).public_key()


def _int(text: str | None) -> int:
    return int.from_bytes(base64.urlsafe_b64decode((text or "") + "=" * (-len(text or "") % 4)))
