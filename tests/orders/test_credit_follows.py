"""Credit follows a customer into who turned out to be her, and comes back where she did not."""

import random
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest

from charsu.customers import CustomerDraft, PutCustomer, put_customer
from charsu.customers.operations.merge import (
    MergeCustomers,
    UndoMerge,
    merge_customers,
    undo_merge,
)
from charsu.kernel import SYSTEM, Hub, HubError
from charsu.orders.credit.accounts import free_credit, hold_credit
from charsu.orders.operations.issue_credit import IssueCredit, issue_credit
from charsu.orders.operations.pay import PayOrder, pay_order
from tests.identity.driver import work
from tests.shop import Shop
from tests.shopping.driver import problems_of_all


class People:
    """Customers by their first letters, and what a worker has not done yet."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.hub = shop, shop.hub
        self.ids = {name: self._is_new(name) for name in "abc"}
        self.merges: dict[str, UUID] = {}

    def _is_new(self, name: str) -> UUID:
        ask = PutCustomer(customer=CustomerDraft(email=f"{name}@example.org"))
        found: UUID = self.hub.run(put_customer, ask, actor=SYSTEM).customer_id
        return found

    def gets(self, who: str, minor: int, currency: str = "EUR") -> None:
        ask = IssueCredit(
            customer_id=self.ids[who], amount_minor=minor, currency=currency, reason="kindness"
        )
        self.hub.run(issue_credit, ask, actor=SYSTEM)

    def spends(self, who: str, pieces: int) -> None:
        order = self.shop.order(self.shop.buys(mug=pieces, customer_id=self.ids[who]))
        ask = PayOrder(order_id=order.id, amount_minor=order.total_minor, method="credit")
        self.hub.run(pay_order, ask, actor=SYSTEM)

    def merge(self, absorbed: str, survivor: str) -> None:
        ask = MergeCustomers(
            survivor_id=self.ids[survivor], absorbed_id=self.ids[absorbed], reason="same card"
        )
        self.merges[absorbed] = self.hub.run(merge_customers, ask, actor=SYSTEM).merge_id

    def part(self, absorbed: str) -> None:
        self.hub.run(undo_merge, UndoMerge(merge_id=self.merges.pop(absorbed)), actor=SYSTEM)

    def keeps_ready(self, who: str, minor: int, verb: Any) -> None:
        with self.hub.writing("test.credit") as tx:
            verb(tx, self.ids[who], "EUR", minor)

    @property
    def have(self) -> dict[str, int]:
        """What each has, once the worker has done its work."""
        work(self.hub)
        with self.hub.reading() as tx:
            rows = tx.all("SELECT customer_id, balance_minor FROM orders.credit_accounts")
        names = {identity: name for name, identity in self.ids.items()}
        return {names[row.customer_id]: row.balance_minor for row in rows if row.balance_minor}


@pytest.fixture
def people(open_shop: Callable[..., Hub]) -> Iterator[People]:
    shop = Shop(open_shop())
    shop.has("mug", 500, at="north")
    shop.costs("mug", 100)
    people = People(shop)
    yield people
    assert problems_of_all(shop) == []


def test_a_merge_brings_her_credit_along_and_its_end_gives_it_back(people: People) -> None:
    people.gets("a", 500)
    people.gets("b", 300)
    people.merge("a", "b")
    assert people.have == {"b": 800}
    people.part("a")
    assert people.have == {"a": 500, "b": 300}


def test_what_was_never_followed_before_the_merge_ended_stays_where_it_was(people: People) -> None:
    people.gets("a", 500)
    people.merge("a", "b")
    people.part("a")
    assert people.have == {"a": 500}


@pytest.mark.parametrize("given_first", [True, False])
def test_whether_credit_or_merge_comes_first_is_the_same(people: People, given_first: bool) -> None:
    steps = [lambda: people.gets("a", 500), lambda: people.merge("a", "b")]
    for step in steps if given_first else reversed(steps):
        step()
        work(people.hub)
    assert people.have == {"b": 500}
    people.part("a")
    assert people.have == {"a": 500}


def test_who_answered_for_both_has_spent_her_own_first(people: People) -> None:
    people.gets("a", 500)
    people.gets("b", 300)
    people.merge("a", "b")
    work(people.hub)
    people.spends("b", 5)
    people.part("a")
    assert people.have == {"a": 300}


def test_what_was_spent_is_not_given_back_out_of_a_later_merge(people: People) -> None:
    people.gets("a", 500)
    people.merge("a", "b")
    work(people.hub)
    people.spends("b", 5)
    people.part("a")
    work(people.hub)
    people.gets("b", 700)
    people.merge("a", "b")
    people.part("a")
    assert people.have == {"b": 700}


@pytest.mark.parametrize("first", ["a", "b"])
def test_a_chain_of_merges_comes_apart_in_either_order(people: People, first: str) -> None:
    people.gets("a", 500)
    people.gets("b", 300)
    people.gets("c", 100)
    people.merge("a", "b")
    people.merge("b", "c")
    assert people.have == {"c": 900}
    people.part(first)
    assert people.have == ({"a": 500, "c": 400} if first == "a" else {"b": 800, "c": 100})
    people.part("b" if first == "a" else "a")
    assert people.have == {"a": 500, "b": 300, "c": 100}


def test_what_is_promised_stays_until_it_is_free(people: People) -> None:
    people.gets("a", 500)
    work(people.hub)
    people.keeps_ready("a", 200, hold_credit)
    people.merge("a", "b")
    assert people.have == {"a": 200, "b": 300}
    people.keeps_ready("a", 200, free_credit)
    assert people.have == {"b": 500}


def test_each_currency_follows_on_its_own(people: People) -> None:
    people.gets("a", 500)
    people.gets("a", 700, "PLN")
    people.merge("a", "b")
    work(people.hub)
    with people.hub.reading() as tx:
        rows = tx.all(
            "SELECT currency, balance_minor FROM orders.credit_accounts"
            " WHERE customer_id = %(who)s ORDER BY currency",
            who=people.ids["b"],
        )
    assert [tuple(row) for row in rows] == [("EUR", 500), ("PLN", 700)]


def test_merged_and_parted_in_any_order_no_cent_is_made_or_lost(people: People) -> None:
    """Merge and part at random, with a worker that comes when it likes; then part all."""
    chance, given = random.Random(77), dict.fromkeys("abc", 0)
    for _ in range(60):
        one, other = chance.sample("abc", 2)
        match chance.randrange(5):
            case 0:
                people.gets(one, 100)
                given[one] += 100
            case 1:
                try:
                    people.merge(one, other)
                except HubError:
                    continue
            case 2 if one in people.merges:
                people.part(one)
            case 3:
                assert sum(people.have.values()) == sum(given.values())
    while people.merges:
        people.part(chance.choice(sorted(people.merges)))
    assert people.have == {name: minor for name, minor in given.items() if minor}
