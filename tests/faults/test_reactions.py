"""Credit that follows a customer: whichever call fails, it is moved once, and never half."""

import itertools
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import LiteralString
from uuid import UUID

import psycopg
import pytest

from charsu.assembly import consumers
from charsu.customers import (
    CustomerDraft,
    MergeCustomers,
    PutCustomer,
    UndoMerge,
    merge_customers,
    put_customer,
    undo_merge,
)
from charsu.kernel import SYSTEM, Hub, Unavailable
from charsu.kernel.check import Verdict
from charsu.kernel.log import Consumer, deliver
from charsu.kernel.log.consume import retry_parked
from charsu.orders.operations.issue_credit import IssueCredit, issue_credit
from tests.faults.breaking import KINDS, Breaking
from tests.faults.requests import Bazaar

pytestmark = pytest.mark.torture

ALWAYS = 10**6
LATER = timedelta(hours=2)  # what was put off is due again
HERS, OTHERS = 500, 300


_HAVE: LiteralString = """
    SELECT currency,
           coalesce(sum(balance_minor) FILTER (WHERE customer_id = %(first)s), 0)::int AS first,
           coalesce(sum(balance_minor) FILTER (WHERE customer_id = %(other)s), 0)::int AS other
    FROM orders.credit_accounts
    WHERE customer_id IN (%(first)s, %(other)s) GROUP BY currency ORDER BY currency
"""


class Two:
    """Two customers with credit in two currencies, who turn out to be one."""

    def __init__(self, bazaar: Bazaar) -> None:
        self.hub = bazaar.hub
        self.ids = [self._with_credit(bazaar, minor) for minor in (HERS, OTHERS)]

    def _with_credit(self, bazaar: Bazaar, minor: int) -> UUID:
        draft = CustomerDraft(email=f"{bazaar.new_id()}@example.com")
        one = self.hub.run(put_customer, PutCustomer(customer=draft), actor=SYSTEM).customer_id
        for currency in ("EUR", "RSD"):
            fields = {"amount_minor": minor, "currency": currency, "reason": "kindness"}
            self.hub.run(issue_credit, IssueCredit(customer_id=one, **fields), actor=SYSTEM)
        return UUID(str(one))

    def merge(self) -> UUID:
        pair = {"absorbed_id": self.ids[0], "survivor_id": self.ids[1]}
        ask = MergeCustomers(**pair, reason="one person")
        return UUID(str(self.hub.run(merge_customers, ask, actor=SYSTEM).merge_id))

    def part(self, merge: UUID) -> None:
        self.hub.run(undo_merge, UndoMerge(merge_id=merge), actor=SYSTEM)

    @property
    def have(self) -> list[tuple[int, int]]:
        """What the first and the second have, by currency."""
        rows = self.hub.read(lambda tx: tx.all(_HAVE, first=self.ids[0], other=self.ids[1]))
        return [(row.first, row.other) for row in rows]


def follower() -> Consumer:
    (one,) = [one for one in consumers() if one.name == "orders.let_credit_follow"]
    return one


def hand_on(hub: Hub) -> None:
    """As a worker does: what is new, then what was put off."""
    passed = 1
    while passed:
        with hub.writing("test.deliver") as tx:
            passed = deliver(tx, follower())
    with hub.writing("test.retry") as tx:
        retry_parked(tx, follower())


@pytest.mark.parametrize("is_parted", [False, True], ids=["merged", "parted again"])
@pytest.mark.parametrize("times", [1, ALWAYS], ids=["once", "from then on"])
def test_credit_whose_call_fails_on_its_way_is_moved_once(
    times: int,
    is_parted: bool,
    bazaar: Bazaar,
    hub: Hub,
    breaking: Breaking,
    problems: Callable[[], list[Verdict]],
) -> None:
    apart, together = [(HERS, OTHERS)] * 2, [(0, HERS + OTHERS)] * 2
    goal = apart if is_parted else together
    for number in itertools.count(1):
        two = Two(bazaar)
        merge = two.merge()
        if is_parted:
            hand_on(hub)
            two.part(merge)
        breaking.arm(KINDS[number % len(KINDS)], at_call=number, times=times)
        with suppress(psycopg.OperationalError, Unavailable):
            hand_on(hub)
        failed = breaking.failures
        breaking.disarm()
        assert two.have in (apart, together), f"call {number} failed and something is half done"
        for _ in range(3):
            hub.offset += LATER
            with suppress(psycopg.OperationalError):  # connections that were cut before
                hand_on(hub)
        assert two.have == goal
        if not failed:
            break

    print(f"{number - 1} calls failed")
    assert number > 8
    assert problems() == []
