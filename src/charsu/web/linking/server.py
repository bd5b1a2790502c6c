"""The authorization server: authlib reads what platforms ask and finds out who they are.

Whether a code or a token is good is decided where it is used up: by an operation, in the
transaction that also ends what was replayed. So what authlib would store and look up is handed to
operations as it was shown.

This module is loaded when the first platform comes: authlib takes a tenth of a second and 2.5 MB.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    InsecureTransportError,
    InvalidClientError,
    InvalidRequestError,
)
from msgspec import Struct

from charsu.identity import (
    SCOPES,
    AgreeLink,
    LinkNotAskable,
    agree_link,
    asked_platform,
    was_given,
)
from charsu.kernel import Actor, Hub, NotFound
from charsu.kernel.access import digest_of
from charsu.web.linking.grants import Challenge, Code, Refresh, Revocation, new_tokens
from charsu.web.linking.posted import Client, Posted
from charsu.web.linking.signed import authenticate_signed
from charsu.web.linking.told import SIGNED
from charsu.web.linking.wanted import PATH, Pairs, Wanted


class Told(Struct, frozen=True):
    """The answer to a platform."""

    status: int
    body: dict[str, Any]


class Server(AuthorizationServer):
    """What is asked at the addresses of OAuth 2.1, and the answers."""

    def __init__(self, hub: Hub) -> None:
        super().__init__(scopes_supported=list(SCOPES))
        self.hub = hub
        self.register_grant(Code, [Challenge()])
        self.register_grant(Refresh)
        self.register_endpoint(Revocation)
        self.register_token_generator("default", new_tokens)
        self.register_client_auth_method(SIGNED, authenticate_signed)

    def wanted(self, issuer: str, query: str, pairs: Pairs) -> Wanted:
        """What a platform asks, checked; what is wrong with it is told to the platform.

        Raises NotFound where it is not known whom to send back to, and LinkNotAskable.
        """
        try:
            request = Posted(issuer, f"{PATH}/authorize", pairs, method="GET")
            problem = self._problem(request)
        except (ValueError, InsecureTransportError) as strange:
            # authlib's errors take ASCII only; and nobody is asked over plain HTTP
            raise LinkNotAskable from strange
        said = request.payload.data
        return Wanted(
            query=query,
            platform=request.client.known,
            redirect=said["redirect_uri"],
            scopes=tuple(sorted(set(said.get("scope", "").split()))),
            challenge=said.get("code_challenge", ""),
            state=said.get("state", ""),
            problem=problem,
        )

    def _problem(self, request: Posted) -> str:
        """In the words of RFC 6749; empty where nothing is wrong. Raises NotFound."""
        said = request.payload.data
        name = said.get("client_id", "")
        request.client = self.query_client(name)
        if request.client is None or not request.client.check_redirect_uri(
            said.get("redirect_uri", "")
        ):
            raise NotFound("linked_platform", name[:64])
        try:
            self.get_consent_grant(request)
        except OAuth2Error as error:
            return str(error.error)
        return ""

    def agree(self, wanted: Wanted, who: Actor) -> str:
        """The code that her agreement is worth."""
        code = secrets.token_urlsafe(32)
        ask = AgreeLink(
            linked_platform_id=wanted.platform.id,
            redirect=wanted.redirect,
            scopes=wanted.scopes,
            code_challenge=wanted.challenge,
            code_digest=digest_of(code).hex(),
        )
        self.hub.run(agree_link, ask, actor=who)
        return code

    def token(self, issuer: str, pairs: Pairs, headers: Mapping[str, str]) -> Told:
        """Tokens for a code or for a refresh token."""
        return self._answer(issuer, f"{PATH}/token", pairs, headers, self.create_token_response)

    def revoke(self, issuer: str, pairs: Pairs, headers: Mapping[str, str]) -> Told:
        """End a token; the answer does not tell whether there was one."""

        def answer(request: Posted) -> Any:
            return self.create_endpoint_response("revocation", request)

        return self._answer(issuer, f"{PATH}/revoke", pairs, headers, answer)

    def _answer(
        self, issuer: str, path: str, pairs: Pairs, headers: Mapping[str, str], answer: Any
    ) -> Told:
        try:
            request = Posted(issuer, path, pairs, headers)
            request.check_once()
            told: Told = answer(request)
        except OAuth2Error as error:
            told = self.handle_error_response(None, error)
        return told

    # what authlib asks of those who use it

    def query_client(self, client_id: str) -> Client | None:
        """The platform; None also where it was disabled."""
        try:
            found = UUID(client_id)
        except ValueError:
            return None
        with self.hub.reading(operation="web.linking") as tx:
            known = asked_platform(tx, found)
        return None if known is None or str(known.id) != client_id else Client(known)

    def authenticate_client(
        self, request: Posted, methods: Sequence[str], endpoint: str = "token"
    ) -> Client:
        """Who asks. Raises InvalidClientError, and InvalidRequestError for two proofs at once."""
        request.check_one_proof()
        try:
            client: Client = super().authenticate_client(request, methods, endpoint)
        except ValueError as strange:  # letters that are none
            raise InvalidClientError from strange
        if request.payload.client_id not in {None, client.client_id}:
            raise InvalidClientError("The request names another client.")
        return client

    def get_token_grant(self, request: Posted) -> Any:
        """The grant. Raises InvalidRequestError where none is named."""
        if not request.payload.grant_type:
            raise InvalidRequestError("Missing 'grant_type' in request.")
        return super().get_token_grant(request)

    def is_worth_a_look(self, digest: str, client: Client) -> bool:
        """Whether an operation is asked about what is shown.

        Not where a platform that proves nothing shows what it was never given: anybody could be
        it, and would fill the audit with his tries.
        """
        if client.is_proven:
            return True
        with self.hub.reading(operation="web.linking") as tx:
            return was_given(tx, bytes.fromhex(digest), client.known.id)

    def create_oauth2_request(self, request: Posted) -> Posted:
        """It is one already."""
        return request

    def handle_response(self, status: int, body: Any, _headers: Any) -> Told:
        """The answer; a client that is not known is told so with 401, however it came."""
        if body.get("error") == "invalid_client":
            status = 401
        return Told(status, dict(body))

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens: what happens is in the log."""
