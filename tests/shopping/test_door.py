"""A cart over HTTP: revisions as entity tags, twice the same request, nobody else's cart."""

from collections.abc import Iterator
from typing import Any

import pytest
from litestar.testing import TestClient

from charsu.kernel.access import new_token
from charsu.web.app import create_app
from tests.shop import Shop


@pytest.fixture
def door(shop: Shop) -> Iterator[TestClient[Any]]:
    with TestClient(create_app(shop.hub)) as client:
        yield client


def somebody() -> dict[str, str]:
    return {"X-Charsu-Guest": new_token("guest")}


def opened(door: TestClient[Any], shop: Shop, who: dict[str, str]) -> str:
    """The address of this guest's cart."""
    ask = {"channel_id": str(shop.channel()), "country": "RS"}
    answer = door.post("/v1/carts", json=ask, headers=who)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


def test_a_cart_is_made_once_and_found_again_after(door: TestClient[Any], shop: Shop) -> None:
    ask, anna = {"channel_id": str(shop.channel())}, somebody()
    made, found = (door.post("/v1/carts", json=ask, headers=anna) for _ in range(2))

    assert (made.status_code, found.status_code) == (201, 200)
    assert made.headers["location"] == found.headers["location"]
    said = door.get("/openapi.json").json()["paths"]["/v1/carts"]["post"]["responses"]
    assert {"200", "201"} <= said.keys()


def test_a_guest_shops_from_the_first_line_to_the_order(door: TestClient[Any], shop: Shop) -> None:
    anna = somebody()
    cart = opened(door, shop, anna)
    mug = f"{cart}/lines/{shop.variants['mug']}"
    delivery = {
        "kind": "ship",
        "country": "RS",
        "delivery_method": "post",
        "recipient": {"name": "Anna", "phone": "1", "street": "Nova 1", "town": "Beograd"},
    }

    door.put(mug, json={"quantity": 2}, headers=anna)
    door.put(f"{cart}/delivery", json=delivery, headers=anna)
    held = door.post(f"{cart}/hold", json={}, headers=anna)
    seen = door.get(cart, headers=anna)

    assert held.json()["total_minor"] == 2_500
    assert seen.json()["blocks"] == []
    assert seen.headers["etag"] == '"4"'
    order = {"expected_total_minor": 2_500}
    first, again = (door.post(f"{cart}/order", json=order, headers=anna) for _ in range(2))
    assert first.status_code == 200, first.text
    assert first.json() == again.json()
    assert door.get(cart, headers=anna).json()["order_id"] == first.json()["order_id"]


def test_a_change_of_an_older_revision_is_refused_as_failed_precondition(
    door: TestClient[Any], shop: Shop
) -> None:
    anna = somebody()
    mug = f"{opened(door, shop, anna)}/lines/{shop.variants['mug']}"

    answers = [
        door.put(mug, json={"quantity": 2}, headers={**anna, "If-Match": '"1"'}) for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [200, 412]
    assert answers[0].headers["etag"] == '"2"'
    assert answers[1].json()["code"] == "stale"


def test_another_guest_finds_no_such_cart(door: TestClient[Any], shop: Shop) -> None:
    cart = opened(door, shop, somebody())

    answers = [
        door.get(cart, headers=somebody()),
        door.get(f"{cart}/recipient", headers=somebody()),
        door.post(f"{cart}/hold", json={}, headers=somebody()),
        door.delete(f"{cart}/hold", headers=somebody()),
    ]

    assert {answer.status_code for answer in answers} == {404}


def test_what_blocks_a_cart_can_be_read_by_machines(door: TestClient[Any], shop: Shop) -> None:
    anna = somebody()
    cart = opened(door, shop, anna)
    door.put(f"{cart}/lines/{shop.variants['mug']}", json={"quantity": 11}, headers=anna)

    blocks = {block["code"]: block for block in door.get(cart, headers=anna).json()["blocks"]}

    assert blocks["not_enough_stock"]["data"]["short"] == [
        {
            "variant_id": str(shop.variants["mug"]),
            "sku": "mug",
            "wanted": 11,
            "available": 10,
        }
    ]
    assert set(blocks) > {"delivery_needed", "recipient_needed", "contact_needed"}
