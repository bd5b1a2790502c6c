"""Tokens for a code or a refresh token, and given back: what is shown goes to an operation."""

import secrets
from typing import Any, ClassVar

from authlib.oauth2.rfc6749 import (
    AuthorizationCodeGrant,
    InvalidClientError,
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
    RefreshTokenGrant,
)
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge

from charsu.identity import (
    GiveTokenBack,
    RenewTokens,
    TakeTokens,
    TokensTaken,
    give_token_back,
    is_challenge,
    renew_tokens,
    take_tokens,
)
from charsu.kernel import SYSTEM
from charsu.kernel.access import digest_of
from charsu.web.linking.posted import Client, Payload, Posted
from charsu.web.linking.told import METHODS

SCOPES_MAX = 20


class Challenge(CodeChallenge):
    """PKCE is demanded of everybody, with S256."""

    SUPPORTED_CODE_CHALLENGE_METHOD: ClassVar = ["S256"]

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        said = grant.request.payload.data
        if said.get("code_challenge_method") != "S256":
            raise InvalidRequestError("The code challenge has to be of the method S256.")
        if not is_challenge(said.get("code_challenge", "")):
            raise InvalidRequestError("Invalid 'code_challenge'")
        super().validate_code_challenge(grant, redirect_uri)

    def validate_code_verifier(self, grant: Any, result: Any) -> None:
        """The operation does, also where there is none (UCP wants invalid_grant for that)."""


class Shown:
    """A code or a token as it was shown: what is true of it the operation knows."""

    def __init__(self, secret: str, said: Payload | None = None) -> None:
        self.digest = digest_of(secret).hex()
        self._said = {} if said is None else said.data

    def get_redirect_uri(self) -> str | None:
        return self._said.get("redirect_uri")

    def get_scope(self) -> str | None:
        return self._said.get("scope")

    def check_client(self, _client: Client) -> bool:
        return True


class _Tokens(dict[str, Any]):
    """An answer with tokens. authlib writes it into its log when that is asked to tell all."""

    def __repr__(self) -> str:
        return "<tokens>"


def new_tokens(**_asked: Any) -> _Tokens:
    return _Tokens(
        access_token=secrets.token_urlsafe(32),
        token_type="Bearer",  # noqa: S106
        refresh_token=secrets.token_urlsafe(32),
    )


def _digests(token: _Tokens) -> dict[str, Any]:
    return {
        "access_digest": digest_of(token["access_token"]).hex(),
        "refresh_digest": digest_of(token["refresh_token"]).hex(),
    }


_ERRORS = {
    "client_refused": InvalidClientError,
    "grant_refused": InvalidGrantError,
    "scope_refused": InvalidScopeError,
}


def _check_given(done: TokensTaken) -> None:
    """Raises OAuth2Error where the operation gave nothing."""
    if done.outcome != "given":
        raise _ERRORS[done.outcome]


def _say(token: _Tokens, done: TokensTaken) -> None:
    """What the tokens are good for, and how long."""
    _check_given(done)
    token |= {"expires_in": done.expires_in_seconds, "scope": " ".join(done.scopes)}


class Code(AuthorizationCodeGrant):
    """Tokens for the code of her agreement."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def query_authorization_code(self, code: str, client: Client) -> Shown | None:
        shown = Shown(code, self.request.payload)
        return shown if self.server.is_worth_a_look(shown.digest, client) else None

    def authenticate_user(self, authorization_code: Shown) -> Shown:
        return authorization_code

    def save_token(self, token: _Tokens) -> None:
        said = self.request.payload.data
        ask = TakeTokens(
            code_digest=self.request.authorization_code.digest,
            redirect=said.get("redirect_uri", "")[:500],
            verifier=said.get("code_verifier", "")[:200],
            **_digests(token),
            **self.request.of_platform,
        )
        _say(token, self.server.hub.run(take_tokens, ask, actor=SYSTEM))

    def delete_authorization_code(self, authorization_code: Shown) -> None:
        """It was used up with the tokens that it gave."""


class Refresh(RefreshTokenGrant):
    """New tokens for a refresh token, which is used up."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> Shown | None:
        shown = Shown(refresh_token, self.request.payload)
        is_worth_it = self.server.is_worth_a_look(shown.digest, self.request.client)
        return shown if is_worth_it else None

    def authenticate_user(self, refresh_token: Shown) -> Shown:
        return refresh_token

    def save_token(self, token: _Tokens) -> None:
        scopes = (self.request.payload.scope or "").split()
        if len(scopes) > SCOPES_MAX:
            raise InvalidScopeError
        ask = RenewTokens(
            token_digest=self.request.refresh_token.digest,
            scopes=tuple(scopes),
            **_digests(token),
            **self.request.of_platform,
        )
        _say(token, self.server.hub.run(renew_tokens, ask, actor=SYSTEM))

    def revoke_old_credential(self, refresh_token: Shown) -> None:
        """It was used up with the tokens that it gave."""


class Revocation(RevocationEndpoint):
    """Tokens given back; what kind the platform thinks they are does not matter."""

    CLIENT_AUTH_METHODS = METHODS

    def check_params(self, request: Posted, _client: Client) -> None:
        if not request.form.get("token"):
            raise InvalidRequestError("Missing 'token' in request.")

    def query_token(self, token_string: str, _token_type_hint: str | None) -> Shown:
        return Shown(token_string)

    def authenticate_token(self, request: Posted, client: Client) -> Shown | None:
        shown: Shown = super().authenticate_token(request, client)
        return shown if self.server.is_worth_a_look(shown.digest, client) else None

    def revoke_token(self, token: Shown, request: Posted) -> None:
        ask = GiveTokenBack(token_digest=token.digest, **request.of_platform)
        _check_given(self.server.hub.run(give_token_back, ask, actor=SYSTEM))
