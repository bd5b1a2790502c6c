"""Money through a provider: slow, silent, declined, too late, or interrupted anywhere."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from charsu.kernel import SYSTEM, Hub
from charsu.kernel.processes import run_due
from charsu.orders import CancelOrder, PayOrder, cancel_order, pay_order
from charsu.orders import charging as charging_module
from charsu.orders.charging import CHARGE, ChargeOrder, charge_order
from charsu.orders.payments import PROVIDERS
from tests.bank import Bank
from tests.shop import Shop

KINDS = {CHARGE.kind: CHARGE}


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch) -> Bank:
    bank = Bank()
    monkeypatch.setitem(PROVIDERS, "test", bank)
    return bank


@pytest.fixture
def shop(open_shop: Callable[..., Hub]) -> Shop:
    shop = Shop(open_shop())
    shop.has("mug", 10, at="north")
    shop.costs("mug", 1_000)
    return shop


def charge(shop: Shop, order: object, token: str = "tok_visa") -> None:
    ask = ChargeOrder(order_id=order.order_id, amount_minor=1_000, token=token)
    shop.hub.run(charge_order, ask, actor=SYSTEM)


def state(shop: Shop) -> str:
    with shop.hub.reading() as tx:
        return tx.value("SELECT state || ' ' || step FROM kernel.processes")


def test_what_the_provider_takes_is_paid_and_booked(shop: Shop) -> None:
    placed = shop.buys(mug=1)
    charge(shop, placed)
    assert shop.order(placed).payment_state == "pending"

    run_due(shop.hub, KINDS)

    assert shop.order(placed).payment_state == "paid"
    assert state(shop) == "done book"
    assert shop.books() == {"clearing:test": 1000, "order": -1000}


def test_a_declined_card_leaves_the_order_as_it_was_and_says_why(shop: Shop) -> None:
    placed = shop.buys(mug=1)
    charge(shop, placed, "tok_declined")
    run_due(shop.hub, KINDS)

    assert shop.order(placed).payment_state == "pending"
    with shop.hub.reading() as tx:
        told = tx.value(
            "SELECT body->>'reason' FROM kernel.facts WHERE name = 'orders.charge_failed'"
        )
    assert told == "declined by the issuer"


def test_a_provider_that_takes_the_money_and_does_not_answer_takes_it_once(
    shop: Shop, bank: Bank
) -> None:
    placed = shop.buys(mug=1)
    bank.loses_answers = 3
    charge(shop, placed)
    for minutes in range(5):
        shop.hub.offset = timedelta(minutes=minutes)
        run_due(shop.hub, KINDS)

    assert list(bank.taken.values()) == [1000]
    assert shop.order(placed).captured_minor == 1000


@pytest.mark.parametrize("killed_at", ["orders.charge_answered/closed", "before the answer"])
def test_a_worker_that_dies_in_between_is_taken_over(
    shop: Shop, bank: Bank, killed_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = shop.buys(mug=1)
    charge(shop, placed)

    class Killed(BaseException):
        pass

    def die(point: str) -> None:
        if point == killed_at:
            raise Killed

    monkeypatch.setattr(shop.hub.faults, "reach", die)
    if killed_at == "before the answer":
        monkeypatch.setattr(bank, "authorize", lambda _: die(killed_at))
    with pytest.raises(Killed):
        run_due(shop.hub, KINDS)
    monkeypatch.undo()
    monkeypatch.setitem(PROVIDERS, "test", bank)
    assert run_due(shop.hub, KINDS) == 0  # another worker has it, as far as anybody knows

    shop.hub.offset = timedelta(minutes=3)
    run_due(shop.hub, KINDS)

    assert len(bank.taken) == 1
    assert shop.order(placed).captured_minor == 1000


@pytest.mark.parametrize("meanwhile", ["canceled", "paid"])
def test_money_that_the_order_no_longer_wants_goes_back(
    shop: Shop, bank: Bank, meanwhile: str
) -> None:
    placed = shop.buys(mug=1)
    charge(shop, placed)
    if meanwhile == "canceled":
        ask = CancelOrder(order_id=placed.order_id, reason="test")
        shop.hub.run(cancel_order, ask, actor=SYSTEM)
    else:
        pay = PayOrder(
            order_id=placed.order_id, amount_minor=1_000, method="cash", reference="till-1"
        )
        shop.hub.run(pay_order, pay, actor=SYSTEM)

    run_due(shop.hub, KINDS)
    run_due(shop.hub, KINDS)

    assert list(bank.back.values()) == [1000]
    assert state(shop) == "failed give_back"
    assert shop.order(placed).captured_minor == (1000 if meanwhile == "paid" else 0)
    assert charging_module.CHARGE.first == "ask_provider"


def test_a_provider_that_keeps_unwanted_money_is_asked_again(shop: Shop, bank: Bank) -> None:
    placed = shop.buys(mug=1)
    charge(shop, placed)
    shop.hub.run(cancel_order, CancelOrder(order_id=placed.order_id, reason="test"), actor=SYSTEM)
    bank.refuses_refunds = "the account is closed"

    for minutes in range(0, 9, 3):
        shop.hub.offset = timedelta(minutes=minutes)
        run_due(shop.hub, KINDS)
    assert (state(shop), bank.kept) == ("running give_back", 1000)

    bank.refuses_refunds = ""
    shop.hub.offset = timedelta(minutes=30)
    run_due(shop.hub, KINDS)
    assert (state(shop), list(bank.back.values())) == ("failed give_back", [1000])
