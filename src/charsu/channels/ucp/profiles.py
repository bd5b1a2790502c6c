"""Profiles of platforms: what they say, and which capabilities we have in common with them.

Pure functions; fetching is in ``platforms``. Source: UCP 2026-04-08, overview, "Negotiation".
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from charsu.channels.ucp.errors import ProfileMalformed

ENTRIES_MAX = 200


class Capability(Struct, frozen=True, kw_only=True):
    """One version of a capability as somebody offers it."""

    version: str
    extends: str | list[str] | None = None
    config: dict[str, Any] = {}

    @property
    def parents(self) -> tuple[str, ...]:
        """What it extends, if anything: one of these has to be there."""
        if self.extends is None:
            return ()
        return (self.extends,) if isinstance(self.extends, str) else tuple(self.extends)


Capabilities = Mapping[str, Sequence[Capability]]


class Profile(Struct, frozen=True, kw_only=True):
    """What a platform says of itself."""

    version: str
    capabilities: dict[str, list[Capability]]
    keys: tuple[dict[str, Any], ...] = ()

    @property
    def webhook_url(self) -> str | None:
        """Where it wants to be told what becomes of orders."""
        for one in self.capabilities.get("dev.ucp.shopping.order", ()):
            if isinstance(url := one.config.get("webhook_url"), str):
                return url
        return None


class _Ucp(Struct):
    version: str
    services: dict[str, Any]
    payment_handlers: dict[str, Any]
    capabilities: dict[str, list[Capability]] = {}


class _Document(Struct):
    ucp: _Ucp
    signing_keys: list[dict[str, Any]] = []
    keys: list[dict[str, Any]] = []  # what they are called since 2026-08-25

    @property
    def all_keys(self) -> tuple[dict[str, Any], ...]:
        return (*self.keys, *self.signing_keys)


def read_profile(document: bytes) -> Profile:
    """The profile in a document, with or without the envelope. Raises ProfileMalformed."""
    try:
        raw = msgspec.json.decode(document)
        if isinstance(raw, dict) and "ucp" not in raw:
            shown = {name: raw.get(name, []) for name in ("signing_keys", "keys")}
            raw = {"ucp": raw, **shown}
        read = msgspec.convert(raw, _Document)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as problem:
        raise ProfileMalformed(str(problem)[:200].rstrip(".")) from problem
    if len(read.ucp.capabilities) > ENTRIES_MAX or len(read.all_keys) > ENTRIES_MAX:
        raise ProfileMalformed("it has too many entries")
    return Profile(
        version=read.ucp.version,
        capabilities=read.ucp.capabilities,
        keys=read.all_keys,
    )


def in_common(ours: Capabilities, theirs: Capabilities) -> dict[str, str]:
    """The capabilities that both have, each in its newest common version, none an orphan."""
    common: dict[str, Capability] = {}
    for name, offers in ours.items():
        their_versions = {one.version for one in theirs.get(name, ())}
        both = [one for one in offers if one.version in their_versions]
        if both:
            common[name] = max(both, key=lambda one: one.version)
    while orphans := [name for name, one in common.items() if not _has_parent(one, common)]:
        for name in orphans:
            del common[name]
    return {name: one.version for name, one in common.items()}


def _has_parent(one: Capability, common: Mapping[str, Capability]) -> bool:
    return not one.parents or any(parent in common for parent in one.parents)
