"""Platforms that may ask customers for leave to act for them are let in, and out."""

from collections.abc import Sequence
from typing import Annotated, Any, LiteralString
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from charsu.identity.errors import PlatformKeyInvalid, PlatformProofMixed, RedirectInvalid
from charsu.identity.facts import (
    PlatformDisabled,
    PlatformProofReplaced,
    PlatformRegistered,
)
from charsu.identity.keys import KEYS_MAX, PublicKey, check_proof
from charsu.identity.linking import check_redirect
from charsu.identity.model import Digest
from charsu.identity.operations.end_link import end_links
from charsu.kernel import NotFound, Tx, append, operation

Redirect = Annotated[str, Meta(min_length=1, max_length=500)]
Keys = Annotated[tuple[PublicKey, ...], Meta(max_length=KEYS_MAX)]


class RegisterPlatform(Struct, frozen=True, kw_only=True):
    """A platform, as customers are asked about it.

    profile_url     of its UCP profile: its tokens are good with requests of this platform only
    redirects       where customers may be sent back to, letter by letter
    keys            by which it signs who it is (``private_key_jwt``): better than a secret, which
                    two have to keep
    secret_digest   SHA-256 of a secret that the caller has made of 32 random bytes or more, in hex
    One without either can keep nothing secret, and proves itself by PKCE alone.
    """

    name: Annotated[str, Meta(min_length=1, max_length=80)]
    profile_url: Annotated[str, Meta(min_length=1, max_length=500, pattern="^https?://")]
    redirects: Annotated[tuple[Redirect, ...], Meta(min_length=1, max_length=10)]
    secret_digest: Digest | None = None
    keys: Keys = ()


class PlatformMade(Struct, frozen=True):
    """Its ``client_id``."""

    linked_platform_id: UUID


class DisablePlatform(Struct, frozen=True, kw_only=True):
    """Which platform."""

    linked_platform_id: UUID


class PlatformStopped(Struct, frozen=True):
    """How many links ended."""

    links_ended: int


_ADD: LiteralString = """
    INSERT INTO identity.linked_platforms
        (id, name, profile_url, redirects, secret_digest, keys, made_at)
    VALUES (%(id)s, %(name)s, %(profile)s, %(redirects)s, %(secret)s, %(keys)s::jsonb, %(now)s)
"""


@operation(
    "identity.register_platform",
    permission="identity.register_platform",
    http="POST /v1/linked-platforms",
    raises=(RedirectInvalid, PlatformKeyInvalid, PlatformProofMixed),
)
def register_platform(tx: Tx, ask: RegisterPlatform) -> PlatformMade:
    """Let a platform ask customers for leave to act for them.

    The secret stays with the caller, who hands it to the platform; the shop keeps its digest.
    """
    for address in ask.redirects:
        check_redirect(address)
    check_proof(ask.secret_digest, ask.keys)
    platform_id = tx.new_id()
    tx.run(
        _ADD,
        id=platform_id,
        name=ask.name.strip(),
        profile=ask.profile_url,
        redirects=list(ask.redirects),
        secret=_secret(ask.secret_digest),
        keys=_kept(ask.keys),
        now=tx.now,
    )
    append(tx, PlatformRegistered(), subject=platform_id, version=1)
    return PlatformMade(platform_id)


def _secret(digest: str | None) -> bytes | None:
    return bytes.fromhex(digest) if digest else None


def _kept(keys: Sequence[PublicKey]) -> str | None:
    return msgspec.json.encode(keys).decode() if keys else None


class ReplacePlatformProof(Struct, frozen=True, kw_only=True):
    """By what a platform proves itself from now on, as ``RegisterPlatform`` has it.

    A new key is put beside the old one until the platform signs with it.
    """

    linked_platform_id: UUID
    secret_digest: Digest | None = None
    keys: Keys = ()


class ProofReplaced(Struct, frozen=True):
    """Whose."""

    linked_platform_id: UUID


_REPLACE: LiteralString = """
    UPDATE identity.linked_platforms
    SET secret_digest = %(secret)s, keys = %(keys)s::jsonb, version = version + 1
    WHERE id = %(id)s AND disabled_at IS NULL RETURNING version
"""


@operation(
    "identity.replace_platform_proof",
    permission="identity.register_platform",
    http="PUT /v1/linked-platforms/{linked_platform_id}/proof",
    raises=(NotFound, PlatformKeyInvalid, PlatformProofMixed),
)
def replace_platform_proof(tx: Tx, ask: ReplacePlatformProof) -> ProofReplaced:
    """Give a platform another secret or other keys; the old ones prove nothing from now on.

    Its links stay. One that had either can't be left without.
    """
    if not (ask.secret_digest or ask.keys):
        raise PlatformProofMixed
    check_proof(ask.secret_digest, ask.keys)
    version = tx.value(
        _REPLACE,
        id=ask.linked_platform_id,
        secret=_secret(ask.secret_digest),
        keys=_kept(ask.keys),
    )
    if version is None:
        raise NotFound("linked_platform", ask.linked_platform_id)
    append(tx, PlatformProofReplaced(), subject=ask.linked_platform_id, version=version)
    return ProofReplaced(ask.linked_platform_id)


_DISABLE: LiteralString = """
    UPDATE identity.linked_platforms SET disabled_at = %(now)s, version = version + 1
    WHERE id = %(id)s AND disabled_at IS NULL RETURNING version
"""


@operation(
    "identity.disable_platform",
    permission="identity.disable_platform",
    http="DELETE /v1/linked-platforms/{linked_platform_id}",
    raises=(NotFound,),
)
def disable_platform(tx: Tx, ask: DisablePlatform) -> PlatformStopped:
    """Let a platform act for nobody any more: its tokens end at once, and no new ones are given."""
    row: Any = tx.first(_DISABLE, id=ask.linked_platform_id, now=tx.now)
    if row is None:
        raise NotFound("linked_platform", ask.linked_platform_id)
    append(tx, PlatformDisabled(), subject=ask.linked_platform_id, version=row.version)
    return PlatformStopped(end_links(tx, "disabled", platform=ask.linked_platform_id))
