"""A guest orders online and collects in the store; what the store cannot find is rescued."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from litestar.testing import TestClient

from charsu.assembly import chores
from charsu.kernel import Hub
from charsu.web.app import create_app
from tests.orders.store import later, problems
from tests.shop import Shop
from tests.stories.driver import Json, Person, somebody, staff

ANA = {"name": "Ana", "email": "ana@shop.example"}


class Street:
    """A shop with two stores, its staff, and a guest."""

    def __init__(self, hub: Hub, client: TestClient[Any]) -> None:
        self.shop = Shop(hub)
        self.shop.has("mug", 5, at="north")
        self.shop.has("mug", 5, at="south")
        self.shop.costs("mug", 1_000)
        north = self.shop.locations["north"]
        self.picker = staff(hub, client, "picker", at=north)
        self.cashier = staff(hub, client, "cashier", at=north)
        self.elsewhere = staff(hub, client, "picker", at=self.shop.locations["south"])
        self.manager = staff(hub, client, "manager")
        self.support = staff(hub, client, "support")
        self.guest = somebody(client)

    def orders(self, pieces: int, recipient: Json = ANA) -> Json:
        """The guest orders mugs for collecting in the north."""
        cart = self.guest.does(
            "/v1/carts", channel_id=str(self.shop.channels["web"]), country="RS"
        )["cart_id"]
        mug = self.shop.variants["mug"]
        self.guest.does(f"/v1/carts/{cart}/lines/{mug}", by="PUT", quantity=pieces)
        self.guest.does(
            f"/v1/carts/{cart}/delivery",
            by="PUT",
            kind="pickup",
            country="RS",
            location_id=str(self.shop.locations["north"]),
            recipient=recipient,
        )
        total = self.guest.asks(f"/v1/carts/{cart}")["totals"]["total_minor"]
        ordered = self.guest.does(f"/v1/carts/{cart}/order", expected_total_minor=total)
        return self.manager.asks(f"/v1/orders/{ordered['order_id']}")

    def told(self, order: str) -> list[str]:
        history = self.manager.asks(f"/v1/orders/{order}/history")["items"]
        return [entry["name"].removeprefix("orders.") for entry in history]


@pytest.fixture
def street(open_shop: Callable[..., Hub]) -> Iterator[Street]:
    hub = open_shop()
    with TestClient(create_app(hub), raise_server_exceptions=False) as client:
        street = Street(hub, client)
        yield street
        assert problems(street.shop) == []


def waiting_at(person: Person, location: UUID) -> Json:
    """The one thing that a location has to do."""
    (row,) = person.asks("/v1/fulfillments", location_id=str(location))["items"]
    return row


def test_ordered_online_and_collected_in_the_store(street: Street) -> None:
    order = street.orders(2)
    north = street.shop.locations["north"]
    seen = waiting_at(street.picker, north)
    assert (seen["number"], seen["step"], seen["pieces"]) == (order["number"], "asked", 2)
    task = f"/v1/fulfillments/{seen['fulfillment_id']}"
    assert street.elsewhere.is_refused(f"{task}/acceptance") == "forbidden"

    street.picker.does(f"{task}/acceptance")
    street.picker.does(f"{task}/picking")
    assert street.cashier.is_refused(f"{task}/hand-over") == "wrong_step"
    street.picker.does(f"{task}/ready")
    shown = street.manager.asks(f"{task}/pickup-code")  # what her message says
    assert street.cashier.is_refused(f"{task}/hand-over") == "proof_needed"
    assert not street.cashier.does(f"{task}/code-checks", code="NOT-IT")["is_right"]
    assert street.cashier.does(f"{task}/code-checks", code=shown["qr"])["is_right"]
    left = street.cashier.does(f"{task}/hand-over")["left_minor"]
    street.cashier.does(f"/v1/orders/{order['id']}/payments", amount_minor=left, method="cash")

    done = street.manager.asks(f"/v1/orders/{order['id']}")
    assert (done["state"], done["payment_state"]) == ("fulfilled", "paid")
    assert street.told(order["id"])[1:] == [
        "fulfillment_accepted",
        "goods_picked",
        "pickup_ready",
        "pickup_code_checked",
        "pickup_code_checked",
        "goods_handed_over",
        "order_paid",
    ]


def test_a_short_pick_is_rescued_before_the_trip(street: Street) -> None:
    """One of three mugs is found; the customer is asked, and collects the others elsewhere."""
    order = street.orders(3)
    north, south = street.shop.locations["north"], street.shop.locations["south"]
    first = waiting_at(street.picker, north)["fulfillment_id"]
    task = f"/v1/fulfillments/{first}"
    street.picker.does(f"{task}/acceptance")
    found = {"line_id": order["lines"][0]["id"], "quantity": 1}
    street.picker.does(f"{task}/picking", lines=[found])

    items = street.support.asks("/v1/order-exceptions")["items"]
    (one,) = [item for item in items if item["kind"] == "short"]
    assert (one["owner"], one["options"]["stores"]) == ("support", [str(south)])
    assert street.shop.stock("mug", at="north") == (
        1,
        1,
    )  # nobody else is promised what is not there
    choice = {"choice": "store", "location_id": str(south)}
    street.support.does(f"/v1/order-exceptions/{one['id']}/choice", **choice)
    assert (
        street.support.is_refused(f"/v1/order-exceptions/{one['id']}/choice", **choice)
        == "not_offered"
    )

    second = waiting_at(street.elsewhere, south)
    assert (second["kind"], second["pieces"]) == ("pickup", 2)
    other = f"/v1/fulfillments/{second['fulfillment_id']}"
    street.elsewhere.does(f"{other}/acceptance")
    street.elsewhere.does(f"{other}/picking")
    for path, picker in ((task, street.picker), (other, street.elsewhere)):
        picker.does(f"{path}/ready")
        picker.does(f"{path}/hand-over", proof="document")
    assert street.manager.asks(f"/v1/orders/{order['id']}")["state"] == "fulfilled"
    assert "lines_canceled" not in street.told(order["id"])


def test_what_nobody_has_is_paid_back_when_she_says_nothing(street: Street) -> None:
    order = street.orders(5)
    task = f"/v1/fulfillments/{order['fulfillments'][0]['id']}"
    paid = {"amount_minor": order["total_minor"], "method": "card"}
    street.cashier.does(f"/v1/orders/{order['id']}/payments", **paid)
    for_others = street.shop.order(street.shop.buys(mug=5))  # the south has none left
    street.shop.ships(for_others)
    street.picker.does(f"{task}/rejection", reason="not_found")

    later(street.shop, hours=25)

    done = street.manager.asks(f"/v1/orders/{order['id']}")
    assert (done["state"], done["payment_state"]) == ("canceled", "refunded")
    names = [name for name in street.told(order["id"]) if name != "exception_escalated"]
    assert names[2:] == [
        "fulfillment_rejected",
        "choice_offered",
        "choice_made",
        "lines_canceled",
        "money_refunded",
    ]


def test_the_worker_watches_the_time_by_itself() -> None:
    """Whoever runs a worker has these chores."""
    names = {one.name for one in chores()}
    assert {"orders.watch_steps", "orders.watch_exceptions"} <= names
