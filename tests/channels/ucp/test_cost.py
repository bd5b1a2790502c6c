"""What a checkout asks of the database, in numbers that no neighbour on the machine can change."""

from collections.abc import Callable

import pytest

from .shopper import BUYER, PAID, Platform

pytestmark = pytest.mark.usefixtures("in_test_mode")

CALLS_MAX = 95  # statements and savepoints of creating, updating and completing
TRANSACTIONS = 4  # one each, and one for what the provider answers


def buy(platform: Platform) -> None:
    wish = platform.body("mug", buyer=BUYER)
    checkout = platform.wants("mug", buyer=BUYER)
    path = f"/checkout-sessions/{checkout['id']}"
    ready = platform.asks("PUT", path, wish | {"fulfillment": platform.ships()}).json()
    assert ready["status"] == "ready_for_complete", ready
    done = platform.asks("POST", f"{path}/complete", PAID).json()
    assert done["status"] == "completed", done


def test_a_checkout_reads_once_what_it_needs(
    opened: Callable[[], Platform], monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = opened()
    buy(platform)  # profile and settings are looked at
    calls: list[str] = []
    monkeypatch.setattr(platform.market.hub.faults, "before_call", calls.append)

    buy(platform)

    assert sum("clock_timestamp() AS time" in call for call in calls) == TRANSACTIONS
    assert len(calls) <= CALLS_MAX, "\n".join(" ".join(call.split())[:80] for call in calls)
