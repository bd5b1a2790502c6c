"""Who is asking."""

from uuid import UUID

from msgspec import Struct

from charsu.kernel.actors import ActorKind
from charsu.kernel.database import Tx
from charsu.kernel.operations import query


class WhoAmI(Struct, frozen=True, kw_only=True):
    """Nothing more needs to be said."""


class GrantView(Struct, frozen=True):
    """Permission patterns, everywhere (no locations said) or at these locations."""

    permissions: tuple[str, ...]
    location_ids: tuple[UUID, ...] | None


class Me(Struct, frozen=True):
    """The caller as the hub sees them."""

    id: UUID
    kind: ActorKind
    language: str
    grants: tuple[GrantView, ...]


@query("access.me", permission="access.me", http="GET /v1/me")
def me(tx: Tx, ask: WhoAmI) -> Me:  # noqa: ARG001
    """Who is asking, and what they may do where."""
    grants = tuple(
        GrantView(
            tuple(sorted(grant.permissions)),
            None if grant.location_ids is None else tuple(sorted(grant.location_ids)),
        )
        for grant in tx.actor.grants
    )
    return Me(tx.actor.id, tx.actor.kind, tx.actor.language, grants)
