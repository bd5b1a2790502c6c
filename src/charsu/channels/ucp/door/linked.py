"""Whom a platform acts for: the customer whose token comes along, and what is hers only."""

from typing import Any
from uuid import UUID

from litestar import Request

from charsu.channels.ucp.door.exchange import Exchange
from charsu.channels.ucp.errors import IdentityRequired, InsufficientScope
from charsu.channels.ucp.model import SessionKind
from charsu.identity import ActedFor, LinkTokenRefused, acted_for
from charsu.kernel import Hub, HubError

FILLS = "dev.ucp.shopping.cart:manage"
SHOPS = "dev.ucp.shopping.checkout:manage"
READS = "dev.ucp.shopping.order:read"

RESOURCE_METADATA = "/.well-known/oauth-protected-resource"
LINKING = "dev.ucp.common.identity_linking"


def linking_declared(version: str) -> dict[str, Any]:
    """The capability, as a profile declares it where a platform could use it.

    ``config.scopes`` lists what is answered with a token only: the orders of customers. Whoever
    shows none shops as a guest; what a token adds to that is in ``scopes_supported`` of the
    authorization server.
    """
    site = f"https://ucp.dev/{version}"
    entry = {
        "version": version,
        "spec": f"{site}/specification/identity-linking",
        "schema": f"{site}/schemas/common/identity_linking.json",
        "config": {"scopes": {READS: {"description": {"plain": _READS_WHAT}}}},
    }
    return {LINKING: [entry]}


_READS_WHAT = "See the customer's orders, wherever she bought."


def token_of(request: Request[Any, Any, Any]) -> str | None:
    """The token that comes along (RFC 6750, 2.1). Raises IdentityRequired for a broken one."""
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise IdentityRequired(is_shown=True)
    return token.strip()


def customer_of(hub: Hub, token: str, profile_url: str) -> ActedFor:
    """For whom the platform acts. Raises IdentityRequired."""
    try:
        return hub.read(
            lambda tx: acted_for(tx, token, profile_url=profile_url), operation="ucp.acts_for"
        )
    except LinkTokenRefused as refused:
        raise IdentityRequired(is_shown=True) from refused


def shopper_of(of: Exchange, kind: SessionKind) -> UUID | None:
    """The customer for whom it shops; None for a guest. Raises InsufficientScope.

    Who may buy for her may fill her cart, too.
    """
    if of.acts_for is None:
        return None
    enough = {FILLS, SHOPS} if kind == "cart" else {SHOPS}
    if enough.isdisjoint(of.acts_for.scopes):
        raise InsufficientScope(FILLS if kind == "cart" else SHOPS)
    return of.acts_for.customer_id


def reader_of(of: Exchange) -> UUID | None:
    """The customer whose orders it may read; None where it acts for none, or may not."""
    acts_for = of.acts_for
    return acts_for.customer_id if acts_for is not None and READS in acts_for.scopes else None


def unread(of: Exchange, refused: HubError) -> HubError:
    """Why an order is not shown, once it is known what the token is good for.

    Without the scope nothing is told of any order, so that nobody learns whose it is.
    """
    if of.acts_for is None:
        return refused
    if READS not in of.acts_for.scopes:
        return InsufficientScope(READS)
    return IdentityRequired(is_shown=True) if isinstance(refused, IdentityRequired) else refused


def challenge(error: HubError, issuer: str) -> str | None:
    """The header WWW-Authenticate of a refusal (RFC 6750, section 3); None where it has none."""
    said = {"realm": issuer}
    if isinstance(error, InsufficientScope):
        said |= {"error": "insufficient_scope", "scope": error.scope}
    elif not isinstance(error, IdentityRequired):
        return None
    elif error.is_shown:
        said |= {"error": "invalid_token"}
    said |= {"resource_metadata": f"{issuer}{RESOURCE_METADATA}"}
    return "Bearer " + ", ".join(f'{name}="{value}"' for name, value in said.items())
