"""Which of a customer's orders a linked platform may read: those that she let it, and no other."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from charsu.customers import (
    CustomerDraft,
    MergeCustomers,
    PutCustomer,
    merge_customers,
    put_customer,
)
from charsu.identity.reactions import join_guests_purchases
from charsu.kernel import SYSTEM, show_id
from charsu.kernel.log import deliver
from charsu.orders import BuyLine, PlaceOrder, Recipient, place_order
from tests.conformance.platform import AGENT, introduce, profile

from .browser import CHECKOUT, ISSUER, ORDERS, Browser, shops
from .shopper import BUYER, PAID, Platform

pytestmark = pytest.mark.slow

OTHER = "https://other.example/agent"
ABOUT = f'resource_metadata="{ISSUER}/.well-known/oauth-protected-resource"'


def linked(browser: Browser, *scopes: str) -> Platform:
    """The platform with a token for these scopes."""
    code = browser.agrees(scope=" ".join(scopes))["code"]
    return shops(browser, browser.takes(code)["access_token"])


def her(browser: Browser) -> UUID:
    with browser.market.hub.reading() as tx:
        found: UUID = tx.value(
            "SELECT customer_id FROM customers.identifiers WHERE value_key = 'ana@example.org'"
        )
    return found


def sells(browser: Browser, customer: UUID | None = None, *, email: str = "") -> str:
    """The shop itself sells a mug; what the order is called at the door."""
    market = browser.market
    ask = PlaceOrder(
        channel_id=market.channel,
        lines=(BuyLine(variant_id=market.variants["mug"], quantity=1),),
        country="US",
        customer_id=customer,
        recipient=Recipient(name="Ana", email=email, street="1 Main St", town="Springfield"),
    )
    return show_id("ord", market.hub.run(place_order, ask, actor=SYSTEM).order_id)


def buys(platform: Platform) -> str:
    checkout = platform.wants("mug", buyer=BUYER, fulfillment=platform.ships())
    done = platform.asks("POST", f"/checkout-sessions/{checkout['id']}/complete", PAID).json()
    return str(done["order"]["id"])


def reads(platform: Platform, order: str) -> Any:
    return platform.asks("GET", f"/orders/{order}")


def is_gone(answer: Any) -> bool:
    """Whether it is answered as if there were no such order."""
    found = answer.json()
    return answer.status_code == 200 and "not_found" in {one["code"] for one in found["messages"]}


def test_a_platform_that_may_read_her_orders_reads_those_of_the_shop(browser: Browser) -> None:
    platform = linked(browser, ORDERS)
    order = sells(browser, her(browser))

    shown = reads(platform, order).json()

    assert shown["id"] == order and shown["line_items"][0]["item"]["title"] == "Mug"
    assert shown["checkout_id"] == order, "there was no checkout of the platform"


def test_and_those_that_other_platforms_made_without_their_checkouts_names(
    browser: Browser,
) -> None:
    buyer = linked(browser, CHECKOUT)
    order = buys(buyer)
    introduce(browser.market.hub, OTHER, profile())
    with browser.market.hub.writing("test.other") as tx:  # the same link, of another platform
        tx.run("UPDATE identity.linked_platforms SET profile_url = %(url)s", url=OTHER)
        tx.run(
            "UPDATE identity.link_tokens SET scopes = %(scopes)s WHERE kind = 'access'",
            scopes=[ORDERS],
        )
    reader = Platform(browser.market, browser.client, url=OTHER, headers=buyer.headers)

    shown = reads(reader, order).json()

    assert shown["id"] == order and shown["checkout_id"] == order


def test_what_she_bought_as_a_guest_and_has_proved_is_hers(browser: Browser) -> None:
    order = sells(browser, email="ana@example.org")
    platform = linked(browser, ORDERS)
    before = reads(platform, order)
    with browser.market.hub.writing("test") as tx:
        while deliver(tx, join_guests_purchases):
            pass

    assert is_gone(before), "it was said, and not proved here"
    assert reads(platform, order).json()["id"] == order


def test_nothing_of_anybody_else_is_shown(browser: Browser) -> None:
    platform = linked(browser, ORDERS)
    strangers = sells(browser, email="mila@example.org")
    unknown = show_id("ord", uuid4())

    assert is_gone(reads(platform, strangers)) and is_gone(reads(platform, unknown))


def test_without_the_scope_no_order_is_told_of_whosever_it_is(browser: Browser) -> None:
    platform = linked(browser, CHECKOUT)
    hers, strangers = sells(browser, her(browser)), sells(browser)
    bought = buys(platform)

    for order in (hers, strangers, bought, show_id("ord", uuid4())):
        answer = reads(platform, order)
        assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
        told = f'Bearer realm="{ISSUER}", error="insufficient_scope", scope="{ORDERS}", {ABOUT}'
        assert answer.headers["www-authenticate"] == told


def test_what_it_bought_for_her_is_shown_with_her_token_only(browser: Browser) -> None:
    platform = linked(browser, CHECKOUT, ORDERS)
    order = buys(platform)

    without = reads(shops(browser, None), order)

    assert reads(platform, order).json()["id"] == order
    assert (without.status_code, without.json()["code"]) == (401, "identity_required")
    assert without.headers["www-authenticate"] == f'Bearer realm="{ISSUER}", {ABOUT}'


def test_what_it_bought_for_a_guest_is_its_own_to_read(browser: Browser) -> None:
    guest = shops(browser, None)
    order = buys(guest)
    introduce(browser.market.hub, OTHER, profile())
    other = Platform(browser.market, browser.client, url=OTHER)

    assert reads(guest, order).json()["id"] == order
    assert reads(linked(browser, ORDERS), order).json()["id"] == order
    assert is_gone(reads(other, order))


def test_when_she_ends_the_link_nothing_is_shown_any_more(browser: Browser) -> None:
    platform = linked(browser, ORDERS)
    order = sells(browser, her(browser))
    with browser.market.hub.writing("test.end") as tx:
        tx.run("UPDATE identity.links SET ended_at = %(now)s", now=tx.now)

    assert reads(platform, order).status_code == 401


def test_the_orders_of_who_was_merged_with_her_are_hers(browser: Browser) -> None:
    platform = linked(browser, ORDERS)
    mine = her(browser)
    draft = PutCustomer(customer=CustomerDraft(email="mila@example.org"))
    other = browser.market.hub.run(put_customer, draft, actor=SYSTEM).customer_id
    order = sells(browser, other)
    before = reads(platform, order)
    ask = MergeCustomers(survivor_id=other, absorbed_id=mine, reason="one person")
    browser.market.hub.run(merge_customers, ask, actor=SYSTEM)

    assert is_gone(before)
    assert reads(platform, order).json()["id"] == order


def test_over_mcp_the_same_is_shown(browser: Browser) -> None:
    platform = linked(browser, ORDERS)
    hers, strangers = sells(browser, her(browser)), sells(browser)

    def called(order: str, headers: dict[str, str]) -> Any:
        arguments = {"meta": {"ucp-agent": {"profile": AGENT}}, "id": order}
        params = {"name": "get_order", "arguments": arguments}
        message = {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params}
        answer = browser.client.post("/ucp/2026-04-08/mcp", json=message, headers=headers)
        return answer.json()["result"]["structuredContent"]

    assert called(hers, platform.headers)["id"] == hers
    assert called(strangers, platform.headers)["messages"][0]["code"] == "not_found"
    assert called(hers, {})["messages"][0]["code"] == "not_found"


@pytest.mark.parametrize("version", ["2026-04-08", "2026-08-25"])
def test_the_profile_says_what_a_token_is_needed_for(browser: Browser, version: str) -> None:
    about = browser.client.get(f"/.well-known/ucp/{version}").json()["ucp"]["capabilities"]

    [entry] = about["dev.ucp.common.identity_linking"]
    assert list(entry["config"]["scopes"]) == [ORDERS]
    assert entry["config"]["scopes"][ORDERS]["description"]["plain"]
