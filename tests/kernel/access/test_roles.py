"""The table of roles against the permissions that operations really ask for."""

from fnmatch import fnmatchcase

import pytest

from charsu.kernel import Hub
from charsu.kernel.access import ROLES
from charsu.kernel.access.roles import allows

# Who lets people and systems in decides everything else; the hub's own work is nobody's. What a
# payment provider says is taken down by the hub itself, which has proved where it comes from; what
# platforms do is theirs, whom the shopping door has let in. What is a customer's own is hers alone;
# coming in is for anybody.
FOR_ADMINS_ONLY = {"access", "settings", "log", "webhooks", "payments", "ucp", "identity"}

# Asked for inside operations: whether somebody may see to the cart of another.
ASKED_INSIDE = {"shopping.assist"}


def permissions(hub: Hub) -> set[str]:
    return {operation.permission for operation in hub.operations.values()}


def test_every_pattern_of_a_role_allows_something_that_there_is(hub: Hub) -> None:
    asked_for = permissions(hub) | ASKED_INSIDE
    idle = [
        f"{role.name}: {pattern}"
        for role in ROLES.values()
        for pattern in role.permissions
        if not any(fnmatchcase(permission, pattern) for permission in asked_for)
    ]
    assert idle == []


def test_every_trade_is_somebodys_and_the_doors_are_the_administrators(hub: Hub) -> None:
    others = [role for role in ROLES.values() if role.name != "admin"]
    alone = {
        permission
        for permission in permissions(hub)
        if not any(allows(role, permission) for role in others)
    }
    asked = {one for one in permissions(hub) if one.split(".")[0] in FOR_ADMINS_ONLY}
    assert alone == asked - {"access.me", "identity.sign_in"}


@pytest.mark.parametrize(
    ("permission", "roles"),
    [
        ("customers.read", {"admin", "manager", "support"}),
        ("customers.merge", {"admin", "manager", "support"}),
        ("privacy.erase", {"admin", "manager"}),
        ("customers.consent", {"admin", "manager", "support"}),
        ("identity.own", {"admin"}),
        ("identity.sign_in", {"admin", "cashier", "shopper"}),
        ("orders.recipient", {"admin", "manager", "cashier", "picker", "support"}),
        ("orders.pickup_code", {"admin", "manager", "support"}),
        ("orders.issue_credit", {"admin", "manager", "support"}),
        ("orders.issue_any_credit", {"admin", "manager"}),
        ("orders.reconcile", {"admin", "manager"}),
        ("orders.credit", {"admin", "manager", "support"}),
        ("orders.refund", {"admin", "manager", "cashier", "support"}),
        ("orders.exchange", {"admin", "manager", "cashier", "support"}),
        ("stock.count", {"admin", "manager", "stockkeeper"}),
        ("pricing.edit", {"admin", "manager", "merchandiser"}),
        ("access.grant_role", {"admin"}),
        ("orders.put_delivery_method", {"admin", "manager"}),
    ],
)
def test_what_is_delicate_is_for_those_whose_trade_it_is(permission: str, roles: set[str]) -> None:
    assert {role.name for role in ROLES.values() if allows(role, permission)} == roles
