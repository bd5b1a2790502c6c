"""Two customers turn out to be one: what the one had in her carts is in the other's."""

from uuid import UUID

import pytest

from charsu.customers import (
    CustomerDraft,
    MergeCustomers,
    PutCustomer,
    UndoMerge,
    merge_customers,
    put_customer,
    undo_merge,
)
from charsu.kernel import SYSTEM
from charsu.kernel.access.callers import customer_actor
from tests.identity.driver import work
from tests.shop import Shop
from tests.shopping.driver import Visitor, problems_of_all, visit


def somebody(shop: Shop, name: str) -> UUID:
    draft = CustomerDraft(email=f"{name}@example.org")
    found: UUID = shop.hub.run(put_customer, PutCustomer(customer=draft), actor=SYSTEM).customer_id
    return found


def is_same(shop: Shop, absorbed: UUID, survivor: UUID) -> UUID:
    ask = MergeCustomers(survivor_id=survivor, absorbed_id=absorbed, reason="same card")
    merge_id: UUID = shop.hub.run(merge_customers, ask, actor=SYSTEM).merge_id
    return merge_id


@pytest.fixture
def ana(shop: Shop) -> UUID:
    return somebody(shop, "ana")


@pytest.fixture
def hers(shop: Shop, ana: UUID) -> Visitor:
    """Ana, with two mugs that wait for her."""
    visitor = visit(shop, customer_actor(ana))
    visitor.puts(mug=2)
    visitor.holds()
    return visitor


def test_what_both_wanted_is_in_one_cart_and_what_was_held_stays_held(
    shop: Shop, ana: UUID, hers: Visitor
) -> None:
    other = somebody(shop, "anna")
    theirs = visit(shop, customer_actor(other))
    theirs.puts(mug=1)
    theirs.puts(cup=3)
    theirs.holds()

    is_same(shop, other, ana)
    for _ in range(2):
        work(shop.hub)

    assert hers.wants() == {"mug": 3, "cup": 3}
    with shop.hub.reading() as tx:
        held = tx.value("SELECT sum(amount - posted - released) FROM ledger.holds")
    assert held == 6
    assert problems_of_all(shop) == []


def test_who_had_no_cart_has_one_now(shop: Shop, ana: UUID, hers: Visitor) -> None:
    other = somebody(shop, "anna")

    is_same(shop, ana, other)
    work(shop.hub)

    assert visit(shop, customer_actor(other)).wants() == {"mug": 2}
    assert problems_of_all(shop) == []


def test_a_merge_that_is_undone_at_once_moves_nothing(shop: Shop, ana: UUID, hers: Visitor) -> None:
    other = somebody(shop, "anna")
    merge_id = is_same(shop, ana, other)
    shop.hub.run(undo_merge, UndoMerge(merge_id=merge_id), actor=SYSTEM)

    work(shop.hub)

    assert hers.wants() == {"mug": 2}
    assert visit(shop, customer_actor(other)).wants() == {}


def test_a_cart_stays_where_it_went_when_the_merge_is_undone(
    shop: Shop, ana: UUID, hers: Visitor
) -> None:
    other = somebody(shop, "anna")
    merge_id = is_same(shop, ana, other)
    work(shop.hub)
    shop.hub.run(undo_merge, UndoMerge(merge_id=merge_id), actor=SYSTEM)
    work(shop.hub)

    assert visit(shop, customer_actor(other)).wants() == {"mug": 2}
    assert visit(shop, customer_actor(ana)).wants() == {}
    assert problems_of_all(shop) == []
