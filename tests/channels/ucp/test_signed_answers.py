"""A client's library (RFC 9421) takes our signed answers for ours, and no others."""

from typing import Any

import pytest
from http_message_signatures import (
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
)
from http_message_signatures.algorithms import ECDSA_P256_SHA256

from charsu.channels.ucp.signing import digest_of, public_key

from .shopper import Platform


class Published(HTTPSignatureKeyResolver):
    """Keys as the shop's profile shows them."""

    def __init__(self, profile: dict[str, Any]) -> None:
        self._keys = {key["kid"]: key for key in profile["signing_keys"]}

    def resolve_public_key(self, key_id: str) -> Any:
        return public_key(self._keys[key_id])

    def resolve_private_key(self, key_id: str) -> Any:
        raise NotImplementedError


def _verify(platform: Platform, answer: Any) -> Any:
    profile = platform.client.get("/.well-known/ucp/2026-04-08").json()
    verifier = HTTPMessageVerifier(
        signature_algorithm=ECDSA_P256_SHA256, key_resolver=Published(profile)
    )
    [verified] = verifier.verify(answer)
    return verified


@pytest.fixture(params=["made", "refused"])
def answer(platform: Platform, request: pytest.FixtureRequest) -> Any:
    body = platform.body("mug") if request.param == "made" else {"line_items": 1}
    return platform.asks("POST", "/carts", body)


def test_a_library_verifies_status_type_and_content(platform: Platform, answer: Any) -> None:
    verified = _verify(platform, answer)

    assert set(verified.covered_components) >= {'"@status"', '"content-digest"', '"content-type"'}
    assert answer.headers["content-digest"] == digest_of(answer.content)


@pytest.mark.parametrize("part", ["status", "content-type", "content-digest"])
def test_what_somebody_changed_on_the_way_is_not_ours(
    platform: Platform, answer: Any, part: str
) -> None:
    if part == "status":
        answer.status_code = 202
    else:
        answer.headers[part] = "sha-256=:AAAA:" if part == "content-digest" else "text/plain"

    with pytest.raises(InvalidSignature):
        _verify(platform, answer)
