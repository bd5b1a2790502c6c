"""What came to an address of the authorization server, and from whom, as authlib wants it."""

import secrets
from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc6749 import (
    ClientMixin,
    InvalidRequestError,
    OAuth2Payload,
    OAuth2Request,
)

from charsu.identity import AskedPlatform, Assertion, is_registered
from charsu.kernel.access import digest_of
from charsu.web.linking.told import GRANTS, SECRET, SIGNED
from charsu.web.linking.wanted import Pairs


class Posted(OAuth2Request):
    """What came to an address: a query or a form, and how the platform proves itself."""

    def __init__(
        self,
        issuer: str,
        path: str,
        pairs: Pairs,
        headers: Mapping[str, str] | None = None,
        *,
        method: str = "POST",
    ) -> None:
        super().__init__(method, f"{issuer}{path}", headers=dict(headers or {}))
        self.issuer = issuer
        self.payload = Payload(pairs)

    @property
    def form(self) -> dict[str, str]:
        return self.payload.data

    def check_once(self) -> None:
        """Raises InvalidRequestError where something is said twice (RFC 6749, section 3.2)."""
        if any(len(values) > 1 for values in self.payload.datalist.values()):
            raise InvalidRequestError("A parameter is in the request more than once.")

    def check_one_proof(self) -> None:
        """Raises InvalidRequestError for several (RFC 6749, section 2.3)."""
        shown = {"client_secret", "client_assertion"} & self.payload.data.keys()
        if len(shown) + ("Authorization" in self.headers) > 1:
            raise InvalidRequestError("The client shows more than one proof.")

    @property
    def of_platform(self) -> dict[str, Any]:
        """Who asks, for the operation, which looks once more."""
        return {
            "linked_platform_id": self.client.known.id,
            "secret_digest": self.client.secret_digest,
            "assertion": self.client.assertion,
        }


class Payload(OAuth2Payload):
    """What is said; what is said without a value is not said (RFC 6749, section 3.1)."""

    def __init__(self, pairs: Pairs) -> None:
        self._lists: dict[str, list[str]] = {}
        for name, value in pairs:
            if value:
                self._lists.setdefault(name, []).append(value)
        self._data = {name: values[0] for name, values in self._lists.items()}

    @property
    def data(self) -> dict[str, str]:
        return self._data

    @property
    def datalist(self) -> dict[str, list[str]]:
        return self._lists


class Client(ClientMixin):
    """A linked platform, as authlib asks about it, and what it has shown."""

    def __init__(self, known: AskedPlatform) -> None:
        self.known = known
        self.client_id = str(known.id)
        self.secret_digest: str | None = None
        self.assertion: Assertion | None = None

    @property
    def is_proven(self) -> bool:
        """Whether it has shown anything that others do not have."""
        return self.secret_digest is not None or self.assertion is not None

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        if self.known.keys:
            return method == SIGNED
        if self.known.secret_digest is not None:
            return method in SECRET
        return method == "none"

    def check_client_secret(self, client_secret: str) -> bool:
        """Digests are compared, in a time that tells nothing."""
        shown, kept = digest_of(client_secret), self.known.secret_digest
        self.secret_digest = shown.hex()
        return kept is not None and secrets.compare_digest(shown, kept)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return is_registered(redirect_uri, self.known.redirects)

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in GRANTS

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """What it asks for; none where it asks for nothing, since there is no default."""
        return scope or None

    def get_default_redirect_uri(self) -> None:
        """It says where she goes back to."""
