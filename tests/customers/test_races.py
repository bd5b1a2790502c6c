"""The same new customer comes in at many doors at once, each on its own connection."""

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from charsu.customers import CustomerDraft, put_many_customers
from charsu.kernel import Hub
from charsu.kernel.faults import Faults

pytestmark = pytest.mark.slow

AT_ONCE = 12


class Meeting(Faults):
    """Lets everybody look first, and only then lets anybody store."""

    def __init__(self) -> None:
        super().__init__()
        self.barrier = threading.Barrier(AT_ONCE)
        self.met = threading.local()

    def before_call(self, statement: str) -> None:
        if "customers.identifiers" in statement and not hasattr(self.met, "before"):
            self.met.before = True
        elif hasattr(self.met, "before") and self.met.before:
            self.met.before = False
            self.barrier.wait()


def test_one_customer_at_many_doors_becomes_one_customer(hub: Hub) -> None:
    hub.faults = Meeting()

    def put(door: int) -> UUID | None:
        draft = CustomerDraft(source=f"till-{door}", external_id="7", email="ana@example.com")
        with hub.writing("test.put") as tx:
            return put_many_customers(tx, [draft])[0].customer_id

    with ThreadPoolExecutor(AT_ONCE) as doors:
        customers = set(doors.map(put, range(AT_ONCE)))

    assert len(customers) == 1
    with hub.reading() as tx:
        assert tx.value("SELECT count(*) FROM customers.customers") == 1
        assert tx.value("SELECT count(*) FROM customers.identifiers") == AT_ONCE + 1
