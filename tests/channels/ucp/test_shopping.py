"""What a platform can do here, over HTTP."""

from itertools import permutations
from typing import Any

from charsu.channels.ucp.checks import CHECKS
from charsu.kernel import SYSTEM
from charsu.kernel.check import run_checks
from charsu.orders import PutDeliveryMethod, Rate, Zone, put_delivery_method
from charsu.shopping.checks import CHECKS as CART_CHECKS
from charsu.stock import on_offer, pieces_by_variant
from tests.conformance.platform import introduce, profile

from .shopper import BUYER, PAID, Platform


def totals(body: dict[str, Any]) -> dict[str, int]:
    return {one["type"]: one["amount"] for one in body["totals"]}


def codes(body: dict[str, Any]) -> set[str]:
    return {one["code"] for one in body.get("messages", ())}


def test_a_platform_buys_and_sees_the_order(platform: Platform) -> None:
    checkout = platform.wants("mug", "cup", buyer=BUYER, fulfillment=platform.ships())

    done = platform.asks("POST", f"/checkout-sessions/{checkout['id']}/complete", PAID).json()
    order = platform.asks("GET", f"/orders/{done['order']['id']}").json()

    assert checkout["status"] == "ready_for_complete"
    assert totals(checkout) == {"subtotal": 2_300, "fulfillment": 500, "total": 2_800}
    assert done["status"] == "completed" and totals(done) == totals(checkout)
    assert order["checkout_id"] == checkout["id"] and totals(order) == totals(checkout)
    assert [one["id"] for one in order["line_items"]] == [
        one["id"] for one in checkout["line_items"]
    ]
    assert order["fulfillment"]["expectations"][0]["destination"]["address_locality"] == (
        "Springfield"
    )
    with platform.market.hub.pool.connection() as connection:
        verdicts = run_checks(connection, [*CHECKS, *CART_CHECKS])
    assert not [verdict for verdict in verdicts if not verdict.is_clean]


def test_lines_stay_in_the_order_in_which_they_were_asked_for(platform: Platform) -> None:
    for wanted in permutations(("mug", "cup", "lamp-1")):
        checkout = platform.wants(*wanted, buyer=BUYER, fulfillment=platform.ships())
        items = [one["item"]["id"] for one in checkout["line_items"]]

        assert items == [platform.market.item(sku) for sku in wanted]


def test_goods_are_picked_up_in_a_store_like_anywhere(platform: Platform) -> None:
    checkout = platform.wants("mug", buyer=BUYER)
    pickup = checkout["fulfillment"]["methods"][1]
    chosen = {
        "id": pickup["id"],
        "type": "pickup",
        "line_item_ids": [one["id"] for one in checkout["line_items"]],
        "selected_destination_id": pickup["destinations"][0]["id"],
    }

    body = platform.body("mug", buyer=BUYER, fulfillment={"methods": [chosen]})
    updated = platform.asks("PUT", f"/checkout-sessions/{checkout['id']}", body).json()
    done = platform.asks("POST", f"/checkout-sessions/{checkout['id']}/complete", PAID).json()
    order = platform.asks("GET", f"/orders/{done['order']['id']}").json()

    assert [one["name"] for one in pickup["destinations"]] == ["Store north", "Store south"]
    assert updated["status"] == "ready_for_complete"
    assert totals(updated) == {"subtotal": 1_000, "fulfillment": 0, "total": 1_000}
    [expected] = order["fulfillment"]["expectations"]
    assert (expected["method_type"], expected["description"]) == ("pickup", "Store north")


def test_what_a_way_of_delivery_costs_is_asked_of_the_postal_code(platform: Platform) -> None:
    near = Zone(postcodes=("627",), rates=(Rate(currency="USD", amount_minor=100),))
    courier = PutDeliveryMethod(
        code="bike",
        titles={"en": "Courier"},
        kind="ship",
        rates=(Rate(currency="USD", amount_minor=900),),
        zones=(near,),
    )
    platform.market.hub.run(put_delivery_method, courier, actor=SYSTEM)

    checkout = platform.wants("mug", buyer=BUYER, fulfillment=platform.ships("bike"))

    assert checkout["status"] == "ready_for_complete"
    assert totals(checkout) == {"subtotal": 1_000, "fulfillment": 100, "total": 1_100}


def test_the_buyer_is_spoken_to_in_her_language(platform: Platform) -> None:
    checkout = platform.wants("mug", context={"language": "pl", "address_country": "US"})

    said = {one["content"] for one in checkout["messages"]}
    assert "Zostaw adres e-mail lub numer telefonu." in said


def test_a_pick_up_without_a_store_asks_for_one(platform: Platform) -> None:
    method = {"type": "pickup"}
    checkout = platform.wants("mug", buyer=BUYER, fulfillment={"methods": [method]})

    assert checkout["status"] == "incomplete"
    assert checkout["fulfillment"]["methods"][0]["type"] == "pickup"
    [message] = [one for one in checkout["messages"] if one["code"] == "missing"][:1]
    assert message["path"].endswith("selected_destination_id")


def some_sent(platform: Platform, store: str | None) -> dict[str, Any]:
    """A checkout of a mug that is sent and a cup that is picked up."""
    checkout = platform.wants("mug", "cup", buyer=BUYER)
    mug, cup = (one["id"] for one in checkout["line_items"])
    [ship] = platform.ships()["methods"]
    methods = [
        {**ship, "line_item_ids": [mug]},
        {"type": "pickup", "line_item_ids": [cup], "selected_destination_id": store},
    ]
    body = platform.body("mug", "cup", buyer=BUYER, fulfillment={"methods": methods})
    return dict(platform.asks("PUT", f"/checkout-sessions/{checkout['id']}", body).json())


def test_some_goods_are_sent_and_others_picked_up(platform: Platform) -> None:
    stores = platform.wants("cup")["fulfillment"]["methods"][1]["destinations"]
    checkout = some_sent(platform, stores[0]["id"])
    done = platform.asks("POST", f"/checkout-sessions/{checkout['id']}/complete", PAID).json()
    order = platform.asks("GET", f"/orders/{done['order']['id']}").json()

    shipping, pickup = checkout["fulfillment"]["methods"]
    mug, cup = (one["id"] for one in checkout["line_items"])
    assert (shipping["type"], shipping["line_item_ids"]) == ("shipping", [mug])
    assert (pickup["type"], pickup["line_item_ids"]) == ("pickup", [cup])
    assert pickup["selected_destination_id"] == stores[0]["id"]
    assert shipping["groups"][0]["selected_option_id"] == "std"
    assert checkout["status"] == "ready_for_complete"
    assert totals(checkout) == {"subtotal": 2_300, "fulfillment": 500, "total": 2_800}
    assert done["status"] == "completed"
    ways = {
        one["method_type"]: [line["id"] for line in one["line_items"]]
        for one in order["fulfillment"]["expectations"]
    }
    assert ways == {"shipping": [mug], "pickup": [cup]}


def test_goods_that_are_picked_up_nowhere_yet_are_not_ordered(platform: Platform) -> None:
    checkout = some_sent(platform, None)
    done = platform.asks("POST", f"/checkout-sessions/{checkout['id']}/complete", PAID).json()

    [message] = [one for one in checkout["messages"] if one["code"] == "missing"]
    assert message["path"] == "$.fulfillment.methods[1].selected_destination_id"
    assert checkout["status"] == done["status"] == "incomplete"
    assert [one["line_item_ids"] for one in checkout["fulfillment"]["methods"]] == [
        [one["id"]] for one in checkout["line_items"]
    ]


def test_goods_do_not_go_to_two_addresses(platform: Platform) -> None:
    checkout = platform.wants("mug", "cup", buyer=BUYER)
    [ship] = platform.ships()["methods"]
    methods = [{**ship, "line_item_ids": [one["id"]]} for one in checkout["line_items"]]
    body = platform.body("mug", "cup", buyer=BUYER, fulfillment={"methods": methods})
    changed = platform.asks("PUT", f"/checkout-sessions/{checkout['id']}", body).json()
    path = f"/checkout-sessions/{checkout['id']}/complete"
    twice = [platform.asks("POST", path, PAID).json()["status"] for _ in range(2)]

    assert "unsupported_combination" in codes(changed)
    assert changed["status"] == "incomplete"
    assert twice == ["incomplete", "incomplete"]


def test_what_is_sold_out_is_left_out_and_named(platform: Platform) -> None:
    checkout = platform.wants("mug", "vase")
    nothing = platform.asks("POST", "/checkout-sessions", platform.body("vase"))

    assert [one["item"]["title"] for one in checkout["line_items"]] == ["Mug"]
    assert "out_of_stock" in codes(checkout)
    assert nothing.status_code == 200
    assert nothing.json()["ucp"]["status"] == "error" and "id" not in nothing.json()


def test_a_code_that_does_not_count_is_told_where_it_stands(platform: Platform) -> None:
    said = ["NOPE", "10OFF", "10off"]
    checkout = platform.wants("mug", buyer=BUYER, discounts={"codes": said})

    warnings = {one["code"]: one["path"] for one in checkout["messages"] if "path" in one}
    applied = checkout["discounts"]["applied"]
    assert warnings["discount_code_invalid"] == "$.discounts.codes[0]"
    assert warnings["discount_code_already_applied"] == "$.discounts.codes[2]"
    assert [(one["code"], one["amount"]) for one in applied] == [("10OFF", 100)]


def test_a_payment_that_is_declined_leaves_the_checkout_open(platform: Platform) -> None:
    checkout = platform.wants("mug", buyer=BUYER, fulfillment=platform.ships())
    no = {"payment": {"instruments": [{"credential": {"type": "token", "token": "fail_token"}}]}}

    refused = platform.asks("POST", f"/checkout-sessions/{checkout['id']}/complete", no).json()
    done = platform.asks("POST", f"/checkout-sessions/{checkout['id']}/complete", PAID).json()

    assert refused["status"] == "ready_for_complete" and codes(refused) == {"payment_failed"}
    assert done["status"] == "completed"


def test_the_same_key_makes_one_checkout_and_another_body_is_refused(platform: Platform) -> None:
    body, key = platform.body("mug"), {"idempotency-key": "one-and-the-same-key"}
    first, again = (platform.asks("POST", "/checkout-sessions", body, **key) for _ in range(2))
    other = platform.asks("POST", "/checkout-sessions", platform.body("cup"), **key)

    assert first.json()["id"] == again.json()["id"]
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 409)


def test_another_platform_finds_nothing(platform: Platform) -> None:
    checkout = platform.wants("mug", buyer=BUYER, fulfillment=platform.ships())
    done = platform.asks("POST", f"/checkout-sessions/{checkout['id']}/complete", PAID).json()
    introduce(platform.market.hub, "https://other.example/agent", profile())
    platform.url = "https://other.example/agent"

    for path in (f"/checkout-sessions/{checkout['id']}", f"/orders/{done['order']['id']}"):
        answer = platform.asks("GET", path).json()
        assert codes(answer) == {"not_found"} and "id" not in answer
    body = platform.body("cup")
    changed = platform.asks("PUT", f"/checkout-sessions/{checkout['id']}", body).json()
    assert codes(changed) == {"not_found"}


def test_what_the_buyer_agreed_to_is_handed_on_with_the_order(platform: Platform) -> None:
    buyer = {**BUYER, "consent": {"marketing": True, "sale_of_data": False}}
    checkout = platform.wants("mug", buyer=buyer, fulfillment=platform.ships())
    platform.asks("POST", f"/checkout-sessions/{checkout['id']}/complete", PAID)

    with platform.market.hub.reading() as tx:
        told = tx.value(
            "SELECT body FROM kernel.facts WHERE name = 'channels.ucp_session_completed'"
        )
    assert (told["agreed_to"], told["declined"]) == (["marketing"], ["sale_of_data"])


def test_nothing_personal_is_left_when_a_checkout_is_over(platform: Platform) -> None:
    first = platform.wants("mug", buyer=BUYER, fulfillment=platform.ships())
    second = platform.wants("mug", buyer=BUYER, fulfillment=platform.ships())
    platform.asks("POST", f"/checkout-sessions/{first['id']}/complete", PAID)
    platform.asks("POST", f"/checkout-sessions/{second['id']}/cancel")

    with platform.market.hub.reading() as tx:
        kept = tx.value(
            """
            SELECT (SELECT count(*) FROM ucp.buyers)
                 + (SELECT count(*) FROM kernel.effects WHERE answer LIKE %(name)s)
                 + (SELECT count(*) FROM kernel.facts WHERE body::text LIKE %(name)s)
            """,
            name="%ana@%",
        )
    assert kept == 0


def test_consent_is_kept_and_shown(platform: Platform) -> None:
    buyer = BUYER | {"consent": {"marketing": True, "analytics": False}}
    checkout = platform.wants("mug", buyer=buyer)

    assert checkout["buyer"]["consent"] == {"marketing": True, "analytics": False}


def test_a_checkout_of_a_cart_that_has_sold_out_meanwhile_says_so(platform: Platform) -> None:
    cart = platform.wants("mug", kind="carts")
    hub, mug = platform.market.hub, platform.market.variants["mug"]
    with hub.reading() as tx:
        there = pieces_by_variant(on_offer(tx, [mug], channel=platform.market.channel))[mug]
    body = platform.body("mug", buyer=BUYER, fulfillment=platform.ships())
    body["line_items"][0]["quantity"] = there
    other = platform.asks("POST", "/checkout-sessions", body).json()
    platform.asks("POST", f"/checkout-sessions/{other['id']}/complete", PAID)

    answer = platform.asks("POST", "/checkout-sessions", {"cart_id": cart["id"], "line_items": []})

    assert answer.status_code == 200
    assert answer.json()["ucp"]["status"] == "error"
    assert "out_of_stock" in codes(answer.json())
