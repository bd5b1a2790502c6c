"""Which platforms act for a customer, and for whom one acts."""

from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.customers import family_of, root_of
from charsu.identity.errors import CustomerNeeded, LinkTokenRefused
from charsu.identity.operations.end_session import herself
from charsu.kernel import Tx, query
from charsu.kernel.access import digest_of

SHOWN_MAX = 100


class AskLinks(Struct, frozen=True, kw_only=True):
    """One's own."""


class CustomerLink(Struct, frozen=True, kw_only=True):
    """A platform that acts for her."""

    link_id: UUID
    platform: str
    scopes: tuple[str, ...]
    made_at: datetime


class CustomerLinks(Struct, frozen=True):
    """All of hers, the newest hundred, newest first."""

    items: tuple[CustomerLink, ...]


# A code that nobody fetched tokens with in time is no link.
_OPEN: LiteralString = """
    SELECT l.id AS link_id, p.name AS platform, l.scopes, l.made_at
    FROM identity.links l JOIN identity.linked_platforms p ON p.id = l.linked_platform_id
    WHERE l.customer_id = ANY(%(family)s) AND l.ended_at IS NULL
      AND (l.code_used_at IS NOT NULL OR l.code_expires_at > %(now)s)
    ORDER BY l.made_at DESC, l.id DESC LIMIT %(most)s
"""


@query(
    "identity.links",
    permission="identity.own",
    http="GET /v1/me/links",
    raises=(CustomerNeeded,),
)
def customer_links(tx: Tx, _ask: AskLinks) -> CustomerLinks:
    """The platforms that may act for me."""
    rows: list[Any] = tx.all(_OPEN, family=family_of(tx, herself(tx)), now=tx.now, most=SHOWN_MAX)
    return CustomerLinks(
        tuple(
            CustomerLink(
                link_id=row.link_id,
                platform=row.platform,
                scopes=tuple(row.scopes),
                made_at=row.made_at,
            )
            for row in rows
        )
    )


class AskedPlatform(Struct, frozen=True, kw_only=True):
    """A platform, as a customer is asked about it, and how it proves who it is.

    secret_digest   SHA-256 of its secret; none where it has keys, or can keep no secret
    keys            public ones (JWK), by which it signs who it is
    now             when this was looked up; UTC
    """

    id: UUID
    name: str
    redirects: list[str]
    secret_digest: bytes | None
    keys: list[dict[str, str]] | None
    now: datetime


_ASKED: LiteralString = """
    SELECT id, name, redirects, secret_digest, keys FROM identity.linked_platforms
    WHERE id = %(id)s AND disabled_at IS NULL
"""


def asked_platform(tx: Tx, platform_id: UUID) -> AskedPlatform | None:
    """The platform; None where there is none, or it was disabled."""
    row: Any = tx.first(_ASKED, id=platform_id)
    return None if row is None else AskedPlatform(**row._asdict(), now=tx.now)


_HAS_CODE: LiteralString = """
    SELECT EXISTS (SELECT FROM identity.links
                   WHERE code_digest = %(digest)s AND linked_platform_id = %(platform)s)
        OR EXISTS (SELECT FROM identity.link_tokens t JOIN identity.links l ON l.id = t.link_id
                   WHERE t.digest = %(digest)s AND l.linked_platform_id = %(platform)s)
"""


def was_given(tx: Tx, digest: bytes, platform_id: UUID) -> bool:
    """Whether this is a code or a token that the platform was given once, good or not."""
    return bool(tx.value(_HAS_CODE, digest=digest, platform=platform_id))


def has_platforms(tx: Tx) -> bool:
    """Whether there is a platform that may ask customers."""
    return bool(tx.value(_HAS_PLATFORMS))


_HAS_PLATFORMS: LiteralString = """
    SELECT EXISTS (SELECT FROM identity.linked_platforms WHERE disabled_at IS NULL)
"""


class ActedFor(Struct, frozen=True, kw_only=True):
    """For whom a platform acts, and what it may do."""

    customer_id: UUID
    scopes: tuple[str, ...]


_ACTED_FOR: LiteralString = """
    SELECT l.customer_id, t.scopes FROM identity.link_tokens t
    JOIN identity.links l ON l.id = t.link_id AND l.ended_at IS NULL
    JOIN identity.linked_platforms p ON p.id = l.linked_platform_id
    WHERE t.digest = %(digest)s AND t.kind = 'access' AND t.expires_at > %(now)s
      AND p.disabled_at IS NULL AND p.profile_url = %(profile)s
"""

_IS_ACTIVE: LiteralString = """
    SELECT EXISTS (SELECT FROM customers.customers WHERE id = %(id)s AND state = 'active')
"""


def acted_for(tx: Tx, token: str, *, profile_url: str) -> ActedFor:
    """For whom the platform of this profile acts by this token; who was merged is the one left.

    Raises LinkTokenRefused.
    """
    row: Any = tx.first(_ACTED_FOR, digest=digest_of(token), now=tx.now, profile=profile_url)
    if row is None:
        raise LinkTokenRefused
    customer = root_of(tx, row.customer_id)
    if not tx.value(_IS_ACTIVE, id=customer):
        raise LinkTokenRefused
    return ActedFor(customer_id=customer, scopes=tuple(row.scopes))
