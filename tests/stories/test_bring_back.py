"""Bought online, and not kept: brought back in another store, or sent in part and paid back."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient

from charsu.identity import Message
from charsu.kernel import Hub
from charsu.kernel.access import digest_of, new_token
from charsu.web.app import create_app
from tests.identity.driver import code_in, work
from tests.orders.store import problems
from tests.stories.driver import Json, Person, staff
from tests.stories.test_pick_up import ANA, Street


class Chain(Street):
    """The same street with a till in the other store, and a customer who may sign in."""

    def __init__(self, hub: Hub, client: TestClient[Any], outbox: Path) -> None:
        super().__init__(hub, client)
        self.client, self.outbox = client, outbox
        self.south = self.shop.locations["south"]
        self.other_till = staff(hub, client, "cashier", at=self.south)

    def signs_in(self, email: str = ANA["email"]) -> str:
        """The guest shows that her address is hers; her id as a customer."""
        begun = self.guest.does("/v1/sign-ins", email=email)
        work(self.shop.hub)
        file = self.outbox / f"{begun['challenge_id']}.json"
        code = code_in(msgspec.json.decode(file.read_bytes(), type=Message))
        token = new_token("customer")
        shown = {"code": code, "token_digest": digest_of(token).hex(), "device": "her phone"}
        came = self.guest.does(f"/v1/sign-ins/{begun['challenge_id']}/code", **shown)
        self.guest = Person(self.client, {"Authorization": f"Bearer {token}"})
        return str(came["customer_id"])

    def collects(self, pieces: int, *, method: str = "card") -> Json:
        """Ordered online, paid at the counter in the north and taken along."""
        order = self.orders(pieces)
        task = f"/v1/fulfillments/{order['fulfillments'][0]['id']}"
        for step in ("acceptance", "picking", "ready"):
            self.picker.does(f"{task}/{step}")
        self.cashier.does(
            f"/v1/orders/{order['id']}/payments", amount_minor=order["total_minor"], method=method
        )
        self.cashier.does(f"{task}/hand-over", proof="document")
        return order

    def finds(self, text: str) -> Json:
        """What may come back, found from what she says in the other store."""
        (found,) = self.other_till.asks(f"/v1/locations/{self.south}/returnable", text=text)[
            "items"
        ]
        return found

    def takes_back(self, found: Json, pieces: int) -> Json:
        line = {"line_id": found["lines"][0]["line_id"], "quantity": pieces}
        return self.other_till.does(
            f"/v1/orders/{found['id']}/returns",
            location_id=str(self.south),
            lines=[line],
            reason="too_small",
        )

    def gives_back(self, order: str, back: Json, *, to: str = "original") -> Json:
        return self.other_till.does(
            f"/v1/orders/{order}/refunds",
            goods_minor=back["refund_minor"],
            return_id=back["return_id"],
            reason="returned",
            to=to,
        )


@pytest.fixture
def chain(
    open_shop: Callable[..., Hub], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Chain]:
    monkeypatch.setenv("CHARSU_OUTBOX", str(tmp_path))
    hub = open_shop()
    with TestClient(create_app(hub), raise_server_exceptions=False) as client:
        chain = Chain(hub, client, tmp_path)
        yield chain
        assert problems(chain.shop) == []


@pytest.mark.parametrize("by", ["receipt", "e-mail"])
def test_bought_online_collected_in_one_store_and_brought_back_in_another(
    chain: Chain, by: str
) -> None:
    order = chain.collects(2)
    found = chain.finds(str(order["number"]) if by == "receipt" else ANA["email"])
    assert (found["id"], found["lines"][0]["pieces"]) == (order["id"], 2)

    back = chain.takes_back(found, 1)
    chain.gives_back(order["id"], back)

    done = chain.manager.asks(f"/v1/orders/{order['id']}")
    (payment,), (refund,) = done["payments"], done["refunds"]
    assert (back["refund_minor"], done["payment_state"]) == (1_000, "partly_refunded")
    assert (refund["payment_id"], payment["refunded_minor"]) == (payment["id"], 1_000)
    assert done["returns"][0]["location"] == "south"
    assert chain.shop.stock("mug", at="south") == (6, 0)
    assert chain.told(order["id"])[-2:] == ["goods_returned", "money_refunded"]
    again = {"lines": [{"line_id": found["lines"][0]["line_id"], "quantity": 2}]}
    path = f"/v1/orders/{order['id']}/returns"
    south = {"location_id": str(chain.south), "reason": "too_small"}
    assert chain.other_till.is_refused(path, **again, **south) == "too_many_pieces"


def test_brought_back_as_store_credit_that_she_spends_at_the_till(chain: Chain) -> None:
    ana = chain.signs_in()
    order = chain.collects(2)
    back = chain.takes_back(chain.finds(ANA["email"]), 2)
    chain.gives_back(order["id"], back, to="credit")
    (credit,) = chain.support.asks(f"/v1/customers/{ana}/credit")["items"]
    assert credit["balance_minor"] == 2_000

    again = chain.collects(1, method="credit")
    (credit,) = chain.support.asks(f"/v1/customers/{ana}/credit")["items"]
    assert credit["balance_minor"] == 1_000
    assert chain.manager.asks(f"/v1/orders/{again['id']}")["payment_state"] == "paid"


def test_brought_back_and_exchanged_for_another_where_she_stands(chain: Chain) -> None:
    order = chain.collects(1)
    found = chain.finds(ANA["email"])
    done = chain.other_till.does(
        f"/v1/orders/{order['id']}/exchanges",
        location_id=str(chain.south),
        lines=[{"line_id": found["lines"][0]["line_id"], "quantity": 1}],
        takes=[{"variant_id": str(chain.shop.variants["mug"]), "quantity": 1}],
        reason="scratched",
        expected_difference_minor=0,
    )

    assert (done["left_minor"], done["new_state"]) == (0, "fulfilled")
    assert chain.finds(ANA["email"])["id"] == done["new_order_id"]
    assert chain.told(order["id"])[-3:] == ["goods_returned", "money_carried", "goods_exchanged"]


def test_a_part_is_sent_the_rest_is_canceled_and_what_was_paid_for_it_goes_back(
    chain: Chain,
) -> None:
    """Three mugs by post: one leaves, one is canceled and paid back, the last one follows."""
    order = chain.manager.does(
        "/v1/orders",
        channel_id=str(chain.shop.channels["web"]),
        country="RS",
        lines=[{"variant_id": str(chain.shop.variants["mug"]), "quantity": 3}],
        recipient=ANA,
    )
    path = f"/v1/orders/{order['order_id']}"
    chain.manager.does(f"{path}/payments", amount_minor=3_000, method="card")
    seen = chain.manager.asks(path)
    task = f"/v1/fulfillments/{seen['fulfillments'][0]['id']}/shipments"
    one = [{"line_id": seen["lines"][0]["id"], "quantity": 1}]
    chain.manager.does(task, carrier="post", lines=one)
    canceled = chain.support.does(f"{path}/cancellations", reason="changed_mind", lines=one)
    owed = canceled["to_refund_minor"]
    chain.support.does(f"{path}/refunds", goods_minor=owed, reason="canceled")
    too_much = {"goods_minor": 2_001, "reason": "canceled"}
    assert chain.support.is_refused(f"{path}/refunds", **too_much) == "refund_too_large"
    chain.manager.does(task, carrier="post")

    done = chain.manager.asks(path)
    assert (owed, done["refunded_minor"], done["state"]) == (1_000, 1_000, "fulfilled")
    assert (done["lines"][0]["fulfilled"], done["lines"][0]["canceled"]) == (2, 1)
    assert sum(refund["tax_minor"] for refund in done["refunds"]) == 167
    assert len(done["shipments"]) == 2
    assert set(chain.shop.books()) == {"clearing:counter", "revenue", "tax:RS"}
