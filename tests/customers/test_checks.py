"""The check finds what was planted, and nothing on a sound shop."""

import pytest

from charsu.customers import CustomerDraft, put_many_customers
from charsu.customers.checks import CHECKS
from charsu.kernel import Hub

(KNOWN,) = [check for check in CHECKS if check.name == "customers_can_be_found"]

PLANTED = {
    "DELETE FROM customers.identifiers": "no longer known by anything",
    "DELETE FROM customers.identifiers WHERE kind = 'email'": "no longer known by anything",
    "UPDATE customers.customers SET state = 'erased'": "erased, and still known by name",
}


@pytest.fixture
def ana(hub: Hub) -> Hub:
    draft = CustomerDraft(email="ana@example.com", phone="0601234567", given_name="Ana")
    with hub.writing("test.put") as tx:
        put_many_customers(tx, [draft])
    return hub


def problems(hub: Hub) -> list[str]:
    with hub.reading() as tx:
        return [row.problem for row in tx.all(KNOWN.breaks)]


def test_a_customer_who_can_be_found_is_no_problem(ana: Hub) -> None:
    assert problems(ana) == []


@pytest.mark.parametrize("statement", PLANTED)
def test_a_customer_who_cannot_be_found_or_forgotten_is_named(ana: Hub, statement: str) -> None:
    with ana.pool.connection() as connection:
        connection.execute(statement)
    assert problems(ana) == [PLANTED[statement]]


(ANSWERED,) = [check for check in CHECKS if check.name == "each_customer_has_one_who_answers"]
MERGE = (
    "INSERT INTO customers.merges"
    " (id, absorbed_id, survivor_id, rule, reason, merged_by, merged_at)"
    " SELECT gen_random_uuid(), a.id, b.id, 'said', '', a.id, now()"
    " FROM customers.customers a, customers.customers b WHERE a.id {} b.id;"
)

MISLED = {
    MERGE.format("<") + MERGE.format(">"): "turned out to be herself in a circle",
    MERGE.format("<")
    + "UPDATE customers.customers c SET state = 'erased' FROM customers.merges m"
    + " WHERE m.survivor_id = c.id": "was merged into one who is no customer any more",
    MERGE.format("<") + "UPDATE customers.merges SET undone_at = merged_at - interval '1 day'": (
        "ended before it began"
    ),
}


@pytest.mark.parametrize("statement", MISLED)
def test_a_merge_that_leads_nowhere_is_named(ana: Hub, statement: str) -> None:
    with ana.writing("test.put") as tx:
        put_many_customers(tx, [CustomerDraft(email="mila@example.com")])
    with ana.reading() as tx:
        assert tx.all(ANSWERED.breaks) == []
    with ana.pool.connection() as connection:
        connection.execute(statement)
    with ana.reading() as tx:
        assert {row.problem for row in tx.all(ANSWERED.breaks)} == {MISLED[statement]}
