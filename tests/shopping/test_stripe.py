"""Paying through Stripe, against a double of its API: declined, lost, cut, doubled, in parts."""

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from litestar.testing import TestClient

from charsu.kernel.ids import uuid7
from charsu.kernel.processes import Outside, run_due
from charsu.orders import CancelOrder, cancel_order
from charsu.orders.chores import reconcile
from charsu.orders.payments import (
    PROVIDERS,
    Authorize,
    Authorized,
    Declined,
    Escalated,
    EventForged,
    Taken,
)
from charsu.orders.payments.through_stripe import Account, StripeProvider, account_in_environment
from charsu.orders.queries.payment_differences import AskPaymentDifferences, payment_differences
from charsu.orders.reconciling.reading import RECONCILE
from charsu.web.app import create_app
from tests.shop import Shop
from tests.shopping.driver import SYSTEM, facts_of, problems_of_all
from tests.shopping.till import TOTAL, pays, ready, standing, work
from tests.stripe_double import SECRET_KEY, WEBHOOK_SECRET, Stripe, running, signed

pytestmark = pytest.mark.slow

AT = "/v1/payments/stripe/events"
VISA = "pm_card_visa"


@pytest.fixture
def stripe() -> Iterator[Stripe]:
    with running() as double:
        yield double


def provider_at(stripe: Stripe, *, in_parts: bool = False) -> StripeProvider:
    stripe.multicapture = in_parts
    account = Account(
        key=SECRET_KEY,
        webhook_secret=WEBHOOK_SECRET,
        address=stripe.address,
        takes_parts=in_parts,
        return_url="https://shop.example/back",
    )
    return StripeProvider(account)


@pytest.fixture
def provider(stripe: Stripe) -> StripeProvider:
    return provider_at(stripe)


@pytest.fixture
def parts(stripe: Stripe) -> StripeProvider:
    return provider_at(stripe, in_parts=True)


@pytest.fixture
def shop(
    open_market: Callable[..., Shop], stripe: Stripe, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shop]:
    monkeypatch.setitem(PROVIDERS, "stripe", provider_at(stripe, in_parts=True))
    shop = open_market()
    yield shop
    assert problems_of_all(shop) == []


@pytest.fixture
def door(shop: Shop) -> Iterator[TestClient[Any]]:
    with TestClient(create_app(shop.hub), raise_server_exceptions=False) as client:
        yield client


def new_key() -> str:
    import random

    return str(uuid7(datetime.now(UTC), random.SystemRandom()))


def asks(token: str = VISA, *, key: str | None = None, **more: Any) -> Authorize:
    fields = {"key": key or new_key(), "token": token, "amount_minor": 2_500, "currency": "EUR"}
    return Authorize(**(fields | more))


def promised(provider: StripeProvider) -> tuple[str, str]:
    """A promise: its key and reference."""
    ask = asks()
    answer = provider.authorize(ask)
    assert isinstance(answer, Authorized)
    return ask.key, answer.reference


def takes(
    provider: StripeProvider, reference: str, amount: int, key: str = "c:1"
) -> Taken | Declined:
    return provider.capture(key=key, reference=reference, amount_minor=amount, currency="EUR")


def test_a_promise_is_taken_by_hand_and_carries_our_id(
    provider: StripeProvider, stripe: Stripe
) -> None:
    key, reference = promised(provider)
    intent = stripe.intents[reference]

    assert (intent["status"], intent["amount_capturable"]) == ("requires_capture", 2_500)
    assert intent["metadata"] == {"charsu_authorization": key}
    found = provider.look_up(key=key, reference=reference)
    assert isinstance(found, Authorized) and found.expires_at > datetime.now(UTC)


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("pm_card_chargeDeclined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
        ("4242424242424242", "resource_missing"),
    ],
)
def test_a_declined_card_says_why_in_stripes_words(
    provider: StripeProvider, token: str, reason: str
) -> None:
    assert provider.authorize(asks(token)) == Declined(reason)


def test_who_has_to_confirm_is_sent_to_stripes_page(
    provider: StripeProvider, stripe: Stripe
) -> None:
    ask = asks("pm_card_authenticationRequired")
    answer = provider.authorize(ask)

    assert isinstance(answer, Escalated) and answer.url.startswith("https://hooks.stripe.com/")
    stripe.confirms(answer.reference)
    assert isinstance(provider.look_up(key=ask.key, reference=answer.reference), Authorized)


@pytest.mark.parametrize("fault", ["cut", "500"])
def test_an_answer_that_is_lost_after_the_effect_is_found_again(
    provider: StripeProvider, stripe: Stripe, fault: str
) -> None:
    ask = asks()
    stripe.after = [fault]
    try:
        answer = provider.authorize(ask)
    except Outside:
        answer = provider.authorize(ask)

    assert isinstance(answer, Authorized)
    assert len(stripe.intents) == 1


@pytest.mark.parametrize("fault", ["cut", "500", "429"])
def test_what_stripe_never_heard_of_is_asked_again(
    provider: StripeProvider, stripe: Stripe, fault: str
) -> None:
    ask = asks()
    stripe.before = [fault]
    with pytest.raises(Outside):
        provider.authorize(ask)
    assert isinstance(provider.authorize(ask), Authorized)
    assert len(stripe.intents) == 1


def test_a_wrong_secret_key_is_nobody_elses_fault(stripe: Stripe) -> None:
    wrong = StripeProvider(Account(key="sk_test_wrong", address=stripe.address))
    with pytest.raises(Outside):
        wrong.authorize(asks())
    assert stripe.intents == {}


@pytest.mark.parametrize("in_parts", [False, True])
@pytest.mark.parametrize("fault", ["", "cut", "500"])
def test_a_taking_whose_answer_is_lost_is_one_taking(
    stripe: Stripe, in_parts: bool, fault: str
) -> None:
    provider = provider_at(stripe, in_parts=in_parts)
    _, reference = promised(provider)
    stripe.after = [fault]
    with contextlib.suppress(Outside):
        takes(provider, reference, 1_500)
    again = takes(provider, reference, 1_500)

    assert isinstance(again, Taken)
    assert stripe.intents[reference]["amount_received"] == 1_500


def test_an_account_with_multicapture_takes_in_parts_and_lets_the_rest_go(
    parts: StripeProvider, stripe: Stripe
) -> None:
    key, reference = promised(parts)
    first, second = takes(parts, reference, 1_000, "c:1"), takes(parts, reference, 700, "c:2")
    parts.void(key=key, reference=reference)

    assert isinstance(first, Taken) and isinstance(second, Taken)
    assert first.reference != second.reference
    intent = stripe.intents[reference]
    assert (intent["amount_received"], intent["amount_capturable"]) == (1_700, 0)


def test_without_multicapture_the_first_part_is_the_last(
    provider: StripeProvider, stripe: Stripe
) -> None:
    _, reference = promised(provider)
    assert isinstance(takes(provider, reference, 1_000, "c:1"), Taken)
    assert takes(provider, reference, 500, "c:2") == Declined("payment_intent_unexpected_state")
    assert stripe.intents[reference]["amount_received"] == 1_000


@pytest.mark.parametrize("fault", ["", "cut", "500"])
def test_a_refund_goes_back_once(stripe: Stripe, fault: str) -> None:
    provider = provider_at(stripe)
    _, reference = promised(provider)
    takes(provider, reference, 2_500)
    stripe.after = [fault]
    key = f"{new_key()}:give_back"
    back = {"key": key, "reference": reference, "amount_minor": 700, "currency": "EUR"}
    with contextlib.suppress(Outside):
        provider.refund(**back)

    assert isinstance(provider.refund(**back), Taken)
    assert [refund["amount"] for refund in stripe.refunds.values()] == [700]
    [row] = provider.statements(*_today(), None).rows
    assert (row.taken_minor, row.given_back_minor, row.promised_minor) == (2_500, 700, 0)


def test_more_than_was_taken_does_not_go_back(provider: StripeProvider) -> None:
    _, reference = promised(provider)
    takes(provider, reference, 1_000)
    back = {"reference": reference, "amount_minor": 1_001, "currency": "EUR"}
    assert provider.refund(key=new_key(), **back) == Declined("charge_already_refunded")


@pytest.mark.parametrize("knows_reference", [True, False])
def test_letting_go_twice_or_what_was_never_made_is_well(
    provider: StripeProvider, stripe: Stripe, knows_reference: bool
) -> None:
    key, reference = promised(provider)
    for _ in range(2):
        provider.void(key=key, reference=reference if knows_reference else None)
    provider.void(key=new_key(), reference=None)

    assert stripe.intents[reference]["status"] == "canceled"


@pytest.mark.parametrize(
    ("currency", "minor", "there"),
    [("EUR", 1_999, 1_999), ("JPY", 500, 500), ("ISK", 500, 50_000), ("UGX", 7, 700)],
)
def test_amounts_are_told_in_stripes_way_of_counting(
    provider: StripeProvider, stripe: Stripe, currency: str, minor: int, there: int
) -> None:
    provider.authorize(asks(amount_minor=minor, currency=currency))
    [intent] = stripe.intents.values()
    assert intent["amount"] == there
    [row] = provider.statements(*_today(), None).rows
    assert row.promised_minor == minor


def test_statements_come_page_by_page(provider: StripeProvider, stripe: Stripe) -> None:
    for _ in range(103):
        provider.authorize(asks())
    first = provider.statements(*_today(), None)
    second = provider.statements(*_today(), first.after)

    assert (len(first.rows), len(second.rows), second.after) == (100, 3, None)
    assert len({row.reference for row in (*first.rows, *second.rows)}) == 103


@pytest.mark.parametrize(
    "more", [{"secret": "whsec_guessed"}, {"seconds_ago": 3_600}, {"seconds_ago": 301}]
)
def test_a_message_that_is_forged_or_old_is_refused(
    provider: StripeProvider, stripe: Stripe, more: dict[str, Any]
) -> None:
    _, reference = promised(provider)
    event = stripe.event("payment_intent.succeeded", stripe.intents[reference])
    with pytest.raises(EventForged):
        provider.read_event(*signed(event, **more))
    with pytest.raises(EventForged):
        provider.read_event({}, b"{}")
    assert provider.read_event(*signed(event)) is not None


def test_a_shop_takes_and_returns_money_through_stripe(
    shop: Shop, stripe: Stripe, door: TestClient[Any]
) -> None:
    """Two parcels, one returned in part; each answer of Stripe's is lost once."""
    stripe.after = ["cut", "500", "cut", "500"]
    anna = ready(shop)
    pays(anna, token=VISA, provider="stripe")
    work(shop)
    work(shop, minutes=1)
    order = shop.order(standing(anna).order_id)
    for _ in range(2):
        shop.ships(shop.order(order.id), pieces=1)
        for minute in range(3):
            work(shop, minutes=minute)
    shop.refunds(order.id, 800)
    for minute in range(3):
        work(shop, minutes=minute)

    [intent] = stripe.intents.values()
    assert intent["amount_received"] == shop.order(order.id).captured_minor == TOTAL
    assert [refund["amount"] for refund in stripe.refunds.values()] == [800]
    assert shop.order(order.id).refunded_minor == 800


def test_messages_doubled_and_out_of_order_make_one_order(
    shop: Shop, stripe: Stripe, door: TestClient[Any]
) -> None:
    anna = ready(shop)
    pays(anna, token="pm_card_authenticationRequired", provider="stripe")
    work(shop)
    told = standing(anna)
    assert told.standing == "to_confirm" and told.action_url
    [intent] = stripe.intents.values()
    asked = stripe.event("payment_intent.requires_action", dict(intent))
    stripe.confirms(intent["id"])
    given = stripe.event("payment_intent.amount_capturable_updated", intent)
    for event in (given, asked, given, asked):
        headers, body = signed(event)
        assert door.post(AT, content=body, headers=headers).status_code == 204
    work(shop)

    assert standing(anna).standing == "ordered"
    assert facts_of(shop, "orders.order_placed") == 1
    order = standing(anna).order_id
    shop.hub.run(cancel_order, CancelOrder(order_id=order, reason="test"), actor=SYSTEM)
    work(shop)
    assert intent["status"] == "canceled"


def test_a_refund_that_fails_days_later_is_owed_still(
    shop: Shop, stripe: Stripe, door: TestClient[Any]
) -> None:
    anna = ready(shop)
    pays(anna, token=VISA, provider="stripe")
    work(shop)
    order = shop.order(standing(anna).order_id)
    shop.ships(order)
    work(shop)
    shop.refunds(order.id, 1_000)
    work(shop)
    [refund] = stripe.refunds.values()
    refund |= {"status": "failed", "failure_reason": "expired_or_canceled_card"}
    headers, body = signed(stripe.event("refund.failed", refund))
    for _ in range(2):
        assert door.post(AT, content=body, headers=headers).status_code == 204

    assert shop.order(order.id).refunded_minor == 0
    assert facts_of(shop, "orders.refund_failed") == 1


def test_the_environment_names_the_account_and_nothing_else_does() -> None:
    assert account_in_environment({}) is None
    named = {"CHARSU_STRIPE_KEY": "sk_live_x", "CHARSU_STRIPE_MULTICAPTURE": "1"}
    account = account_in_environment(named)
    assert account is not None and account.takes_parts
    assert account.address == "https://api.stripe.com" and not account.is_for_tests
    inner = account_in_environment(named | {"CHARSU_STRIPE_ADDRESS": "http://127.0.0.1:1"})
    assert inner is not None and not inner.is_for_tests  # a live key goes to Stripe only
    with pytest.raises(Outside):
        StripeProvider(inner).authorize(asks())


def test_a_shop_without_stripe_never_loads_its_library() -> None:
    code = "import charsu.web.app, charsu.assembly, sys; sys.exit('stripe' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def _today() -> tuple[datetime, datetime]:
    now = datetime.now(UTC)
    return now - timedelta(hours=1), now + timedelta(hours=1)


def reads_statements(shop: Shop) -> list[str]:
    """The next day; what is told of differences."""
    shop.hub.offset += timedelta(hours=25)
    while reconcile.do(shop.hub) or run_due(shop.hub, {RECONCILE.kind: RECONCILE}):
        pass
    seen = shop.hub.run(payment_differences, AskPaymentDifferences(), actor=SYSTEM)
    assert {one.state for one in seen.readings} == {"done"}
    return sorted(one.kind for one in seen.items)


def test_what_stripe_says_that_it_has_is_what_the_books_say(shop: Shop, stripe: Stripe) -> None:
    for mugs in (1, 2):
        order = shop.order(paid(shop))
        shop.ships(order, pieces=mugs)
        work(shop)
    shop.refunds(order.id, 700)
    shop.hub.run(cancel_order, CancelOrder(order_id=paid(shop), reason="no"), actor=SYSTEM)
    pays(ready(shop), token="pm_card_chargeDeclined", provider="stripe")
    work(shop)

    assert reads_statements(shop) == []


def test_what_stripe_has_and_the_books_do_not_is_found(shop: Shop, stripe: Stripe) -> None:
    order = shop.order(paid(shop))
    shop.ships(order)
    work(shop)
    [intent] = stripe.intents.values()
    intent["amount_received"] -= 100
    other = {**intent, "id": "pi_other", "metadata": {}}
    stripe.intents["pi_other"] = other

    assert reads_statements(shop) == ["missing_in_books", "other_amount"]

    del stripe.intents[intent["id"]]
    assert reads_statements(shop) == ["missing_at_provider", "missing_in_books"]


def paid(shop: Shop) -> Any:
    one = ready(shop)
    pays(one, token=VISA, provider="stripe")
    work(shop)
    return standing(one).order_id
