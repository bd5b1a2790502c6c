"""A platform that signs who it is: ``private_key_jwt`` of RFC 7523.

The signature, the audience and the time are checked here, by the hub's clock; that a word is good
once is decided by the operation for which it is shown.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from authlib.oauth2.rfc6749 import InvalidClientError
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, import_key

from charsu.identity import ALGORITHMS, Assertion
from charsu.kernel.access import digest_of
from charsu.web.linking.posted import Client, Posted
from charsu.web.linking.told import SIGNED
from charsu.web.linking.wanted import PATH

LEEWAY = timedelta(seconds=60)  # between the clocks of two machines
LIFE_MAX = timedelta(hours=1)  # how far ahead a word may end, since so long it is kept
LETTERS_MAX = 6000
JTI_LETTERS_MAX = 255


def authenticate_signed(query_client: Any, request: Posted) -> Client | None:
    """The platform that signed; None where nothing is signed. Raises InvalidClientError.

    Source: RFC 7523, sections 2.2 and 3.
    """
    if len(request.form.get("client_assertion", "")) > LETTERS_MAX:
        raise InvalidClientError("The assertion is too long.")
    try:
        client: Client | None = _Word(request)(query_client, request)
    except (JoseError, TypeError, OverflowError, RecursionError) as problem:
        raise InvalidClientError("The assertion cannot be read.") from problem
    return client


class _Word(JWTBearerClientAssertion):
    """What one request shows."""

    CLIENT_AUTH_METHOD = SIGNED

    def __init__(self, request: Posted) -> None:
        super().__init__(leeway=int(LEEWAY.total_seconds()))
        self._request = request

    def resolve_client_public_key(self, client: Client) -> KeySet:
        if not client.known.keys:
            raise InvalidClientError("The client has no keys here.")
        return KeySet([import_key(dict(key)) for key in client.known.keys])

    def process_assertion_claims(self, assertion: str, resolve_key: KeySet) -> Any:
        token = jwt.decode(assertion, resolve_key, algorithms=ALGORITHMS)
        self.verify_claims(token.claims)
        return token.claims

    def verify_claims(self, claims: dict[str, Any]) -> None:
        client = self._request.client
        wanted: dict[str, Any] = {
            "iss": {"essential": True, "value": client.client_id},
            "sub": {"essential": True, "value": client.client_id},
            "aud": {"essential": True, "values": self.get_audiences()},
            "exp": {"essential": True},
            "jti": {"essential": True},
        }
        now = client.known.now
        clock = int(now.timestamp())
        jwt.JWTClaimsRegistry(now=clock, leeway=self.leeway, **wanted).validate(claims)
        ends = datetime.fromtimestamp(claims["exp"], UTC) + LEEWAY
        if ends > now + LIFE_MAX + 2 * LEEWAY:
            raise InvalidClientError("The assertion ends too far ahead.")
        if not isinstance(claims["aud"], str) and len(claims["aud"]) != 1:
            raise InvalidClientError("The assertion is for others, too.")
        if len(claims["jti"]) > JTI_LETTERS_MAX:
            raise InvalidClientError("The name of the assertion is too long.")
        client.assertion = Assertion(digest_of(claims["jti"]).hex(), ends)

    def get_audiences(self) -> list[str]:
        """This server; or its addresses, by which many clients still call it."""
        issuer = self._request.issuer
        return [issuer, f"{issuer}{PATH}/token", self._request.uri]
