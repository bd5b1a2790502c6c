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


_OWN_SHOPPING = (
    *("catalog.read", "pricing.read", "stock.availability", "stock.locations"),
    *(f"shopping.{verb}" for verb in ("browse", "open", "read", "edit", "hold", "complete")),
    *("shopping.merge", "identity.sign_in"),
)
"""One's own cart; ``shopping.assist`` is for those who see to the carts of others."""
_SHOPPING = (*_OWN_SHOPPING, "shopping.assist")
_LOOKING = (
    *("catalog.read", "pricing.read", "orders.read", "stock.availability", "stock.locations"),
    *("stock.levels", "stock.movements", "stock.exceptions"),
)
"""The whole business without a single person in it."""

ROLES = {
    role.name: role
    for role in (
        _role("admin", "Administrator", "*"),
        _role(
            "manager",
            "Manager",
            *("catalog.*", "pricing.*", "stock.*", "orders.*", "shopping.*", "customers.*"),
            "privacy.*",
        ),
        _role("merchandiser", "Merchandiser", *_LOOKING, "catalog.*", "pricing.*"),
        _role(
            "stockkeeper",
            "Stockkeeper",
            *("catalog.read", "stock.availability", "stock.locations", "stock.levels"),
            *("stock.movements", "stock.exceptions", "stock.receive", "stock.count"),
            *("stock.set_aside", "stock.write_off", "stock.allocate", "stock.set_buffer"),
            *("orders.read", "orders.reroute"),  # what is missing here is taken from elsewhere
            "orders.see_to",
        ),
        _role(
            "cashier",
            "Cashier",
            *_SHOPPING,
            *("orders.read", "orders.place", "orders.pay", "orders.make_ready"),
            *("orders.hand_over", "orders.return", "orders.refund", "orders.exchange"),
            "orders.close_terminal",
            "orders.recipient",  # goods are handed to whom they are for
        ),
        _role(
            "picker",
            "Picker",
            *("catalog.read", "stock.availability", "stock.locations", "stock.levels"),
            *("orders.read", "orders.make_ready", "orders.hand_over", "orders.ship"),
            "orders.see_to",
            "orders.recipient",  # the parcel needs an address
        ),
        _role(
            "support",
            "Customer support",
            *(*_LOOKING, "pricing.explain", "shopping.*", "customers.*", "orders.recipient"),
            *("orders.cancel", "orders.reroute", "orders.return", "orders.refund"),
            *("orders.exchange", "orders.credit", "orders.issue_credit", "orders.see_to"),
            "orders.pickup_code",  # who lost hers calls
        ),
        _role("analyst", "Analyst", *_LOOKING),
        _role("shopper", "Shopper", *_OWN_SHOPPING),
    )
}
"""Every role by its name. ``shopper`` is what anybody may do, signed in or not."""


def allows(role: Role, permission: str) -> bool:
    """Whether this role, granted everywhere, is enough for the permission."""
    return any(fnmatchcase(permission, pattern) for pattern in role.permissions)
