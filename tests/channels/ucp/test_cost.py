"""What a checkout asks of the database, in numbers that no neighbour on the machine can change."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from charsu.kernel import Tx
from charsu.kernel.lasting import TABLES
from charsu.orders import with_delivery
from charsu.shopping import reckoning

from .shopper import BUYER, PAID, Platform

pytestmark = pytest.mark.usefixtures("in_test_mode")

TABLE = re.compile(r"(?:(?<!DISTINCT )FROM|JOIN)\s+(\w+\.\w+)")
CALLS_MAX = 26  # statements of creating, updating and completing
PRICINGS = 4  # begun, changed, completed; and the order
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


def test_a_cart_is_priced_once_as_it_is(
    opened: Callable[[], Platform], monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = opened()
    buy(platform)
    priced: list[Any] = []

    def watched(tx: Tx, basket: Any, *rest: Any, **more: Any) -> Any:
        priced.append(basket)
        return with_delivery(tx, basket, *rest, **more)

    monkeypatch.setattr(reckoning, "with_delivery", watched)
    buy(platform)

    assert len(priced) == PRICINGS
    assert len(set(priced)) == 2  # as the lines of the cart, and as those of the order


def test_what_is_kept_from_one_checkout_to_the_next_is_read_of_lasting_data_only(
    opened: Callable[[], Platform], monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = opened()
    hub = platform.market.hub
    calls: list[str] = []
    unwatched = Tx.lasting_each

    def watched(tx: Tx, kind: Any, keys: Any, read: Callable[[Any], Any], **more: Any) -> Any:
        def seen(missing: Any) -> Any:
            before = tx._before_call
            tx._before_call = calls.append
            found = read(missing)
            tx._before_call = before
            return found

        return unwatched(tx, kind, keys, seen, **more)

    monkeypatch.setattr(Tx, "lasting_each", watched)
    buy(platform)

    with hub.reading() as tx:
        lasting = {row[0] for row in tx.all(TABLES)}
    read = {table for call in calls for table in TABLE.findall(call)}
    assert read
    assert read - lasting == set()
