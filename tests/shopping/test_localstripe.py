"""Stripe's library against localstripe, a server of others that imitates Stripe's API.

It is under the GPL, so it runs as a process of its own and nothing of it is imported. What it lacks
(idempotency keys, lost answers, takings in parts, statements) is asked of our own double.
"""

import importlib.util
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from charsu.orders.payments import Authorized, Declined, Escalated, Taken
from charsu.orders.payments.through_stripe import Account, StripeProvider
from tests.shopping.test_stripe import asks, new_key

KEY = "sk_test_charsu"
VISA, DECLINED, CHALLENGED = "4242424242424242", "4000000000000341", "4000002500003155"
START_SECONDS = 30.0

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("localstripe") is None, reason="localstripe is not installed"
    ),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """localstripe on a free port of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("localstripe") / "log"
    command = [sys.executable, "-m", "localstripe", "--port", str(port), "--from-scratch"]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        _wait_for(port, process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(log.read_text())


@pytest.fixture
def provider(address: str) -> StripeProvider:
    return StripeProvider(Account(key=KEY, address=address))


def card(address: str, number: str) -> str:
    """A payment method, as Stripe's page would make it of a card."""
    fields = {"type": "card", "card[number]": number, "card[cvc]": "123"}
    fields |= {"card[exp_month]": "12", "card[exp_year]": "2040"}
    made = httpx.post(f"{address}/v1/payment_methods", data=fields, auth=(KEY, ""))
    return str(made.json()["id"])


def test_money_is_promised_taken_and_given_back(provider: StripeProvider, address: str) -> None:
    ask = asks(card(address, VISA))
    promise = provider.authorize(ask)
    assert isinstance(promise, Authorized)

    take = {"reference": promise.reference, "amount_minor": 2_500, "currency": "EUR"}
    back = take | {"amount_minor": 900}
    assert isinstance(provider.capture(key="c:1", **take), Taken)
    assert isinstance(provider.refund(key=new_key(), **back), Taken)
    provider.void(key=ask.key, reference=promise.reference)
    assert isinstance(provider.look_up(key=ask.key, reference=promise.reference), Authorized)


def test_what_is_not_taken_is_let_go(provider: StripeProvider, address: str) -> None:
    ask = asks(card(address, VISA))
    promise = provider.authorize(ask)
    assert isinstance(promise, Authorized)
    for _ in range(2):
        provider.void(key=ask.key, reference=promise.reference)
    assert isinstance(provider.look_up(key=ask.key, reference=promise.reference), Declined)


def test_a_card_is_declined_or_to_be_confirmed(provider: StripeProvider, address: str) -> None:
    refused = provider.authorize(asks(card(address, DECLINED)))
    challenged = provider.authorize(asks(card(address, CHALLENGED)))

    assert refused == Declined("card_declined")
    assert isinstance(challenged, Escalated)
