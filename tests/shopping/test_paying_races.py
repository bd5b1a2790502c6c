"""One payment, pressed by many hands: callers, workers, and the provider's own messages."""

from collections.abc import Callable
from typing import Any

import pytest

from charsu.kernel import SYSTEM, Tx, operation
from charsu.kernel.processes import run_due
from charsu.orders.payments import PROVIDERS
from charsu.shopping import PayCart, PaymentStanding, pay_cart
from charsu.shopping.paying import begin_payment
from charsu.shopping.queries.payment import standing_of
from charsu.shopping.stored import load
from tests.bank import Bank, Promise
from tests.shop import Shop
from tests.shopping.driver import facts_of, problems
from tests.shopping.test_races import THREADS, Meet, at_once, meeting
from tests.shopping.till import KINDS, TOTAL, pays, ready, standing, work

pytestmark = pytest.mark.slow


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch) -> Bank:
    bank = Bank()
    monkeypatch.setitem(PROVIDERS, "bank", bank)
    return bank


@pytest.fixture
def shop(open_market: Callable[..., Shop], bank: Bank) -> Shop:
    return open_market()


def pay_unlocked(meet: Meet) -> Any:
    """Paying without the lock on the cart."""

    @operation("test.pay_unlocked", permission="shopping.complete")
    def pay(tx: Tx, ask: PayCart) -> PaymentStanding:
        """Begin to pay for a cart as it was before others came."""
        cart = load(tx, ask.cart_id)
        meet()
        begin_payment(tx, cart, total_minor=TOTAL, provider=ask.provider, token=ask.token)
        return standing_of(tx, cart.id)

    return pay


def test_one_completion_from_many_sides_at_once_is_one_payment_with_one_answer(
    shop: Shop, bank: Bank
) -> None:
    anna = ready(shop)

    answers = at_once([lambda: pays(anna)] * THREADS)
    work(shop)

    assert answers == [answers[0]] * THREADS
    assert isinstance(answers[0], PaymentStanding)
    assert len(bank.promises) == facts_of(shop, "orders.order_placed") == 1
    assert problems(shop) == []


def test_without_the_lock_the_others_do_not_get_the_answer(shop: Shop) -> None:
    anna = ready(shop)
    unlocked = pay_unlocked(meeting(THREADS))
    ask = {"expected_total_minor": TOTAL, "provider": "bank", "token": "tok_visa"}

    answers = at_once([lambda: anna.does(unlocked, PayCart, **ask)] * THREADS)

    broken = sum(isinstance(answer, Exception) for answer in answers)
    print(f"unsafe control: {broken} of {THREADS} got no answer")
    assert broken > 0


def test_workers_and_the_providers_messages_at_once_make_one_order(shop: Shop, bank: Bank) -> None:
    """Every hand that could finish the payment does so at the same moment, again and again."""
    for _ in range(5):
        anna = ready(shop, mugs=1)
        told = pays(anna, total=1_500)
        key = str(told.payment_id)

        def message(key: str = key) -> None:
            bank.promises.setdefault(key, Promise(f"bank-{key}", 1_500))
            shop.confirms(key, reference=f"bank-{key}")

        def step() -> int:
            return run_due(shop.hub, KINDS)

        at_once([message, step] * (THREADS // 2))
        work(shop)
        assert standing(anna).standing == "ordered"

    assert facts_of(shop, "orders.order_placed") == 5
    assert facts_of(shop, "orders.payment_authorized") == 5
    assert bank.kept == 5 * 1_500
    assert problems(shop) == []


def test_a_payment_and_a_plain_order_of_one_cart_at_once_are_one_order(
    shop: Shop, bank: Bank
) -> None:
    for _ in range(4):
        anna = ready(shop, mugs=1)
        at_once([lambda one=anna: pays(one, total=1_500), lambda one=anna: one.orders(1_500)])
        work(shop)
        with shop.hub.reading() as tx:
            orders = tx.value(
                "SELECT count(*) FROM orders.orders WHERE cart_id = %(cart)s", cart=anna.cart_id
            )
        assert orders == 1

    placed = facts_of(shop, "orders.order_placed")
    assert placed == 4
    assert problems(shop) == []
    assert bank.kept == 1_500 * facts_of(shop, "orders.payment_joined")
    assert shop.hub.run(pay_cart, PayCart(**_again(anna)), actor=SYSTEM).standing == "ordered"


def _again(one: Any) -> dict[str, Any]:
    return {
        "cart_id": one.cart_id,
        "expected_total_minor": 1_500,
        "provider": "bank",
        "token": "tok_visa",
    }
