"""A customer gives a platform leave to act for her."""

from datetime import timedelta
from typing import Annotated, Any, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.identity.errors import CustomerNeeded, LinkNotAskable
from charsu.identity.facts import LinkAgreed
from charsu.identity.linking import SCOPES, is_challenge, is_registered
from charsu.identity.model import Digest
from charsu.identity.operations.end_session import herself
from charsu.kernel import Tx, append, operation

CODE_LIFE = timedelta(seconds=60)

Words = Annotated[tuple[Annotated[str, Meta(max_length=100)], ...], Meta(max_length=20)]


class AgreeLink(Struct, frozen=True, kw_only=True):
    """What the platform asked, word for word, and she agreed to.

    code_challenge   PKCE, of the method S256
    code_digest      SHA-256 of the code that the platform is sent back with, in hex
    """

    linked_platform_id: UUID
    redirect: Annotated[str, Meta(max_length=500)]
    scopes: Words
    code_challenge: Annotated[str, Meta(max_length=128)]
    code_digest: Digest


class LinkMade(Struct, frozen=True):
    """Her link, of which the platform can get tokens within a minute."""

    link_id: UUID


_PLATFORM: LiteralString = """
    SELECT redirects FROM identity.linked_platforms
    WHERE id = %(id)s AND disabled_at IS NULL FOR SHARE
"""

_LINK: LiteralString = """
    INSERT INTO identity.links
        (id, linked_platform_id, customer_id, scopes, redirect, code_digest, code_challenge,
         code_expires_at, made_at)
    VALUES (%(id)s, %(platform)s, %(customer)s, %(scopes)s, %(redirect)s, %(code)s, %(challenge)s,
            %(until)s, %(now)s)
"""


@operation(
    "identity.agree_link", permission="identity.own", raises=(CustomerNeeded, LinkNotAskable)
)
def agree_link(tx: Tx, ask: AgreeLink) -> LinkMade:
    """Let a platform act for me within these scopes."""
    customer = herself(tx)
    platform: Any = tx.first(_PLATFORM, id=ask.linked_platform_id)  # nobody disables it meanwhile
    if platform is None or not _is_askable(ask, platform.redirects):
        raise LinkNotAskable
    link_id = tx.new_id()
    tx.run(
        _LINK,
        id=link_id,
        platform=ask.linked_platform_id,
        customer=customer,
        scopes=sorted(set(ask.scopes)),
        redirect=ask.redirect,
        code=bytes.fromhex(ask.code_digest),
        challenge=ask.code_challenge,
        until=tx.now + CODE_LIFE,
        now=tx.now,
    )
    agreed = LinkAgreed(
        customer_id=customer,
        linked_platform_id=ask.linked_platform_id,
        scopes=tuple(sorted(set(ask.scopes))),
    )
    append(tx, agreed, subject=link_id, version=1)
    return LinkMade(link_id)


def _is_askable(ask: AgreeLink, redirects: list[str]) -> bool:
    return (
        is_registered(ask.redirect, redirects)
        and bool(ask.scopes)
        and set(ask.scopes) <= set(SCOPES)
        and is_challenge(ask.code_challenge)
    )
