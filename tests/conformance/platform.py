"""The platforms that suites pretend to be: their profiles, their keys, and where these are."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from charsu.channels.ucp.platforms import store_profile
from charsu.channels.ucp.spoken import VERSIONS
from charsu.channels.ucp.v2026_04_08 import VERSION
from charsu.channels.ucp.versions import Version
from charsu.kernel import Hub

AGENT = "https://spck.dev/agent"  # what the suite says it is; it serves nothing there
SPEC = f"https://ucp.dev/{VERSION}/specification"


def _b64(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes(32)).decode().rstrip("=")


def private_jwk(kid: str) -> dict[str, str]:
    """A new key, both halves."""
    private = ec.generate_private_key(ec.SECP256R1()).private_numbers()
    numbers = private.public_numbers
    return {
        "kid": kid,
        "kty": "EC",
        "crv": "P-256",
        "x": _b64(numbers.x),
        "y": _b64(numbers.y),
        "d": _b64(private.private_value),
    }


def public(jwk: dict[str, str]) -> dict[str, str]:
    """The half that a profile shows."""
    return {name: value for name, value in jwk.items() if name != "d"}


def odd_key(kid: str) -> dict[str, str]:
    """A key of a kind that we do not check."""
    raw = ed25519.Ed25519PrivateKey.generate().public_key()
    x = base64.urlsafe_b64encode(raw.public_bytes(Encoding.Raw, PublicFormat.Raw))
    return {"kid": kid, "kty": "OKP", "crv": "Ed25519", "x": x.decode().rstrip("=")}


def profile(
    *keys: dict[str, str], version: str = VERSION, capabilities: dict[str, Any] | None = None
) -> dict[str, Any]:
    """A profile that has all that we have, or what it is said to have."""
    spoken = VERSIONS.get(version, VERSIONS[VERSION])
    offered = {name: [_capability(name, spoken)] for name in spoken.offered}
    return {
        "ucp": {
            "version": version,
            "services": {},
            "payment_handlers": {},
            "capabilities": capabilities or offered,
        },
        "signing_keys" if version == VERSION else "keys": list(keys),
    }


def _capability(name: str, spoken: Version) -> dict[str, Any]:
    entry: dict[str, Any] = {"version": spoken.name, "spec": SPEC, "schema": SPEC}
    parents = spoken.offered[name][0].extends
    return entry | ({"extends": parents} if parents else {})


def introduce(hub: Hub, url: str, document: dict[str, Any]) -> None:
    """Let the shop know a platform as if it had fetched its profile a moment ago."""
    with hub.writing("test.introduce") as tx:
        store_profile(tx, url, json.dumps(document), fresh=timedelta(days=1))


class _Documents(BaseHTTPRequestHandler):
    documents: dict[str, bytes]

    def do_GET(self) -> None:
        body = self.documents.get(self.path)
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_: Any) -> None:
        """The suite's own report says what was asked."""


@contextmanager
def serving(documents: dict[str, Any]) -> Iterator[str]:
    """A server on this machine with these documents by path; its address."""
    written = {
        path: one if isinstance(one, bytes) else json.dumps(one).encode()
        for path, one in documents.items()
    }
    handler = type("Documents", (_Documents,), {"documents": written})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
