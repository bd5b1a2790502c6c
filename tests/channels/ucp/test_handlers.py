"""Platforms pay for real: through a handler that the shop names, at the provider behind it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from charsu.channels.ucp import PAYMENT_HANDLERS
from charsu.channels.ucp.handlers import handlers_of
from charsu.kernel import SYSTEM
from charsu.kernel.processes import run_due
from charsu.kernel.settings import SettingInvalid
from charsu.orders import ShipParcel, ship_parcel
from charsu.orders.payments import PROVIDERS
from charsu.orders.payments.through_stripe import Account, StripeProvider
from charsu.orders.queries.list_orders import AskOrders, list_orders
from charsu.orders.queries.read_order import AskOrder, read_order
from tests.conformance.market import Market
from tests.shopping.till import KINDS
from tests.stripe_double import SECRET_KEY, WEBHOOK_SECRET, Stripe, running

from .shopper import BUYER, Platform

CARDS = {
    "name": "com.stripe.payment_method",
    "id": "stripe",
    "provider": "stripe",
    "spec": "https://pay.example/ucp/payment-method",
    "schema": "https://pay.example/ucp/payment-method.json",
    "config": {"publishable_key": "pk_test_double", "environment": "sandbox"},
}


@pytest.fixture
def stripe(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stripe]:
    with running() as double:
        account = Account(
            key=SECRET_KEY,
            webhook_secret=WEBHOOK_SECRET,
            address=double.address,
            takes_parts=False,
            return_url="https://shop.example/back",
        )
        monkeypatch.setitem(PROVIDERS, "stripe", StripeProvider(account))
        yield double


@pytest.fixture
def agent(market: Market, stripe: Stripe, opened: Callable[[], Platform]) -> Platform:
    """A platform before a door that is not in test mode."""
    market.set(PAYMENT_HANDLERS, [CARDS])
    return opened()


def pays(platform: Platform, token: str, handler: str = "stripe") -> Any:
    checkout = platform.wants("mug", buyer=BUYER, fulfillment=platform.ships())
    credential = {"type": "token", "token": token}
    card = {"id": "card", "handler_id": handler, "type": "card", "credential": credential}
    path = f"/checkout-sessions/{checkout['id']}/complete"
    return platform.asks("POST", path, {"payment": {"instruments": [card]}}).json()


def declared(platform: Platform) -> Any:
    return platform.client.get("/.well-known/ucp").json()["ucp"]["payment_handlers"]


def test_profile_and_checkout_say_how_platforms_pay(agent: Platform) -> None:
    checkout = agent.wants("mug", buyer=BUYER)

    [entry] = declared(agent)["com.stripe.payment_method"]
    assert entry["config"] == CARDS["config"]
    assert (entry["id"], entry["spec"], entry["schema"]) == (
        "stripe",
        CARDS["spec"],
        CARDS["schema"],
    )
    [shown] = checkout["ucp"]["payment_handlers"]["com.stripe.payment_method"]
    assert (shown["id"], shown["config"]) == ("stripe", CARDS["config"])


def test_the_money_is_promised_with_the_order_and_taken_with_the_parcel(
    agent: Platform, stripe: Stripe
) -> None:
    hub = agent.market.hub
    done = pays(agent, "pm_card_visa")
    [intent] = stripe.intents.values()

    assert done["status"] == "completed"
    assert (intent["status"], intent["amount_capturable"]) == ("requires_capture", 1_500)

    [listed] = hub.run(list_orders, AskOrders(), actor=SYSTEM).items
    order = hub.run(read_order, AskOrder(order_id=listed.id), actor=SYSTEM)
    hub.run(
        ship_parcel,
        ShipParcel(fulfillment_id=order.fulfillments[0].id, carrier="post"),
        actor=SYSTEM,
    )
    while run_due(hub, KINDS):
        pass

    assert intent["status"] == "succeeded"


def test_a_card_that_is_declined_leaves_the_checkout_open(agent: Platform) -> None:
    said = pays(agent, "pm_card_chargeDeclined")

    assert said["status"] != "completed"
    assert "payment_failed" in {one["code"] for one in said["messages"]}


def test_who_must_confirm_herself_is_sent_to_a_page(agent: Platform) -> None:
    said = pays(agent, "pm_card_authenticationRequired")

    assert said["status"] == "requires_escalation"
    assert said["continue_url"].startswith("https://")


def test_a_handler_that_nobody_named_takes_nothing(agent: Platform, stripe: Stripe) -> None:
    said = pays(agent, "pm_card_visa", handler="mock_payment_handler")

    assert said["status"] != "completed"
    assert stripe.intents == {}


@pytest.mark.parametrize("provider", ["paypal", "credit", "test"])
def test_what_the_shop_cannot_take_is_not_declared(agent: Platform, provider: str) -> None:
    agent.market.set(PAYMENT_HANDLERS, [CARDS | {"provider": provider}])

    assert agent.market.hub.read(handlers_of) == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"config": {"key": "sk_live_1"}},
        {"config": {"key": "whsec_1"}},
        {"spec": "http://pay.example"},
        {"name": "stripe"},
        {"secret": "x"},
    ],
)
def test_what_nobody_may_see_or_follow_is_refused(market: Market, wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingInvalid):
        market.set(PAYMENT_HANDLERS, [CARDS | wrong])
