"""Who asks, and what they may do.

Nothing is allowed until a grant allows it. A grant gives a set of permissions, everywhere or at
some locations only. Permissions are the names that operations declare (``stock.receive``); a
role is a named set of patterns (``stock.*``).
"""

from collections.abc import Collection
from fnmatch import fnmatchcase
from typing import Literal
from uuid import UUID

from msgspec import Struct

ActorKind = Literal["staff", "key", "customer", "guest", "system"]


class Grant(Struct, frozen=True):
    """Permissions given everywhere (``location_ids`` is None) or at some locations only."""

    permissions: frozenset[str]  # patterns: "stock.receive", "stock.*", "*"
    location_ids: frozenset[UUID] | None = None

    def covers(self, permission: str, locations: Collection[UUID] | None) -> bool:
        """Whether this grant alone allows the permission at all these locations.

        ``locations`` None means the whole business; an empty collection means no place at all.
        """
        if not any(fnmatchcase(permission, pattern) for pattern in self.permissions):
            return False
        if self.location_ids is None:
            return True
        return locations is not None and self.location_ids.issuperset(locations)


class Actor(Struct, frozen=True):
    """Somebody on whose behalf an operation runs, with what they were granted."""

    id: UUID
    kind: ActorKind
    grants: tuple[Grant, ...] = ()
    language: str = "en"  # of the sentences this actor reads
    origin: str = ""  # where the request came from, to count tries by; kept nowhere

    def may(self, permission: str, locations: Collection[UUID] | None = ()) -> bool:
        """Whether some grant allows the permission at all these locations.

        The default asks for the permission alone; None asks for the whole business.
        """
        return any(grant.covers(permission, locations) for grant in self.grants)

    def locations_for(self, permission: str) -> frozenset[UUID] | None:
        """The locations where the permission is granted; None means everywhere."""
        held: set[UUID] = set()
        for grant in self.grants:
            if grant.covers(permission, ()):
                if grant.location_ids is None:
                    return None
                held |= grant.location_ids
        return frozenset(held)


SYSTEM = Actor(UUID(int=0), "system", (Grant(frozenset({"*"})),))
"""The hub itself: sweeps, reactions, the command line of whoever holds the data folder."""
