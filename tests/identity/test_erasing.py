"""A customer is erased: nothing names her any more, and the books are as they were."""

from typing import Any, LiteralString
from uuid import UUID

import pytest

from charsu.customers import (
    AskConsents,
    CustomerDraft,
    PutCustomer,
    UndoMerge,
    ViewCustomer,
    consents,
    put_customer,
    undo_merge,
    view_customer,
)
from charsu.identity import CustomerErasure, CustomerSessionEnded, StillNeeded
from charsu.kernel import SYSTEM, Hub, NotFound
from charsu.orders import CancelOrder, cancel_order
from tests.identity.driver import Phone, work
from tests.identity.erasing import EMAIL, HERSELF, MARKS, WHERE_SHE_IS, Known, columns_with
from tests.identity.test_joining import MAKE, bought
from tests.shop import Shop
from tests.shopping.driver import problems_of_all

pytestmark = pytest.mark.slow


@pytest.fixture
def known(phone: MAKE, market: Shop) -> Known:
    return Known(market, phone())


def count(hub: Hub, statement: LiteralString, **values: Any) -> int:
    with hub.reading() as tx:
        return int(tx.value(statement, **values))


def written(hub: Hub) -> set[str]:
    with hub.pool.connection() as connection:
        return columns_with(connection, MARKS)


def test_nothing_in_the_whole_database_names_her(known: Known, hub: Hub) -> None:
    assert written(hub) == WHERE_SHE_IS

    done = known.erases()
    work(hub)

    assert (done.customers, done.orders, done.carts) == (2, 3, 3)
    assert written(hub) == set()
    assert count(hub, "SELECT count(*) FROM orders.terminal_payments WHERE last_four <> ''") == 0
    assert count(hub, "SELECT count(*) FROM identity.guest_orders") == 0
    assert count(hub, "SELECT count(*) FROM customers.consents") == 0
    assert problems_of_all(known.shop) == []


def test_the_books_stay_as_they_were_without_her(known: Known, hub: Hub) -> None:
    kept: LiteralString = """
        SELECT count(*) || ' ' || sum(total_minor) || ' ' || sum(tax_minor)
               || ' ' || count(customer_id) FROM orders.orders
    """
    with hub.reading() as tx:
        was = tx.value(kept)
        earned = tx.value("SELECT sum(amount) FROM ledger.transfers WHERE reason = 'earned'")
    known.erases()

    with hub.reading() as tx:
        assert tx.value(kept) == was
        now = tx.value("SELECT sum(amount) FROM ledger.transfers WHERE reason = 'earned'")
    assert now == earned
    assert count(hub, "SELECT sum(balance_minor) FROM orders.credit_accounts") == 0
    view = hub.run(view_customer, ViewCustomer(customer_id=known.id), actor=SYSTEM)
    assert (view.state, view.given_name, view.email, view.language) == ("erased", None, None, None)


def test_one_fact_without_her_is_left_for_each_id(known: Known, hub: Hub) -> None:
    known.erases()
    with hub.reading() as tx:
        rows = tx.all(
            "SELECT subject_id, body, operation FROM kernel.facts"
            " WHERE name = 'customers.customer_erased'"
        )
    assert {row.subject_id for row in rows} == {known.id, known.other}
    assert {str(row.body) for row in rows} == {"{}"}
    assert {row.operation for row in rows} == {"identity.erase_customer"}
    effect = count(
        hub, "SELECT count(*) FROM kernel.effects WHERE operation = 'identity.erase_customer'"
    )
    assert effect == 1


def test_to_erase_again_changes_nothing(known: Known, hub: Hub) -> None:
    known.erases()
    work(hub)
    facts = count(hub, "SELECT count(*) FROM kernel.facts")

    assert known.erases() == CustomerErasure(customers=0, orders=0, carts=0)
    assert count(hub, "SELECT count(*) FROM kernel.facts") == facts


def test_she_is_out_everywhere_and_comes_back_as_somebody_new(known: Known, hub: Hub) -> None:
    signed_in = known.phone.actor()
    known.erases()
    with pytest.raises(CustomerSessionEnded):
        known.phone.actor()
    live = "SELECT count(*) FROM identity.links WHERE ended_at IS NULL"
    assert count(hub, live) == 0
    said = hub.run(consents, AskConsents(), actor=signed_in)
    assert said.items == ()

    again = Phone(hub, known.phone.outbox)
    came = again.signs_in(email=EMAIL)
    work(hub)
    assert came.is_new_customer and came.customer_id not in {known.id, known.other}
    assert again.purchases() == set()


def test_what_platforms_had_open_for_her_is_over(known: Known, hub: Hub) -> None:
    open_ = "SELECT count(*) FROM ucp.sessions WHERE state IN ('open', 'escalated')"
    assert count(hub, open_) == 2
    known.erases()
    work(hub)

    assert count(hub, open_) == 0
    assert count(hub, "SELECT count(*) FROM ucp.buyers") == 0


def _orders_as_a_guest(known: Known) -> None:
    bought(known.shop, email="QUIRINA@example.com")


def _collects(known: Known) -> None:
    more = {"kind": "pickup", "location_id": known.shop.locations["north"]}
    placed = known.shop.buys(mug=1, recipient=HERSELF, customer_id=known.other, **more)
    known.shop.pays_cash(placed.order_id, placed.total_minor)
    known.shop.lays_out(known.shop.order(placed))


def _is_owed(known: Known) -> None:
    placed = known.shop.buys(mug=1, recipient=HERSELF, customer_id=known.other)
    known.shop.pays_cash(placed.order_id, placed.total_minor)
    ask = CancelOrder(order_id=placed.order_id, reason="customer")
    known.shop.hub.run(cancel_order, ask, actor=SYSTEM)


def _pays(known: Known) -> None:
    with known.shop.hub.pool.connection() as connection:
        connection.execute("UPDATE shopping.carts SET state = 'paying' WHERE state = 'open'")


def _is_refunded(known: Known) -> None:
    known.shop.refunds(known.orders[0], 100)
    with known.shop.hub.pool.connection() as connection:
        connection.execute("UPDATE orders.refunds SET state = 'begun'")


@pytest.mark.parametrize(
    ("happens", "kind"),
    [
        (_orders_as_a_guest, "order_under_way"),
        (_collects, "order_under_way"),
        (_is_owed, "money_owed"),
        (_pays, "payment_under_way"),
        (_is_refunded, "refund_under_way"),
    ],
)
def test_who_is_still_needed_stays_whole(known: Known, hub: Hub, happens: Any, kind: str) -> None:
    happens(known)
    before = written(hub)
    with pytest.raises(StillNeeded) as refused:
        known.erases()

    assert refused.value.data["kind"] == kind
    assert written(hub) == before and known.phone.actor().id == known.id


def test_credit_is_given_up_only_by_her_own_word(known: Known) -> None:
    with pytest.raises(StillNeeded) as refused:
        known.erases(waives=False)
    assert refused.value.data["kind"] == "store_credit"
    assert known.erases(waives=True).customers == 2


def test_a_stranger_with_her_name_stays(known: Known, hub: Hub) -> None:
    mila = CustomerDraft(email="mila@example.com", given_name="Mila", phone="+381607654321")
    other = hub.run(put_customer, PutCustomer(customer=mila), actor=SYSTEM).customer_id
    theirs = bought(known.shop, email="mila@example.com", phone="+381607654321")
    known.erases()

    view = hub.run(view_customer, ViewCustomer(customer_id=other), actor=SYSTEM)
    assert (view.state, view.email) == ("active", "mila@example.com")
    assert (
        count(hub, "SELECT count(*) FROM orders.recipients WHERE order_id = %(id)s", id=theirs) == 1
    )


def test_her_merge_cannot_be_undone_any_more(known: Known, hub: Hub) -> None:
    known.erases()
    with hub.reading() as tx:
        merge: UUID = tx.value("SELECT id FROM customers.merges")
    with pytest.raises(NotFound):
        hub.run(undo_merge, UndoMerge(merge_id=merge), actor=SYSTEM)


def test_there_must_be_such_a_customer(known: Known) -> None:
    known.id = UUID(int=9)
    with pytest.raises(NotFound):
        known.erases()
