"""A cart is paid for: silent, declined, late, twice, interrupted; money and goods stay together."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from charsu.kernel import SYSTEM, HubError
from charsu.kernel.setup.operations import ChangeSetting, change_setting
from charsu.orders import CancelOrder, ProviderUnknown, cancel_order
from charsu.orders.payments import PROVIDERS, Declined, Escalated
from charsu.shopping import CartClosed, NothingToPay, PayCart, pay_cart
from charsu.stock import NotEnoughStock
from tests.bank import Bank
from tests.shop import Shop
from tests.shopping.driver import coupon, facts_of, problems_of_all
from tests.shopping.till import TOTAL, pays, ready, standing, work


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch) -> Bank:
    bank = Bank()
    monkeypatch.setitem(PROVIDERS, "bank", bank)
    return bank


@pytest.fixture
def shop(open_market: Callable[..., Shop], bank: Bank) -> Iterator[Shop]:
    """A market whose books are in order after each test."""
    shop = open_market()
    yield shop
    assert problems_of_all(shop) == []


def test_a_promise_makes_the_cart_an_order_and_shipping_takes_the_money(
    shop: Shop, bank: Bank
) -> None:
    anna = ready(shop)
    assert pays(anna).standing == "under_way"
    work(shop)

    told = standing(anna)
    assert told.standing == "ordered" and told.order_id is not None
    order = shop.order(told.order_id)
    assert (order.payment_state, order.captured_minor) == ("authorized", 0)

    shop.ships(order)
    work(shop)

    order = shop.order(order.id)
    assert (order.payment_state, order.captured_minor) == ("paid", TOTAL)
    assert bank.kept == sum(bank.taken.values()) == TOTAL


def test_each_parcel_takes_its_own_part(shop: Shop, bank: Bank) -> None:
    anna = ready(shop)
    pays(anna)
    work(shop)
    order = shop.order(standing(anna).order_id)

    shop.ships(order, pieces=1)
    work(shop)
    assert list(bank.taken.values()) == [1_500]  # a mug, and the post with the first parcel
    assert shop.order(order.id).payment_state == "partly_paid"

    shop.ships(order)
    work(shop)
    assert list(bank.taken.values()) == [1_500, 1_000]
    assert shop.order(order.id).payment_state == "paid"


def test_who_cannot_take_parts_takes_all_with_the_first(shop: Shop, bank: Bank) -> None:
    bank.captures_in_parts = False
    anna = ready(shop)
    pays(anna)
    work(shop)
    order = shop.order(standing(anna).order_id)

    shop.ships(order, pieces=1)
    work(shop)
    shop.ships(order)
    work(shop)

    assert list(bank.taken.values()) == [TOTAL]
    assert shop.order(order.id).payment_state == "paid"


def test_what_is_canceled_is_let_go(shop: Shop, bank: Bank) -> None:
    anna = ready(shop)
    pays(anna)
    work(shop)
    order = shop.order(standing(anna).order_id)

    ask = CancelOrder(order_id=order.id, reason="changed_mind")
    shop.hub.run(cancel_order, ask, actor=SYSTEM)
    work(shop)

    assert shop.order(order.id).payment_state == "void"
    assert bank.kept == 0


def test_what_is_canceled_after_one_parcel_is_let_go_and_the_rest_kept(
    shop: Shop, bank: Bank
) -> None:
    anna = ready(shop)
    pays(anna)
    work(shop)
    order = shop.order(standing(anna).order_id)
    shop.ships(order, pieces=1)
    ask = CancelOrder(order_id=order.id, reason="changed_mind")
    shop.hub.run(cancel_order, ask, actor=SYSTEM)
    work(shop)

    assert sum(bank.taken.values()) == 1_500
    assert all(one.is_free for one in bank.promises.values())
    assert shop.order(order.id).payment_state == "paid"


def test_a_declined_card_leaves_the_cart_open_and_another_may_be_tried(
    shop: Shop, bank: Bank
) -> None:
    bank.answers["tok_bad"] = Declined("insufficient_funds")
    anna = ready(shop)
    pays(anna, token="tok_bad")
    work(shop)

    told = standing(anna)
    assert (told.standing, told.reason) == ("declined", "insufficient_funds")
    assert anna.sees().state == "open"

    pays(anna)
    work(shop)
    assert standing(anna).standing == "ordered"
    assert bank.kept == TOTAL


def test_while_it_is_paid_nothing_in_the_cart_changes(shop: Shop) -> None:
    anna = ready(shop)
    pays(anna)

    with pytest.raises(CartClosed):
        anna.puts(mug=3)
    with pytest.raises(CartClosed):
        anna.orders(TOTAL)
    assert anna.sees().totals is not None
    work(shop)


def test_the_same_completion_again_is_told_how_it_stands(shop: Shop, bank: Bank) -> None:
    anna = ready(shop)
    first, again = pays(anna), pays(anna)
    work(shop)
    after = pays(anna)

    assert first == again
    assert after.standing == "ordered" and after.payment_id == first.payment_id
    assert len(bank.promises) == 1


def test_a_provider_that_promises_and_does_not_answer_promises_once(shop: Shop, bank: Bank) -> None:
    bank.loses_answers = 3
    anna = ready(shop)
    pays(anna)
    for _ in range(6):
        work(shop, minutes=1)

    assert standing(anna).standing == "ordered"
    assert bank.kept == TOTAL


def test_a_provider_that_never_answers_is_given_up_and_what_it_promised_let_go(
    shop: Shop, bank: Bank
) -> None:
    bank.loses_answers = 40
    anna = ready(shop)
    pays(anna)
    for _ in range(20):
        work(shop, minutes=2)
    assert anna.sees().state == "open"
    bank.loses_answers = 0
    for _ in range(3):
        work(shop, minutes=70)

    assert standing(anna).standing == "given_up"
    assert bank.kept == 0
    assert facts_of(shop, "orders.order_placed") == 0


def test_a_payment_to_confirm_is_an_order_once_it_is_confirmed(shop: Shop, bank: Bank) -> None:
    bank.answers["tok_3ds"] = Escalated(reference="bank-3ds", url="https://bank.example/3ds")
    anna = ready(shop)
    pays(anna, token="tok_3ds")
    work(shop)
    assert standing(anna).action_url == "https://bank.example/3ds"

    shop.confirms(standing(anna).payment_id, reference="bank-3ds")
    work(shop)

    assert standing(anna).standing == "ordered"


def test_a_payment_that_nobody_confirms_is_given_up_in_time(shop: Shop, bank: Bank) -> None:
    bank.answers["tok_3ds"] = Escalated(reference="bank-3ds", url="https://bank.example/3ds")
    anna = ready(shop, mugs=10)
    pays(anna, total=10_000, token="tok_3ds")
    work(shop)
    with pytest.raises(NotEnoughStock):
        ready(shop, mugs=1).holds()
    work(shop, minutes=16)

    assert standing(anna).standing == "given_up"
    assert anna.sees().state == "open"
    work(shop, minutes=30)
    ready(shop, mugs=1).holds()  # what nobody paid for is on sale again


def test_a_confirmation_that_comes_too_late_takes_nothing(shop: Shop, bank: Bank) -> None:
    bank.answers["tok_3ds"] = Escalated(reference="bank-3ds", url="https://bank.example/3ds")
    anna = ready(shop)
    pays(anna, token="tok_3ds")
    work(shop)
    work(shop, minutes=16)

    shop.confirms(standing(anna).payment_id, reference="bank-3ds")
    work(shop)

    assert standing(anna).standing == "given_up"
    assert facts_of(shop, "orders.order_placed") == 0


def test_the_providers_own_message_may_come_before_its_answer(shop: Shop, bank: Bank) -> None:
    anna = ready(shop)
    told = pays(anna)
    bank.meanwhile = lambda key: shop.confirms(key, reference=f"bank-{key}")
    work(shop)
    shop.confirms(told.payment_id, reference=f"bank-{told.payment_id}")  # and once more, after
    work(shop)

    assert standing(anna).standing == "ordered"
    assert facts_of(shop, "orders.payment_authorized") == 1
    assert facts_of(shop, "orders.order_placed") == 1


def test_what_can_no_longer_be_ordered_costs_nothing(shop: Shop, bank: Bank) -> None:
    coupon(shop, "ONE", discount_ppm=50_000, limit_total=1)
    anna, bora = ready(shop), ready(shop)
    for one in (anna, bora):
        one.adds("ONE")
    pays(anna, total=TOTAL - 100)
    bank.meanwhile = lambda _: bora.orders(TOTAL - 100)  # the coupon is used up meanwhile
    work(shop)

    told = standing(anna)
    assert (told.standing, told.reason) == ("given_up", "coupon_used_up")
    assert anna.sees().state == "open"
    assert bank.kept == 0


def test_a_capture_that_is_refused_leaves_what_is_owed_to_be_paid_otherwise(
    shop: Shop, bank: Bank
) -> None:
    anna = ready(shop)
    pays(anna)
    work(shop)
    order = shop.order(standing(anna).order_id)
    bank.refuses_captures = "expired"
    shop.ships(order)
    work(shop)

    assert shop.order(order.id).payment_state == "pending"
    assert facts_of(shop, "orders.payment_missing") == 1
    paid = shop.pays_cash(order.id, TOTAL)
    assert paid.payment_state == "paid"


@pytest.mark.parametrize("refuses", ["", "account_closed"])
def test_money_goes_back_to_the_card_or_is_owed_still(shop: Shop, bank: Bank, refuses: str) -> None:
    anna = ready(shop)
    pays(anna)
    work(shop)
    order = shop.order(standing(anna).order_id)
    shop.ships(order)
    work(shop)
    bank.refuses_refunds = refuses
    shop.refunds(order.id, 1_000)
    shop_says_before = shop.order(order.id).refunded_minor
    work(shop)

    assert shop_says_before == 1_000
    assert shop.order(order.id).refunded_minor == (0 if refuses else 1_000)
    assert sum(bank.back.values()) == (0 if refuses else 1_000)
    assert facts_of(shop, "orders.refund_failed") == (1 if refuses else 0)


def test_a_free_cart_needs_no_payment(shop: Shop) -> None:
    shop.costs("mug", 0)
    anna = ready(shop, mugs=1)
    anna.picks_up("north")
    with pytest.raises(NothingToPay):
        pays(anna, total=0)
    assert anna.sees().state == "open"


def test_customers_pay_with_the_test_provider_only_where_the_shop_says_so(shop: Shop) -> None:
    anna = ready(shop)

    def try_it() -> Any:
        ask = {"expected_total_minor": TOTAL, "provider": "test", "token": "tok_visa"}
        return anna.does(pay_cart, PayCart, **ask)

    with pytest.raises(ProviderUnknown):
        try_it()
    ask = ChangeSetting(name="orders.test_payments", value=True)
    shop.hub.run(change_setting, ask, actor=SYSTEM)
    try_it()
    work(shop)
    assert standing(anna).standing == "ordered"


@pytest.mark.parametrize(
    "point",
    ["shopping.payment_answered/closed", "shopping.payment_answered/committed", "the call"],
)
def test_who_dies_in_between_is_taken_over(
    shop: Shop, bank: Bank, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(reached: str) -> None:
        if reached == point:
            raise Killed

    anna = ready(shop)
    pays(anna)
    if point == "the call":
        bank.meanwhile = lambda _: die(point)
    else:
        monkeypatch.setattr(shop.hub.faults, "reach", die)
    with pytest.raises(Killed):
        work(shop)
    monkeypatch.undo()
    monkeypatch.setitem(PROVIDERS, "bank", bank)
    bank.meanwhile = lambda _: None
    work(shop, minutes=3)

    assert standing(anna).standing == "ordered"
    assert facts_of(shop, "orders.order_placed") == 1
    assert bank.kept == TOTAL


def test_a_refusal_before_the_provider_is_asked_asks_nobody(shop: Shop, bank: Bank) -> None:
    anna = ready(shop, mugs=11)
    with pytest.raises(HubError):
        pays(anna, total=11_000)
    work(shop)
    assert bank.promises == {}
    assert anna.sees().state == "open"
