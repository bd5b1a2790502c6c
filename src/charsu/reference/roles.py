"""Every role with what it may do."""

from charsu.kernel.access import ROLES
from charsu.kernel.access.roles import allows
from charsu.reference.finding import our_operations
from charsu.reference.markdown import code, page, table

ABOUT = """\
A role is a named set of permissions, granted to an account or a key everywhere or at some
locations only. Permissions are the names that [operations](operations.md) declare; a star stands
for any. Nothing is allowed until a grant allows it. Guests and customers act as `shopper`; the
verbs themselves see to it that everybody reaches only what is her own."""


def roles_page() -> str:
    """The roles, and each permission with the roles that give it."""
    roles = [
        [code(one.name), one.title, ", ".join(map(code, sorted(one.permissions)))]
        for one in ROLES.values()
    ]
    return page(
        "Roles",
        ABOUT,
        table(["role", "title", "permissions"], roles),
        "## Permissions",
        table(["permission", "operations", "roles besides `admin`"], _permissions()),
    )


def _permissions() -> list[list[str]]:
    found = our_operations()
    return [
        [
            code(permission),
            ", ".join(code(one.name) for one in found if one.permission == permission),
            ", ".join(_holders(permission)) or "–",
        ]
        for permission in sorted({one.permission for one in found})
    ]


def _holders(permission: str) -> list[str]:
    return [name for name, role in ROLES.items() if name != "admin" and allows(role, permission)]
