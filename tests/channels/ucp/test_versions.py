"""Two versions of the protocol at one door, each platform answered in its own."""

from collections.abc import Callable
from typing import Any

import pytest

from charsu.channels.ucp.settings import PRIVACY_URL, VERSION
from charsu.kernel import SYSTEM, show_id
from charsu.stock import PutLocation, put_location
from tests.conformance.market import Market
from tests.conformance.platform import introduce, profile

from .shopper import BUYER, HOME, PAID, Platform

NEW, OLD = "2026-08-25", "2026-04-08"
LATER = "https://later.example/agent"


@pytest.fixture
def later(platform: Platform) -> Platform:
    """A platform that speaks the newer version."""
    introduce(platform.market.hub, LATER, profile(version=NEW))
    platform.url, platform.version = LATER, NEW
    return platform


def store(platform: Platform, name: str) -> str:
    with platform.market.hub.reading() as tx:
        return show_id("loc", tx.value("SELECT id FROM stock.locations WHERE code = %(n)s", n=name))


def test_the_profile_is_of_the_newest_version_and_leads_to_the_others(platform: Platform) -> None:
    newest = platform.client.get("/.well-known/ucp").json()
    pages = newest["ucp"]["supported_versions"]
    leaf = platform.client.get(pages[OLD].removeprefix("https://shop.example")).json()

    assert newest["ucp"]["version"] == NEW and newest["keys"]
    assert set(pages) == {OLD}
    assert leaf["ucp"]["version"] == OLD and leaf["signing_keys"]
    assert "supported_versions" not in leaf["ucp"]
    assert platform.client.get("/.well-known/ucp/2026-01-11").status_code == 422


def test_a_shop_may_stay_with_an_earlier_version(platform: Platform) -> None:
    platform.market.set(VERSION, OLD)

    body = platform.client.get("/.well-known/ucp").json()

    assert body["ucp"]["version"] == OLD and "supported_versions" not in body["ucp"]


@pytest.mark.parametrize("version", ["2026-01-23", "2099-01-01", "newest"])
def test_a_version_that_is_not_spoken_is_refused_older_or_newer(
    platform: Platform, version: str
) -> None:
    introduce(platform.market.hub, LATER, profile(version=version))
    platform.url = LATER

    answer = platform.asks("POST", "/carts", platform.body("mug"))

    assert (answer.status_code, answer.json()["code"]) == (422, "version_unsupported")
    assert OLD in answer.json()["content"] and NEW in answer.json()["content"]


def test_each_platform_is_answered_in_its_own_version(later: Platform) -> None:
    """Whichever endpoint it uses: its profile is what says what it understands."""
    body = later.body("mug", buyer=BUYER)
    new = later.asks("POST", "/checkout-sessions", body).json()
    later.version = OLD
    still_new = later.asks("POST", "/checkout-sessions", body).json()
    later.url = "https://spck.dev/agent"
    old = later.asks("POST", "/checkout-sessions", body).json()

    assert [one["ucp"]["version"] for one in (new, still_new, old)] == [NEW, NEW, OLD]
    assert {one["version"] for one in new["ucp"]["capabilities"]["dev.ucp.shopping.checkout"]} == {
        NEW
    }


def test_destinations_say_what_they_are_and_a_platform_buys(later: Platform) -> None:
    way = {
        "type": "shipping",
        "destinations": [HOME],
        "selected_destination_id": "home",
        "groups": [{"selected_option_id": "std"}],
    }
    checkout = later.wants("mug", buyer=BUYER, fulfillment={"methods": [way]})
    done = later.asks("POST", f"/checkout-sessions/{checkout['id']}/complete", PAID).json()
    order = later.asks("GET", f"/orders/{done['order']['id']}").json()

    shipping, pickup = checkout["fulfillment"]["methods"]
    assert {one["type"] for one in shipping["destinations"]} == {"shipping_address"}
    assert {one["type"] for one in pickup["destinations"]} == {"business_location"}
    assert "plain" in shipping["groups"][0]["options"][0]["description"]
    assert done["status"] == "completed" and order["ucp"]["version"] == NEW


def consent_in(body: dict[str, Any]) -> dict[str, tuple[bool, str]]:
    said = body["buyer"]["consent"]
    assert all(one["description"] and one["links"] for one in said.values())
    return {name.rpartition(".")[2]: (one["granted"], one["source"]) for name, one in said.items()}


def test_consent_is_asked_for_and_what_the_buyer_said_is_kept(later: Platform) -> None:
    later.market.set(PRIVACY_URL, "https://shop.example/privacy")
    asked = later.wants("mug", buyer=BUYER)
    said = {
        "dev.ucp.consent.marketing": {"granted": True, "source": "platform"},
        "dev.ucp.consent.analytics": {"granted": True, "source": "business"},
        "com.example.games": {"granted": True, "source": "platform"},
    }
    told = later.wants("mug", buyer={**BUYER, "consent": said})

    assert set(consent_in(asked).values()) == {(False, "business")}
    assert consent_in(told) == {
        "marketing": (True, "platform"),
        "analytics": (False, "business"),
        "preferences": (False, "business"),
        "sale_or_sharing": (False, "business"),
    }


def ways(body: dict[str, Any]) -> dict[str, Any]:
    return {
        one["type"]: one for one in body["products"][0]["variants"][0]["fulfillment"]["methods"]
    }


def test_the_catalog_says_whether_goods_lie_in_the_store_that_is_thought_of(
    later: Platform,
) -> None:
    south = store(later, "south")
    asked = {"ids": ["cup"], "context": {"location": south}}

    there = ways(later.asks("POST", "/catalog/lookup", asked).json())
    anywhere = ways(later.asks("POST", "/catalog/lookup", {"ids": ["cup"]}).json())

    assert there["pickup"]["location"] == south
    assert not there["pickup"]["availability"]["available"]
    assert there["shipping"]["availability"]["available"]
    assert anywhere["pickup"]["availability"]["available"] and "location" not in anywhere["pickup"]


def test_the_store_that_is_thought_of_is_named_first(later: Platform) -> None:
    """A hint: one that means nothing here changes nothing."""

    def first(**context: str) -> str:
        checkout = later.wants("mug", buyer=BUYER, context=context)
        methods = {one["type"]: one for one in checkout["fulfillment"]["methods"]}
        return str(methods["pickup"]["destinations"][0]["name"])

    named = [first(location=store(later, name)) for name in ("south", "north")]

    assert named == ["Store south", "Store north"]
    assert first(location="loc_nowhere") == first(location="") == first()


@pytest.mark.parametrize("is_handed_out", [True, False])
def test_what_no_store_sends_is_not_offered_to_be_sent(
    later: Platform, is_handed_out: bool
) -> None:
    only = PutLocation(
        code="north",
        name="Store north",
        kind="store",
        country="US",
        town="Springfield",
        time_zone="America/Chicago",
        offers_pickup=is_handed_out,
        ships=False,
    )
    later.market.hub.run(put_location, only, actor=SYSTEM)

    found = later.asks("POST", "/catalog/lookup", {"ids": ["cup"]}).json()
    checkout = later.asks("POST", "/checkout-sessions", later.body("cup", buyer=BUYER)).json()

    assert found["products"][0]["variants"][0]["availability"]["available"] is is_handed_out
    assert not ways(found)["shipping"]["availability"]["available"]
    assert ways(found)["pickup"]["availability"]["available"] is is_handed_out
    assert "out_of_stock" in {one["code"] for one in checkout["messages"]}


def test_only_what_can_be_picked_up_there_is_found(later: Platform) -> None:
    filters = {"fulfills_to": {"location": store(later, "south")}}

    mug, cup = (
        later.asks("POST", "/catalog/search", {"query": what, "filters": filters}).json()
        for what in ("mug", "cup")
    )

    assert mug["products"] and not cup["products"]


def test_a_store_that_is_none_leaves_the_checkout_as_it_was(later: Platform) -> None:
    checkout = later.wants("mug", buyer=BUYER)
    way = {"type": "pickup", "selected_destination_id": "loc_nowhere"}
    body = later.body("cup", fulfillment={"methods": [way]})
    changed = later.asks("PUT", f"/checkout-sessions/{checkout['id']}", body).json()

    [refused] = [one for one in changed["messages"] if one["code"] == "invalid"]
    assert refused["severity"] == "recoverable"
    assert refused["path"] == "$.fulfillment.methods[0].selected_destination_id"
    assert [one["item"]["title"] for one in changed["line_items"]] == ["Mug"]


def test_the_tools_of_a_version_are_listed_at_its_endpoint(
    market: Market, opened: Callable[[], Platform]
) -> None:
    platform = opened()
    listed = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}

    new, old = (
        platform.client.post(f"/ucp/{version}/mcp", json=listed).json()["result"]["tools"]
        for version in (NEW, OLD)
    )

    assert [one["name"] for one in new] == [one["name"] for one in old]
    assert NEW in str(new[0]["outputSchema"]) and OLD in str(old[0]["outputSchema"])
