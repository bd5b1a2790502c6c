"""A platform that a customer has agreed to gets tokens, changes them and gives them back.

What is wrong is an answer, not a refusal: what a replayed code or token ends has to stay ended,
and what is refused leaves nothing behind.
"""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.identity.linking import answers, is_registered
from charsu.identity.model import Digest
from charsu.identity.operations.agree_link import Words
from charsu.identity.operations.end_link import end_links
from charsu.kernel import Tx, operation

ACCESS_LIFE = timedelta(minutes=15)
REFRESH_LIFE = timedelta(days=60)  # unused so long, a link has to be agreed anew

LinkAnswer = Literal["given", "client_refused", "grant_refused", "scope_refused"]


class Assertion(Struct, frozen=True):
    """A word of who it is that a platform has signed, which the caller has checked (RFC 7523).

    digest       SHA-256 of its ``jti``, in hex
    expires_at   until when it could be shown again; UTC
    """

    digest: Digest
    expires_at: datetime


class _OfPlatform(Struct, frozen=True, kw_only=True):
    linked_platform_id: UUID
    secret_digest: Digest | None = None
    assertion: Assertion | None = None


class TakeTokens(_OfPlatform, frozen=True, kw_only=True):
    """A code, for tokens that the caller has made; the shop gets digests only."""

    code_digest: Digest
    redirect: Annotated[str, Meta(max_length=500)]
    verifier: Annotated[str, Meta(max_length=128)]
    access_digest: Digest
    refresh_digest: Digest


class RenewTokens(_OfPlatform, frozen=True, kw_only=True):
    """A refresh token, for new ones; no scopes asks for those that it has."""

    token_digest: Digest
    scopes: Words = ()
    access_digest: Digest
    refresh_digest: Digest


class GiveTokenBack(_OfPlatform, frozen=True, kw_only=True):
    """A token, of either kind."""

    token_digest: Digest


class TokensTaken(Struct, frozen=True, kw_only=True):
    """Whether the tokens are good now, for what and how long."""

    outcome: LinkAnswer
    scopes: tuple[str, ...] = ()
    expires_in_seconds: int = 0


CLIENT_REFUSED = TokensTaken(outcome="client_refused")
GRANT_REFUSED = TokensTaken(outcome="grant_refused")
SCOPE_REFUSED = TokensTaken(outcome="scope_refused")

# Two with one code or one token wait for each other here.
_OF_CODE: LiteralString = """
    SELECT id, scopes, redirect, code_challenge, code_expires_at, code_used_at, ended_at
    FROM identity.links
    WHERE code_digest = %(code)s AND linked_platform_id = %(platform)s FOR UPDATE
"""

_USE_CODE: LiteralString = "UPDATE identity.links SET code_used_at = %(now)s WHERE id = %(id)s"


@operation("identity.take_tokens", permission="identity.give_tokens")
def take_tokens(tx: Tx, ask: TakeTokens) -> TokensTaken:
    """Tokens for a code: once, for who asked for it, who can tell what its challenge is made of.

    A code that comes again ends what came of it: it is in more hands than one.
    """
    if not _is_proven(tx, ask):
        return CLIENT_REFUSED
    code = bytes.fromhex(ask.code_digest)
    link: Any = tx.first(_OF_CODE, code=code, platform=ask.linked_platform_id)
    if link is None or link.ended_at is not None:
        return GRANT_REFUSED
    if link.code_used_at is not None:
        end_links(tx, "replayed", link=link.id)
        return GRANT_REFUSED
    is_same = is_registered(ask.redirect, [link.redirect])
    is_hers = is_same and answers(link.code_challenge, ask.verifier)
    if not is_hers or link.code_expires_at <= tx.now:
        return GRANT_REFUSED
    tx.run(_USE_CODE, id=link.id, now=tx.now)
    return _give(tx, ask, link.id, link.scopes, link.scopes)


# The link first, as whoever ends it does.
_LINK_SHOWN: LiteralString = """
    SELECT l.id, l.ended_at FROM identity.links l
    WHERE l.linked_platform_id = %(platform)s
      AND l.id = (SELECT link_id FROM identity.link_tokens WHERE digest = %(digest)s) FOR UPDATE
"""

_SHOWN: LiteralString = """
    SELECT kind, scopes, expires_at, used_at FROM identity.link_tokens WHERE digest = %(digest)s
"""

_USE_UP: LiteralString = """
    UPDATE identity.link_tokens SET used_at = %(now)s WHERE digest = %(digest)s
"""


@operation("identity.renew_tokens", permission="identity.give_tokens")
def renew_tokens(tx: Tx, ask: RenewTokens) -> TokensTaken:
    """New tokens for a refresh token, which is used up by it; never for more than it had.

    One that was used up before ends the link: it is in more hands than one (RFC 9700, 4.14.2).
    """
    if not _is_proven(tx, ask):
        return CLIENT_REFUSED
    digest = bytes.fromhex(ask.token_digest)
    link: Any = tx.first(_LINK_SHOWN, digest=digest, platform=ask.linked_platform_id)
    if link is None or link.ended_at is not None:
        return GRANT_REFUSED
    token: Any = tx.first(_SHOWN, digest=digest)
    if token.kind != "refresh" or token.expires_at <= tx.now:
        return GRANT_REFUSED
    if token.used_at is not None:
        end_links(tx, "replayed", link=link.id)
        return GRANT_REFUSED
    if not set(ask.scopes) <= set(token.scopes):
        return SCOPE_REFUSED
    tx.run(_USE_UP, digest=digest, now=tx.now)
    return _give(tx, ask, link.id, sorted(set(ask.scopes)) or token.scopes, token.scopes)


_END_ACCESS: LiteralString = """
    UPDATE identity.link_tokens SET expires_at = least(expires_at, %(now)s)
    WHERE digest = %(digest)s
"""


@operation("identity.give_token_back", permission="identity.give_tokens")
def give_token_back(tx: Tx, ask: GiveTokenBack) -> TokensTaken:
    """End a token; with a refresh token everything that came of it ends (RFC 7009, section 2.1).

    What is unknown, over or another's is passed over in silence, as the standard has it.
    """
    if not _is_proven(tx, ask):
        return CLIENT_REFUSED
    digest = bytes.fromhex(ask.token_digest)
    link: Any = tx.first(_LINK_SHOWN, digest=digest, platform=ask.linked_platform_id)
    if link is not None:
        token: Any = tx.first(_SHOWN, digest=digest)
        if token.kind == "refresh":
            end_links(tx, "platform", link=link.id)
        else:
            tx.run(_END_ACCESS, digest=digest, now=tx.now)
    return TokensTaken(outcome="given")


_PROVEN: LiteralString = """
    SELECT EXISTS (
        SELECT FROM identity.linked_platforms
        WHERE id = %(id)s AND disabled_at IS NULL
          AND secret_digest IS NOT DISTINCT FROM %(secret)s::bytea
          AND (keys IS NOT NULL) = %(is_signed)s
    )
"""

# Of two with one word the second waits here for the first.
_USE_WORD: LiteralString = """
    INSERT INTO identity.assertions (linked_platform_id, digest, expires_at)
    SELECT %(id)s, %(digest)s, %(until)s WHERE %(until)s > %(now)s
    ON CONFLICT DO NOTHING
"""


def _is_proven(tx: Tx, ask: _OfPlatform) -> bool:
    """Whether the platform is who it says; one that can keep no secret shows nothing.

    Digests of 256 bits of chance are compared: how long that takes tells nothing of the secret.
    """
    secret = bytes.fromhex(ask.secret_digest) if ask.secret_digest else None
    word, platform = ask.assertion, ask.linked_platform_id
    if not tx.value(_PROVEN, id=platform, secret=secret, is_signed=word is not None):
        return False
    if word is None:
        return True
    digest = bytes.fromhex(word.digest)
    return tx.run(_USE_WORD, id=platform, digest=digest, until=word.expires_at, now=tx.now) == 1


_GIVE: LiteralString = """
    INSERT INTO identity.link_tokens (digest, link_id, kind, scopes, made_at, expires_at)
    VALUES (%(access)s, %(link)s, 'access', %(narrow)s, %(now)s, %(access_until)s),
           (%(refresh)s, %(link)s, 'refresh', %(wide)s, %(now)s, %(refresh_until)s)
"""


def _give(
    tx: Tx, ask: TakeTokens | RenewTokens, link_id: UUID, narrow: list[str], wide: list[str]
) -> TokensTaken:
    """An access token for some scopes, and a refresh token that keeps all."""
    tx.run(
        _GIVE,
        access=bytes.fromhex(ask.access_digest),
        refresh=bytes.fromhex(ask.refresh_digest),
        link=link_id,
        narrow=narrow,
        wide=wide,
        now=tx.now,
        access_until=tx.now + ACCESS_LIFE,
        refresh_until=tx.now + REFRESH_LIFE,
    )
    seconds = int(ACCESS_LIFE.total_seconds())
    return TokensTaken(outcome="given", scopes=tuple(narrow), expires_in_seconds=seconds)
