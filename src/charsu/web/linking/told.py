"""What is told of the authorization server to those who look for it."""

from typing import Any

from charsu.identity import ALGORITHMS, SCOPES
from charsu.web.linking.wanted import PATH

SIGNED = "private_key_jwt"
SECRET = ("client_secret_basic", "client_secret_post")
METHODS = [SIGNED, *SECRET, "none"]
"""How a platform proves who it is; the names are those of RFC 7591 and RFC 7523."""

GRANTS = ["authorization_code", "refresh_token"]


def about_server(issuer: str) -> dict[str, Any]:
    """The metadata of RFC 8414."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}{PATH}/authorize",
        "token_endpoint": f"{issuer}{PATH}/token",
        "revocation_endpoint": f"{issuer}{PATH}/revoke",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": GRANTS,
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": METHODS,
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "revocation_endpoint_auth_methods_supported": METHODS,
        "revocation_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "authorization_response_iss_parameter_supported": True,
    }


def about_door(issuer: str, name: str) -> dict[str, Any]:
    """The metadata of RFC 9728."""
    return {
        "resource": issuer,
        "resource_name": name,
        "authorization_servers": [issuer],
        "scopes_supported": list(SCOPES),
        "bearer_methods_supported": ["header"],
    }
