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
