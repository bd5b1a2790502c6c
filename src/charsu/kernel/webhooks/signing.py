"""Signatures as Standard Webhooks 1.0 has them: HMAC-SHA256 over id, time and body."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

PREFIX = "whsec_"
SECRET_BYTES = 32
OLD = timedelta(minutes=5)
"""How far a message's time may lie from ours, as the standard advises."""


def new_secret() -> str:
    """A new secret in the form that receivers' libraries take. Never from a seeded source."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signed_headers(
    message_id: str, body: bytes, *, keys: Iterable[str], at: datetime
) -> dict[str, str]:
    """The three headers; one signature per secret, so that a receiver may still use the old one."""
    timestamp = str(int(at.timestamp()))
    content = b".".join((message_id.encode(), timestamp.encode(), body))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_signature(key, content) for key in keys),
    }


def is_signed(headers: Mapping[str, str], body: bytes, *, key: str, now: datetime) -> bool:
    """Whether a message proves that it comes, just now, from somebody who has the key.

    headers   names in lower case
    """
    name, timestamp, shown = (
        headers.get(f"webhook-{one}", "") for one in ("id", "timestamp", "signature")
    )
    if not (name and timestamp.isascii() and timestamp.isdigit()):
        return False
    if abs(int(timestamp[:12]) - now.timestamp()) > OLD.total_seconds():
        return False
    right = _signature(key, b".".join((name.encode(), timestamp.encode(), body))).encode()
    return any(hmac.compare_digest(one.encode(), right) for one in shown.split(" "))


def _signature(key: str, content: bytes) -> str:
    secret = base64.b64decode(key.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.digest(secret, content, hashlib.sha256)).decode()
