"""Every role there is."""

from msgspec import Struct

from charsu.kernel.access.queries.me import WhoAmI
from charsu.kernel.access.roles import ROLES
from charsu.kernel.database import Tx
from charsu.kernel.operations import query


class RoleView(Struct, frozen=True):
    """A role and what it allows."""

    role: str
    title: str
    permissions: tuple[str, ...]


class Roles(Struct, frozen=True):
    """Every role."""

    roles: tuple[RoleView, ...]


@query("access.roles", permission="access.roles", http="GET /v1/roles")
def roles(tx: Tx, ask: WhoAmI) -> Roles:  # noqa: ARG001
    """Every role with the permissions it gives."""
    return Roles(
        tuple(
            RoleView(role.name, role.title, tuple(sorted(role.permissions)))
            for role in ROLES.values()
        )
    )
