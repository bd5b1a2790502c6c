"""What may be asked of a customer for a platform, and how what it shows is proven.

Sources: UCP 2026-04-08, Identity Linking; RFC 9700 (security of OAuth 2.0); RFC 7636 (PKCE);
RFC 8252, section 7.3 (ports of loopback addresses).
"""

import base64
import hashlib
import hmac
import re
from urllib.parse import urlsplit

from charsu.identity.errors import RedirectInvalid

SCOPES = (
    "dev.ucp.shopping.cart:manage",
    "dev.ucp.shopping.checkout:manage",
    "dev.ucp.shopping.order:read",
)
"""What a platform may be allowed to do for a customer."""

_LOOPBACK = frozenset({"127.0.0.1", "::1"})
_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # base64url of a SHA-256
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")  # RFC 7636, section 4.1


def check_redirect(address: str) -> None:
    """Raises RedirectInvalid for what no customer may be sent to."""
    try:
        parts = urlsplit(address)
        _port = parts.port
    except ValueError as problem:
        raise RedirectInvalid(address) from problem
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    is_host = _HOST.fullmatch(parts.netloc) is not None  # it comes into a header of our page, too
    is_plain = address.isascii() and address.isprintable() and not set(address) & set(' "<>\\#')
    if not (is_safe and is_plain and is_host and parts.hostname):
        raise RedirectInvalid(address)


def is_registered(address: str, registered: list[str]) -> bool:
    """Whether it is one of these, letter by letter; on this machine the port does not count."""
    return address in registered or (
        (found := _without_port(address)) is not None
        and found in [_without_port(one) for one in registered]
    )


def _without_port(address: str) -> tuple[str, str, str, str] | None:
    """A loopback address without its port; None for any other."""
    try:
        check_redirect(address)
    except RedirectInvalid:
        return None
    parts = urlsplit(address)
    if parts.hostname not in _LOOPBACK:
        return None
    return parts.scheme, str(parts.hostname), parts.path, parts.query


def is_challenge(text: str) -> bool:
    """Whether it can be a PKCE challenge of the method S256."""
    return _CHALLENGE.fullmatch(text) is not None


def answers(challenge: str, verifier: str) -> bool:
    """Whether this verifier is what the challenge was made of (S256 only)."""
    if _VERIFIER.fullmatch(verifier) is None:
        return False
    digest = hashlib.sha256(verifier.encode()).digest()
    made = base64.urlsafe_b64encode(digest).rstrip(b"=")
    return hmac.compare_digest(made, challenge.encode())
