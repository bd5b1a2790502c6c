"""``charsu check`` finds what is wrong with carts, and names the row."""

import psycopg
import pytest

from charsu.kernel import Tx
from charsu.kernel.check import Check
from charsu.shopping.checks import CHECKS
from tests.shop import Shop
from tests.shopping.driver import customer, guest, problems

# Each with the words in which its row is named. What the database itself forbids is planted after
# the guard was taken away, in a transaction that is rolled back.
PLANTED = {
    "one_open_cart_for_one_owner": (
        (
            "DROP INDEX shopping.one_open_cart_for_one_owner",
            "UPDATE shopping.carts SET owner_kind = 'customer', owner_id = '{owner}'",
        ),
        (
            "DROP INDEX shopping.one_open_cart_for_one_owner",
            "UPDATE shopping.carts SET state = 'open', owner_kind = 'guest',"
            " owner_id = '{holder}' WHERE id = '{ordered}'",
        ),
        (
            "DROP INDEX shopping.one_open_cart_for_one_owner",
            "UPDATE shopping.carts SET owner_kind = 'customer', owner_id = '{owner}'"
            " WHERE id = '{empty}'",
            "UPDATE shopping.carts SET state = 'open' WHERE id = '{ordered}'",
        ),
    ),
    "an_ordered_cart_is_one_order": (
        ("UPDATE shopping.carts SET state = 'open' WHERE id = '{ordered}'",),
        ("UPDATE shopping.carts SET state = 'ordered' WHERE id = '{empty}'",),
        ("UPDATE orders.orders SET customer_id = NULL WHERE cart_id = '{ordered}'",),
        ("UPDATE orders.orders SET cart_id = '{held}' WHERE cart_id = '{ordered}'",),
    ),
    "carts_hold_no_more_than_they_want": (
        ("UPDATE shopping.cart_lines SET quantity = 1 WHERE cart_id = '{held}'",),
        ("DELETE FROM shopping.cart_lines WHERE cart_id = '{held}'",),
        ("UPDATE shopping.carts SET state = 'ordered' WHERE id = '{held}'",),
        ("UPDATE ledger.holds SET owner_id = '{empty}' WHERE owner_id = '{held}'",),
    ),
    "what_is_held_for_a_cart_has_an_end": (
        ("UPDATE shopping.carts SET held_since = NULL, hold_until = NULL WHERE id = '{held}'",),
        ("UPDATE ledger.holds SET owner_id = '{empty}' WHERE owner_id = '{held}'",),
        (
            "UPDATE ledger.holds SET owner_id = '{empty}' WHERE owner_id IN"
            " (SELECT id FROM orders.orders WHERE cart_id = '{ordered}')",
        ),
    ),
    "closed_carts_know_nobody": tuple(
        (f"UPDATE shopping.carts SET {change} WHERE id = '{{held}}'",)
        for change in (
            "state = 'ordered'",
            "state = 'abandoned'",
            "state = 'merged', merged_into_id = id",
        )
    ),
    "a_paying_cart_is_being_paid": (
        ("UPDATE shopping.carts SET state = 'paying' WHERE id = '{held}'",),
        ("UPDATE shopping.carts SET state = 'paying' WHERE id = '{empty}'",),
        (
            "INSERT INTO kernel.processes (id, kind, subject_id, step, data, state, due_at,"
            " begun_at, ended_at) VALUES (gen_random_uuid(), 'shopping.pay', '{held}', 'void',"
            " '{{}}', 'failed', now(), now(), now())",
            "UPDATE shopping.carts SET state = 'paying' WHERE id = '{held}'",
        ),
    ),
    "changes_of_carts_are_told": (
        ("UPDATE shopping.carts SET revision = revision + 1 WHERE id = '{held}'",),
        ("DELETE FROM kernel.facts WHERE subject_id = '{empty}'",),
        ("DELETE FROM kernel.facts WHERE subject_id = '{held}' AND version = 2",),
    ),
}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_every_planted_corruption_is_found(shop: Shop, check: Check) -> None:
    buyer, holder, looker = customer(shop), guest(shop), guest(shop)
    for one in (buyer, holder):
        one.puts(mug=2)
        one.wants_it_sent()
    buyer.orders()
    holder.holds()
    names = {
        "ordered": buyer.cart_id,
        "held": holder.cart_id,
        "empty": looker.cart_id,
        "owner": buyer.actor.id,
        "holder": holder.actor.id,
    }
    assert problems(shop) == []

    for statements in PLANTED[check.name]:
        found = after(shop, check, [statement.format(**names) for statement in statements])
        assert any(str(name) in row for row in found for name in names.values()), statements
    assert len(PLANTED[check.name]) >= 3


def after(shop: Shop, check: Check, statements: list[str]) -> list[str]:
    """The rows that the check names after these statements, which are then undone."""
    with shop.hub.pool.connection() as connection:
        for statement in statements:
            connection.execute(psycopg.sql.SQL(statement))
        now = connection.execute("SELECT clock_timestamp()").fetchone()
        rows = Tx(connection, now=now[0]).all(check.breaks)
        connection.rollback()
    return [row.row for row in rows]
