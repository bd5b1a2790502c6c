"""A customer sees her order and chooses herself what she wants instead; a stranger sees nothing."""

from typing import Any
from uuid import uuid4

from tests.identity.driver import work
from tests.stories.driver import Json, Person, somebody
from tests.stories.test_bring_back import ANA, Chain, chain

__all__ = ["chain"]


def falls_short(chain: Chain) -> Json:
    """Three mugs are ordered for the north, where one is found."""
    order = chain.orders(3)
    task = f"/v1/fulfillments/{order['fulfillments'][0]['id']}"
    chain.picker.does(f"{task}/acceptance")
    found = {"line_id": order["lines"][0]["id"], "quantity": 1}
    chain.picker.does(f"{task}/picking", lines=[found])
    return order


def answer_to(who: Person, method: str, path: str, body: Any = None) -> tuple[int, str]:
    """Status and code of a refusal, with nothing that could tell two apart."""
    given = who._client.request(method, path, json=body, headers=who._headers)
    return given.status_code, given.json()["code"]


def test_she_sees_her_order_and_chooses_another_store_herself(chain: Chain) -> None:
    chain.signs_in()
    order = falls_short(chain)
    seen = chain.guest.asks(f"/v1/me/orders/{order['id']}")
    (choice,) = seen["choices"]
    assert seen["order"]["number"] == order["number"]
    assert (choice["store_ids"], choice["otherwise"]) == ([str(chain.south)], "cancel")

    path = f"/v1/me/order-exceptions/{choice['exception_id']}/choice"
    chain.guest.does(path, choice="store", location_id=str(chain.south))
    after = chain.guest.asks(f"/v1/me/orders/{order['id']}")
    assert after["choices"] == []
    assert {one["location"] for one in after["order"]["fulfillments"]} == {"north", "south"}
    assert chain.guest.is_refused(path, choice="cancel") == "not_offered"


def test_what_she_bought_as_a_guest_is_hers_once_the_address_is(chain: Chain) -> None:
    order = falls_short(chain)
    path = f"/v1/me/orders/{order['id']}"
    assert answer_to(chain.guest, "GET", path)[0] == 401
    chain.signs_in()
    work(chain.shop.hub)
    (choice,) = chain.guest.asks(path)["choices"]
    chain.guest.does(f"/v1/me/order-exceptions/{choice['exception_id']}/choice", choice="cancel")
    assert chain.guest.asks(path)["order"]["lines"][0]["canceled"] == 2


def test_a_stranger_is_told_the_same_as_of_what_does_not_exist(chain: Chain) -> None:
    chain.signs_in()
    order = falls_short(chain)
    (choice,) = chain.guest.asks(f"/v1/me/orders/{order['id']}")["choices"]
    ana, chain.guest = chain.guest, somebody(chain.client)
    chain.signs_in("mila@shop.example")
    mila, says = chain.guest, {"choice": "cancel"}

    for real, fake, method, body in (
        (f"/v1/me/orders/{order['id']}", f"/v1/me/orders/{uuid4()}", "GET", None),
        (
            f"/v1/me/order-exceptions/{choice['exception_id']}/choice",
            f"/v1/me/order-exceptions/{uuid4()}/choice",
            "POST",
            says,
        ),
    ):
        assert answer_to(mila, method, real, body) == answer_to(mila, method, fake, body)
        assert answer_to(mila, method, real, body) == (404, "not_found")
        assert answer_to(somebody(chain.client), method, real, body)[0] == 401
        assert answer_to(chain.manager, method, real, body)[0] == 403
    assert len(ana.asks(f"/v1/me/orders/{order['id']}")["choices"]) == 1
    assert ANA["email"] not in str(ana.asks(f"/v1/me/orders/{order['id']}"))
