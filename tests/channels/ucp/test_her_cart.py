"""A linked platform fills a customer's own cart, and nothing that she or it wanted gets lost."""

import sys
import threading
from typing import Any

import pytest

from charsu.identity import RegisterPlatform, register_platform
from charsu.kernel import SYSTEM
from charsu.kernel.access import digest_of
from tests.conformance.platform import introduce, profile

from .browser import BACK, CART, CHECKOUT, ORDERS, SECRET, Browser, shops
from .shopper import BUYER, HOME, PAID, Platform

pytestmark = pytest.mark.slow

OTHER = "https://other.example/agent"


@pytest.fixture
def linked(browser: Browser) -> Platform:
    return shops(browser, browser.links()["access_token"])


def lines(session: dict[str, Any]) -> dict[str, int]:
    return {one["item"]["title"]: one["quantity"] for one in session["line_items"]}


@pytest.mark.parametrize("kind", ["carts", "checkout-sessions"])
def test_who_opens_again_gets_what_it_asks_for_beside_what_is_there(
    linked: Platform, kind: str
) -> None:
    first = linked.wants("mug", kind=kind, buyer=BUYER)

    again = linked.asks("POST", f"/{kind}", linked.body("cup"))

    assert again.status_code == 200 and again.json()["id"] == first["id"]
    assert lines(again.json()) == {"Mug": 1, "Cup": 1}
    assert lines(linked.asks("GET", f"/{kind}/{first['id']}").json()) == {"Mug": 1, "Cup": 1}


def test_what_is_named_again_has_the_quantity_that_was_said_last(linked: Platform) -> None:
    linked.wants("mug")
    more = {"line_items": [{"item": {"id": "mug"}, "quantity": 3}]}

    again = linked.asks("POST", "/checkout-sessions", more).json()

    assert lines(again) == {"Mug": 3}, "whichever of its names it is called by"


def test_what_the_second_does_not_speak_of_stays(linked: Platform) -> None:
    linked.wants("mug", buyer=BUYER, fulfillment=linked.ships(), discounts={"codes": ["10OFF"]})

    again = linked.asks("POST", "/checkout-sessions", linked.body("cup")).json()
    done = linked.asks("POST", f"/checkout-sessions/{again['id']}/complete", PAID).json()

    assert again["buyer"]["email"] == BUYER["email"]
    assert again["discounts"]["codes"] == ["10OFF"]
    chosen = again["fulfillment"]["methods"][0]
    assert chosen["selected_destination_id"] == HOME["id"]
    assert done["status"] == "completed" and lines(done) == {"Mug": 1, "Cup": 1}


def test_what_cannot_be_had_is_told_and_what_was_there_stays(linked: Platform) -> None:
    first = linked.wants("mug")
    unknown = {"line_items": [{"item": {"id": "nothing of this name"}, "quantity": 1}]}

    again = linked.asks("POST", "/checkout-sessions", unknown).json()

    assert again["id"] == first["id"] and lines(again) == {"Mug": 1}
    assert "item_unavailable" in {one["code"] for one in again["messages"]}


def test_a_checkout_that_ran_out_does_not_keep_her_cart(linked: Platform) -> None:
    hub = linked.market.hub
    first = linked.wants("mug")
    with hub.writing("test.end") as tx:
        tx.run("UPDATE ucp.sessions SET expires_at = %(now)s", now=tx.now)

    again = linked.asks("POST", "/checkout-sessions", linked.body("cup"))

    assert again.status_code == 201 and again.json()["id"] != first["id"]
    assert lines(again.json()) == {"Mug": 1, "Cup": 1}
    assert linked.asks("GET", f"/checkout-sessions/{first['id']}").json()["status"] == "canceled"


def test_while_it_is_being_paid_nothing_is_added_and_the_platform_is_told(
    linked: Platform,
) -> None:
    linked.wants("mug", buyer=BUYER, fulfillment=linked.ships())
    with linked.market.hub.writing("test.pay") as tx:
        tx.run("UPDATE ucp.sessions SET state = 'paying'")

    again = linked.asks("POST", "/checkout-sessions", linked.body("cup"))

    assert (again.status_code, again.json()["code"]) == (409, "session_closed")


def test_who_may_fill_her_cart_buys_nothing(browser: Browser) -> None:
    filler = shops(browser, browser.takes(browser.agrees(scope=CART)["code"])["access_token"])
    cart = filler.wants("mug", kind="carts")
    more = browser.told_code(browser.opens(browser.question(scope=CHECKOUT)))
    buyer = shops(browser, browser.takes(more)["access_token"])
    checkout = buyer.wants("cup", buyer=BUYER, fulfillment=buyer.ships())
    path = f"/checkout-sessions/{checkout['id']}"

    for answer in (
        filler.asks("POST", "/checkout-sessions", filler.body("mug")),
        filler.asks("POST", "/checkout-sessions", {"cart_id": cart["id"]} | filler.body("mug")),
        filler.asks("GET", path),
        filler.asks("PUT", path, filler.body("mug")),
        filler.asks("POST", f"{path}/complete", PAID),
        filler.asks("POST", f"{path}/cancel"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
        assert f'scope="{CHECKOUT}"' in answer.headers["www-authenticate"]
    assert lines(filler.asks("GET", f"/carts/{cart['id']}").json()) == {"Mug": 1, "Cup": 1}


def test_who_may_read_her_orders_does_not_touch_her_cart(browser: Browser) -> None:
    reader = shops(browser, browser.takes(browser.agrees(scope=ORDERS)["code"])["access_token"])

    answer = reader.asks("POST", "/carts", reader.body("mug"))

    assert answer.status_code == 403 and f'scope="{CART}"' in answer.headers["www-authenticate"]


def test_she_reads_what_is_allowed_once(browser: Browser) -> None:
    both = browser.signs_in(browser.question(scope=f"{CART} {CHECKOUT}"))
    one = browser.opens(browser.question(scope=CART))

    assert both.text.count("fill your cart") == 1 and "buy in your name" in both.text
    assert one.text.count("fill your cart") == 1 and "buy in your name" not in one.text


@pytest.fixture
def second(browser: Browser, linked: Platform) -> Platform:
    """Another platform that she lets act for her, after the first."""
    hub = browser.market.hub
    introduce(hub, OTHER, profile())
    ask = RegisterPlatform(
        name="Other", profile_url=OTHER, redirects=(BACK,), secret_digest=digest_of(SECRET).hex()
    )
    browser.name = str(hub.run(register_platform, ask, actor=SYSTEM).linked_platform_id)
    asked = browser.opens(browser.question())  # she is signed in still
    code = browser.told_code(asked)
    token = browser.takes(code)["access_token"]
    return Platform(
        browser.market, browser.client, url=OTHER, headers={"authorization": f"Bearer {token}"}
    )


@pytest.mark.parametrize("mine", ["carts", "checkout-sessions"])
@pytest.mark.parametrize("its", ["carts", "checkout-sessions"])
def test_two_platforms_do_not_have_her_cart_at_once(
    linked: Platform, second: Platform, mine: str, its: str
) -> None:
    first = linked.wants("mug", kind=mine)

    refused = second.asks("POST", f"/{its}", second.body("cup"))
    linked.asks("POST", f"/{mine}/{first['id']}/cancel")
    after = second.asks("POST", f"/{its}", second.body("cup"))

    assert (refused.status_code, refused.json()["code"]) == (409, "cart_elsewhere")
    assert after.status_code == 201


@pytest.mark.parametrize("kind", ["carts", "checkout-sessions"])
def test_what_is_in_her_cart_outlives_what_a_platform_gives_up(
    browser: Browser, linked: Platform, kind: str
) -> None:
    first = linked.wants("mug", kind=kind, buyer=BUYER)

    canceled = linked.asks("POST", f"/{kind}/{first['id']}/cancel")
    again = linked.asks("POST", f"/{kind}", linked.body("cup"))

    assert canceled.status_code == 200
    assert again.status_code == 201 and again.json()["id"] != first["id"]
    assert lines(again.json()) == {"Mug": 1, "Cup": 1}
    with browser.market.hub.reading() as tx:
        assert tx.value("SELECT count(*) FROM ucp.buyers") == 1, "of the second alone"


def test_a_guests_cart_is_given_up_with_its_checkout(browser: Browser) -> None:
    guest = shops(browser, None)
    first = guest.wants("mug", buyer=BUYER)

    guest.asks("POST", f"/checkout-sessions/{first['id']}/cancel")

    with browser.market.hub.reading() as tx:
        assert tx.value("SELECT state FROM shopping.carts") == "abandoned"


def test_another_platforms_checkout_that_ran_out_keeps_nobody_waiting(
    linked: Platform, second: Platform
) -> None:
    linked.wants("mug")
    with linked.market.hub.writing("test.end") as tx:
        tx.run("UPDATE ucp.sessions SET expires_at = %(now)s", now=tx.now)

    after = second.asks("POST", "/checkout-sessions", second.body("cup"))

    assert after.status_code == 201 and lines(after.json()) == {"Mug": 1, "Cup": 1}


def at_once(linked: Platform, first: dict[str, Any]) -> dict[str, int]:
    """What is in her cart when two come at the same moment, each for a thing of its own."""
    bodies, barrier = [linked.body(sku) for sku in ("mug", "cup")], threading.Barrier(2)

    def come(body: dict[str, Any]) -> None:
        barrier.wait()
        linked.asks("POST", "/checkout-sessions", body)

    threads = [threading.Thread(target=come, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return lines(linked.asks("GET", f"/checkout-sessions/{first['id']}").json())


def slowly(monkeypatch: pytest.MonkeyPatch, lock: str) -> None:
    """Lets everybody who has found her cart wait a little before going on."""
    room = sys.modules["charsu.channels.ucp.hers"]
    slow = room._USED_BY.replace("SELECT id", "SELECT pg_sleep(0.3), id")
    monkeypatch.setattr(room, "_USED_BY", slow.replace("FOR UPDATE", lock))


def test_two_that_come_at_once_fill_one_cart(
    linked: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = linked.wants("lamp-0")
    slowly(monkeypatch, "FOR UPDATE")

    assert at_once(linked, first) == {"Lamp 0": 1, "Mug": 1, "Cup": 1}


def test_without_the_locks_one_of_them_would_be_forgotten(
    linked: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = linked.wants("lamp-0")
    verb = sys.modules["charsu.shopping.operations.open_cart"]
    found = """
        SELECT id, revision FROM shopping.carts
        WHERE channel_id = %(channel)s AND owner_kind = %(owner_kind)s AND owner_id = %(owner)s
          AND state IN ('open', 'paying')
    """
    monkeypatch.setattr(verb, "_OPEN", found)
    slowly(monkeypatch, "")

    assert len(at_once(linked, first)) == 2
