"""Store credit: given, spent alone or beside a card, given back, expired, and never spent twice."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from charsu.customers import CustomerDraft, PutCustomer, put_customer
from charsu.kernel import SYSTEM, Actor, Tx, operation
from charsu.kernel.access import ROLES
from charsu.kernel.access.callers import customer_actor
from charsu.kernel.actors import Grant
from charsu.kernel.setup.operations import ChangeSetting, change_setting
from charsu.orders import CancelOrder, PayOrder, RefundOrder, cancel_order, pay_order, refund_order
from charsu.orders.checks import CHECKS
from charsu.orders.chores import expire_old_credit
from charsu.orders.credit.accounts import credit_of
from charsu.orders.errors import CreditBeyondLimit, CreditNeedsCustomer, NotEnoughCredit
from charsu.orders.operations.issue_credit import IssueCredit, issue_credit
from charsu.orders.payments import PROVIDERS, Declined, ask
from charsu.orders.queries.credit import (
    AskCredit,
    AskCreditOwed,
    read_credit,
    read_credit_owed,
)
from charsu.shopping import PayCart, PaymentStanding, pay_cart
from charsu.shopping.queries.payment import standing_of
from tests.bank import Bank
from tests.shop import Shop
from tests.shopping.driver import Visitor, facts_of, guest, problems_of_all, visit
from tests.shopping.test_races import THREADS, at_once, meeting
from tests.shopping.till import TOTAL, standing, work


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch) -> Bank:
    bank = Bank()
    monkeypatch.setitem(PROVIDERS, "bank", bank)
    return bank


@pytest.fixture
def shop(open_market: Callable[..., Shop], bank: Bank) -> Iterator[Shop]:
    shop = open_market()
    yield shop
    assert problems_of_all(shop) == []


def somebody(shop: Shop) -> Actor:
    number = facts_of(shop, "customers.customer_introduced")
    ask = PutCustomer(customer=CustomerDraft(email=f"anna{number}@example.org"))
    return customer_actor(shop.hub.run(put_customer, ask, actor=SYSTEM).customer_id)


def gives(shop: Shop, who: Actor, minor: int, by: Actor = SYSTEM) -> None:
    ask = IssueCredit(customer_id=who.id, amount_minor=minor, currency="EUR", reason="kindness")
    shop.hub.run(issue_credit, ask, actor=by)


def has(shop: Shop, who: Actor) -> tuple[int, int]:
    """Balance, and how much of it is kept ready."""
    view = shop.hub.run(read_credit, AskCredit(customer_id=who.id), actor=SYSTEM)
    return (view.items[0].balance_minor, view.items[0].held_minor) if view.items else (0, 0)


def fills(shop: Shop, who: Actor, mugs: int = 2) -> Visitor:
    one = visit(shop, who)
    one.puts(mug=mugs)
    one.wants_it_sent()
    return one


def pays(one: Visitor, credit: int, *, total: int = TOTAL, token: str = "tok_visa") -> Any:
    ask = {"expected_total_minor": total, "provider": "bank", "token": token}
    return one.does(pay_cart, PayCart, **ask, credit_minor=credit)


def test_credit_pays_a_cart_alone_and_is_spent_with_the_parcels(shop: Shop, bank: Bank) -> None:
    anna = somebody(shop)
    gives(shop, anna, 3_000)
    cart = fills(shop, anna)

    told = pays(cart, TOTAL)

    assert told.standing == "ordered"
    assert has(shop, anna) == (3_000, TOTAL)
    shop.ships(shop.order(told.order_id), pieces=1)
    work(shop)
    assert has(shop, anna) == (1_500, 1_000)
    shop.ships(shop.order(told.order_id))
    work(shop)
    assert has(shop, anna) == (500, 0)
    assert shop.order(told.order_id).payment_state == "paid"
    assert bank.promises == {}


def test_credit_goes_first_and_a_card_pays_the_rest(shop: Shop, bank: Bank) -> None:
    anna = somebody(shop)
    gives(shop, anna, 1_000)
    cart = fills(shop, anna)
    pays(cart, 1_000)
    work(shop)
    order = shop.order(standing(cart).order_id)
    shop.ships(order)
    work(shop)

    assert bank.kept == 1_500
    assert has(shop, anna) == (0, 0)
    assert shop.order(order.id).payment_state == "paid"
    assert shop.books()["goodwill"] == 1_000


@pytest.mark.parametrize("ends", ["declined", "canceled"])
def test_credit_that_was_not_needed_is_free_again(shop: Shop, bank: Bank, ends: str) -> None:
    anna = somebody(shop)
    gives(shop, anna, 1_000)
    cart = fills(shop, anna)
    bank.answers["tok_no"] = Declined("no")
    pays(cart, 1_000, token="tok_no" if ends == "declined" else "tok_visa")
    assert has(shop, anna) == (1_000, 1_000)
    work(shop)
    if ends == "canceled":
        ask = CancelOrder(order_id=standing(cart).order_id, reason="changed_mind")
        shop.hub.run(cancel_order, ask, actor=SYSTEM)
        work(shop)

    assert has(shop, anna) == (1_000, 0)
    assert bank.kept == 0


def sent(shop: Shop, who: Actor, credit: int) -> Any:
    cart = fills(shop, who)
    pays(cart, credit)
    work(shop)
    order = shop.order(standing(cart).order_id)
    shop.ships(order)
    work(shop)
    return order


def test_money_goes_back_as_credit_where_she_likes_that_better(shop: Shop, bank: Bank) -> None:
    anna = somebody(shop)
    order = sent(shop, anna, 0)

    ask = RefundOrder(order_id=order.id, reason="broken", goods_minor=900, to="credit")
    shop.hub.run(refund_order, ask, actor=SYSTEM)
    work(shop)

    assert has(shop, anna) == (900, 0)
    assert bank.back == {}
    owed = shop.hub.run(read_credit_owed, AskCreditOwed(), actor=SYSTEM).items
    assert [(row.currency, row.balance_minor, row.customers) for row in owed] == [("EUR", 900, 1)]
    assert shop.books()["credit"] == -900


def test_what_was_paid_with_credit_comes_back_as_credit(shop: Shop, bank: Bank) -> None:
    anna = somebody(shop)
    gives(shop, anna, TOTAL)
    order = sent(shop, anna, TOTAL)
    shop.refunds(order.id, 700)
    work(shop)

    assert has(shop, anna) == (700, 0)
    assert facts_of(shop, "orders.refund_failed") == 0


def test_a_guest_has_no_credit(shop: Shop, bank: Bank) -> None:
    cart = guest(shop)
    cart.puts(mug=2)
    cart.wants_it_sent()
    with pytest.raises(CreditNeedsCustomer):
        pays(cart, 100)
    pays(cart, 0)
    work(shop)
    order = shop.order(standing(cart).order_id)
    shop.ships(order)
    work(shop)
    ask = RefundOrder(order_id=order.id, reason="broken", goods_minor=900, to="credit")
    with pytest.raises(CreditNeedsCustomer):
        shop.hub.run(refund_order, ask, actor=SYSTEM)


def test_staff_takes_credit_at_the_counter_never_more_than_there_is(shop: Shop) -> None:
    anna = somebody(shop)
    gives(shop, anna, 700)
    placed = shop.buys(mug=1, customer_id=anna.id)

    def pay(minor: int) -> Any:
        ask = PayOrder(order_id=placed.order_id, amount_minor=minor, method="credit")
        return shop.hub.run(pay_order, ask, actor=SYSTEM)

    with pytest.raises(NotEnoughCredit) as refused:
        pay(701)
    assert refused.value.data == {"asked": 701, "left": 700}
    assert pay(700).left_minor == 300
    assert has(shop, anna) == (0, 0)


def test_support_gives_up_to_a_limit_and_managers_what_they_like(shop: Shop) -> None:
    anna = somebody(shop)
    support, manager = (
        Actor(anna.id, "staff", (Grant(ROLES[name].permissions),))
        for name in ("support", "manager")
    )
    with pytest.raises(CreditBeyondLimit):
        gives(shop, anna, 5_001, by=support)
    gives(shop, anna, 5_000, by=support)
    gives(shop, anna, 5_001, by=manager)
    assert has(shop, anna) == (10_001, 0)


def test_credit_expires_only_where_the_shop_says_so_and_never_what_is_promised(
    shop: Shop, bank: Bank
) -> None:
    anna = somebody(shop)
    gives(shop, anna, 3_000)
    pays(fills(shop, anna), TOTAL)
    shop.hub.offset += timedelta(days=400)
    assert expire_old_credit.do(shop.hub) == 0

    shop.hub.run(change_setting, ChangeSetting(name="orders.credit_days", value=365), actor=SYSTEM)
    assert (expire_old_credit.do(shop.hub), expire_old_credit.do(shop.hub)) == (1, 0)

    assert has(shop, anna) == (TOTAL, TOTAL)
    assert facts_of(shop, "orders.credit_expired") == 1


def test_the_same_credit_is_spent_by_one_of_many_at_once(shop: Shop, bank: Bank) -> None:
    anna = somebody(shop)
    gives(shop, anna, 700)
    orders = [shop.buys(mug=1, customer_id=anna.id).order_id for _ in range(THREADS)]

    def spend(order: Any) -> Any:
        ask = PayOrder(order_id=order, amount_minor=500, method="credit")
        return shop.hub.run(pay_order, ask, actor=SYSTEM)

    answers = at_once([lambda one=one: spend(one) for one in orders])

    refused = [answer for answer in answers if isinstance(answer, NotEnoughCredit)]
    assert len(refused) == THREADS - 1
    assert has(shop, anna) == (200, 0)


def test_who_looks_first_and_takes_then_promises_credit_twice(
    open_market: Callable[..., Shop], bank: Bank
) -> None:
    """The control: reading what is left, and then writing down a promise of it."""
    shop = open_market()
    anna = somebody(shop)
    gives(shop, anna, 700)
    meet = meeting(THREADS)

    @operation("test.promise_unguarded", permission="shopping.complete")
    def promise(tx: Tx, asked: PayCart) -> PaymentStanding:
        """Promise credit that was there a moment ago."""
        account = credit_of(tx, anna.id, "EUR")
        assert account is not None and account.left_minor >= 500
        meet()
        ask(tx, cart=asked.cart_id, provider="credit", amount_minor=500, currency="EUR")
        return standing_of(tx, asked.cart_id)

    with shop.hub.reading() as tx:
        carts = [tx.new_id() for _ in range(THREADS)]
    asks = [PayCart(cart_id=cart, expected_total_minor=500) for cart in carts]
    at_once([lambda one=one: shop.hub.run(promise, one, actor=SYSTEM) for one in asks])

    with shop.hub.reading() as tx:
        asked = tx.value("SELECT sum(asked_minor)::bigint FROM orders.authorizations")
    print(f"unsafe control: {asked} promised of 700")
    assert asked > 700


PLANTED = {
    "credit_is_the_sum_of_its_moves": (
        "UPDATE orders.credit_accounts SET balance_minor = balance_minor + 1",
        "UPDATE orders.credit_moves SET amount_minor = amount_minor + 1 WHERE kind = 'issued'",
        "DELETE FROM ledger.transfers WHERE reason = 'credit_issued'",
        "DELETE FROM orders.credit_moves WHERE kind = 'spent'",
    ),
    "held_credit_is_promised": (
        "UPDATE orders.credit_accounts SET held_minor = held_minor - 1",
        "UPDATE orders.authorizations SET voided_minor = voided_minor + 1"
        " WHERE provider = 'credit'",
        "UPDATE orders.authorizations SET customer_id = gen_random_uuid()"
        " WHERE provider = 'credit'",
    ),
    "spent_credit_has_an_order": (
        "DELETE FROM orders.credit_moves WHERE kind = 'spent'",
        "UPDATE orders.credit_moves SET amount_minor = amount_minor - 1 WHERE kind = 'spent'",
        "UPDATE orders.payments SET provider = 'bank' WHERE provider = 'credit'",
        "UPDATE orders.refunds SET to_credit = false",
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_every_planted_corruption_of_credit_is_found(
    shop: Shop, database: str, bank: Bank, name: str
) -> None:
    anna = somebody(shop)
    gives(shop, anna, 4_000)
    cart = fills(shop, anna)
    told = pays(cart, TOTAL)
    shop.ships(shop.order(told.order_id), pieces=1)
    work(shop)
    shop.refunds(told.order_id, 300)
    [check] = [one for one in CHECKS if one.name == name]
    for statement in ("", *PLANTED[name]):
        with psycopg.connect(database) as connection:
            if statement:
                assert connection.execute(statement).rowcount > 0, statement
            found = connection.execute(check.breaks).fetchall()
            connection.rollback()
        assert bool(found) is bool(statement), statement
