"""Signatures on messages (RFC 9421) with ES256: ours on answers and events, theirs on requests.

Source: UCP 2026-04-08, signatures. Digests of bodies are those of RFC 9530.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
)
from http_message_signatures.algorithms import ECDSA_P256_SHA256
from http_message_signatures.exceptions import HTTPMessageSignaturesException
from msgspec import Struct

from charsu.channels.ucp.errors import (
    AlgorithmUnsupported,
    DigestMismatch,
    SignatureInvalid,
    SignatureMissing,
    SigningKeyUnknown,
)
from charsu.channels.ucp.fields import dictionary
from charsu.channels.ucp.settings import SIGNING_KEY
from charsu.kernel import Hub
from charsu.kernel.access import hub_secret

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256
LABEL = "sig1"
CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Asked(Struct):
    """A request as it is signed."""

    method: str
    url: str
    headers: dict[str, str]


class Key(Struct, frozen=True):
    """A key of this shop."""

    id: str
    private: ec.EllipticCurvePrivateKey

    @property
    def jwk(self) -> dict[str, str]:
        """The public half as the profile shows it (RFC 7517)."""
        numbers = self.private.public_key().public_numbers()
        coordinates = {"x": _b64(numbers.x), "y": _b64(numbers.y)}
        return {"kid": self.id, "kty": "EC", "crv": "P-256", **coordinates, "use": "sig"} | {
            "alg": "ES256"
        }

    def sign(self, message: bytes) -> bytes:
        """ECDSA with SHA-256 as RFC 9421 writes it (3.3.4): r and s, 32 bytes each."""
        r, s = decode_dss_signature(self.private.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)


class Keys(Struct, frozen=True):
    """The key that signs, and all that are published."""

    current: Key
    published: tuple[Key, ...]


def keys_of(hub: Hub) -> Keys:
    """The shop's keys, the same in every process; made when first asked for."""
    number = hub.read(lambda tx: tx.setting(SIGNING_KEY), operation="ucp.keys")
    numbers = [one for one in (number, number - 1) if one > 0]
    found = tuple(key_from(hub_secret(hub, f"ucp.signing.{one}")) for one in numbers)
    return Keys(found[0], found)


def key_from(secret: bytes) -> Key:
    """The key that a secret stands for (FIPS 186-5, A.2.1: 128 extra bits leave no bias)."""
    stretched = HKDF(hashes.SHA256(), 48, salt=None, info=b"charsu ucp es256").derive(secret)
    number = int.from_bytes(stretched) % (_ORDER - 1) + 1
    private = ec.derive_private_key(number, ec.SECP256R1())
    public = private.public_key().public_numbers()
    thumb = f'{{"crv":"P-256","kty":"EC","x":"{_b64(public.x)}","y":"{_b64(public.y)}"}}'
    digest = hashlib.sha256(thumb.encode()).digest()  # RFC 7638
    return Key(base64.urlsafe_b64encode(digest).decode().rstrip("=")[:16], private)


def _b64(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes(32)).decode().rstrip("=")


def digest_of(body: bytes) -> str:
    """Content-Digest of a body."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


class _Ours(HTTPSignatureKeyResolver):
    def __init__(self, key: Key) -> None:
        self._key = key

    def resolve_private_key(self, key_id: str) -> Any:  # noqa: ARG002
        return self._key.private

    def resolve_public_key(self, key_id: str) -> Any:  # noqa: ARG002
        return self._key.private.public_key()


class _Theirs(HTTPSignatureKeyResolver):
    def __init__(self, key: ec.EllipticCurvePublicKey) -> None:
        self._key = key

    def resolve_private_key(self, key_id: str) -> Any:
        raise NotImplementedError

    def resolve_public_key(self, key_id: str) -> Any:  # noqa: ARG002
        return self._key


def sign_answer(
    key: Key, status: int, body: bytes, media_type: str, at: datetime
) -> dict[str, str]:
    """The headers that prove an answer to be ours.

    Always over the same three parts, so their signature base (RFC 9421, 2.5) is written down here:
    the library builds and parses it anew each time, which cost a seventh of a checkout.
    """
    digest = digest_of(body)
    covered = '("@status" "content-digest" "content-type")'
    said = f'{covered};created={int(at.timestamp())};keyid="{key.id}"'
    base = (
        f'"@status": {status}\n"content-digest": {digest}\n"content-type": {media_type}\n'
        f'"@signature-params": {said}'
    )
    signature = base64.b64encode(key.sign(base.encode())).decode()
    return {
        "content-digest": digest,
        "Signature-Input": f"{LABEL}={said}",
        "Signature": f"{LABEL}=:{signature}:",
    }


def sign_request(
    key: Key, url: str, headers: Mapping[str, str], body: bytes, at: datetime
) -> dict[str, str]:
    """All headers of a POST of ours: those given, the digest and the signature over them all."""
    message = Asked("POST", url, {**headers, "content-digest": digest_of(body)})
    query = ("@query",) if "?" in url else ()
    covered = ("@method", "@authority", "@path", *query, *message.headers)
    return _signed(key, message, covered, at)


def _signed(key: Key, message: Any, covered: Sequence[str], at: datetime) -> dict[str, str]:
    signer = HTTPMessageSigner(signature_algorithm=ECDSA_P256_SHA256, key_resolver=_Ours(key))
    signer.sign(
        message,
        key_id=key.id,
        created=at,
        label=LABEL,
        include_alg=False,
        use_existing_digest=True,
        covered_component_ids=tuple(covered),
    )
    headers: dict[str, str] = message.headers
    return headers


class _Verifier(HTTPMessageVerifier):
    require_created = False


def verify(asked: Asked, body: bytes, keys: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the request is signed; if it is, by one of these keys and over all that counts.

    Raises SignatureMissing where half of it is missing, SigningKeyUnknown, AlgorithmUnsupported,
    DigestMismatch, SignatureInvalid.
    """
    given = {name for name in ("signature", "signature-input") if name in asked.headers}
    if not given:
        return False
    if len(given) == 1:
        raise SignatureMissing
    key = public_key(_key_named(asked.headers["signature-input"], keys))
    if body and asked.headers.get("content-digest", digest_of(body)) != digest_of(body):
        raise DigestMismatch
    verifier = _Verifier(signature_algorithm=ECDSA_P256_SHA256, key_resolver=_Theirs(key))
    try:
        verifier.verify(asked, max_age=None, require_components=_required(asked, body))
    except (InvalidSignature, HTTPMessageSignaturesException, ValueError) as problem:
        raise SignatureInvalid from problem
    return True


def _required(asked: Asked, body: bytes) -> tuple[str, ...]:
    """What a signature has to cover, so that nothing of the request can be exchanged."""
    fields = ["ucp-agent"] if "ucp-agent" in asked.headers else []
    if asked.method in CHANGES and "idempotency-key" in asked.headers:
        fields.append("idempotency-key")
    if body:
        fields += ["content-digest", "content-type"]
    query = ["@query"] if "?" in asked.url else []
    return ("@method", "@authority", "@path", *query, *fields)


def _key_named(header: str, keys: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    try:
        signatures = dictionary(header)
        [(_, parameters)] = signatures.values()
        name = parameters["keyid"]
    except (ValueError, KeyError, TypeError) as problem:
        raise SignatureInvalid from problem
    found = next((key for key in keys if key.get("kid") == name), None)
    if found is None:
        raise SigningKeyUnknown
    return found


def public_key(jwk: Mapping[str, Any]) -> ec.EllipticCurvePublicKey:
    """A key of somebody else. Raises AlgorithmUnsupported for any that is not P-256."""
    if jwk.get("kty") != "EC" or jwk.get("crv") != "P-256":
        raise AlgorithmUnsupported
    try:
        x, y = (int.from_bytes(_unb64(jwk[name])) for name in ("x", "y"))
        return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    except (ValueError, KeyError, TypeError) as problem:
        raise SignatureInvalid from problem


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
