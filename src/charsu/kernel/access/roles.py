"""Roles: named sets of permission patterns, the whole table in one place.

A pattern is matched as a file name is (``stock.*``). A plug-in's permissions are covered by
patterns like any other; names that nobody was granted are allowed to nobody but ``*``.
"""

from fnmatch import fnmatchcase

from msgspec import Struct


class Role(Struct, frozen=True):
    """What somebody in this role may do, wherever the role was granted."""

    name: str
    title: str  # English; translated where it is shown
    permissions: frozenset[str]


def _role(name: str, title: str, *permissions: str) -> Role:
    return Role(name, title, frozenset((*permissions, "access.me")))


_SHOPPING = (
    "catalog.read",
    "catalog.search",
    "stock.availability",
    "stock.locations",
    "shopping.*",
)
_READING = (
    *("*.read", "*.search", "stock.availability", "stock.locations", "stock.levels"),
    *("stock.movements", "stock.exceptions"),
)

ROLES = {
    role.name: role
    for role in (
        _role("admin", "Administrator", "*"),
        _role(
            "manager",
            "Manager",
            *_READING,
            *("catalog.*", "pricing.*", "stock.*", "orders.*", "shopping.*", "customers.*"),
            *("insights.*", "exceptions.*"),
        ),
        _role("merchandiser", "Merchandiser", *_READING, "catalog.*", "pricing.*"),
        _role("stockkeeper", "Stockkeeper", "stock.*", "catalog.read", "catalog.search"),
        _role(
            "cashier",
            "Cashier",
            *_SHOPPING,
            *("orders.read", "orders.place", "orders.pay", "orders.hand_over", "orders.return"),
        ),
        _role(
            "picker",
            "Picker",
            *("catalog.read", "catalog.search", "stock.availability", "stock.locations"),
            *(
                "stock.levels",
                "orders.read",
                "orders.pick",
                "orders.pack",
                "orders.ship",
                "orders.hand_over",
            ),
        ),
        _role(
            "support",
            "Customer support",
            *_READING,
            *("orders.cancel", "orders.return", "orders.refund", "shopping.*", "customers.*"),
        ),
        _role("analyst", "Analyst", *_READING, "insights.*"),
        _role("shopper", "Shopper", *_SHOPPING),
    )
}
"""Every role by its name. ``shopper`` is what anybody may do, signed in or not."""


def allows(role: Role, permission: str) -> bool:
    """Whether this role, granted everywhere, is enough for the permission."""
    return any(fnmatchcase(permission, pattern) for pattern in role.permissions)
