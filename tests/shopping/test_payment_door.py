"""The door for providers' messages: before, with and after the answer, twice, late, and forged."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from litestar.testing import TestClient

from charsu.kernel import SYSTEM
from charsu.orders.payments import PROVIDERS, Declined, Escalated
from charsu.orders.queries.orphans import AskOrphans, Orphans, orphans
from charsu.web.app import create_app
from tests.bank import Bank, Promise, message
from tests.shop import Shop
from tests.shopping.driver import Visitor, facts_of, problems_of_all
from tests.shopping.till import TOTAL, pays, ready, standing, work

AT = "/v1/payments/bank/events"


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch) -> Bank:
    bank = Bank()
    monkeypatch.setitem(PROVIDERS, "bank", bank)
    return bank


@pytest.fixture
def shop(open_market: Callable[..., Shop], bank: Bank) -> Iterator[Shop]:
    shop = open_market()
    yield shop
    assert problems_of_all(shop) == []


@pytest.fixture
def door(shop: Shop) -> Iterator[TestClient[Any]]:
    with TestClient(create_app(shop.hub), raise_server_exceptions=False) as client:
        yield client


def tells(door: TestClient[Any], event_id: str, at: str = AT, **said: Any) -> int:
    headers, body = message(event_id, **said)
    return door.post(at, content=body, headers=headers).status_code


def test_the_message_that_comes_before_the_answer_makes_the_order(
    shop: Shop, bank: Bank, door: TestClient[Any]
) -> None:
    anna = ready(shop)
    key = str(pays(anna).payment_id)
    bank.promises[key] = Promise(f"bank-{key}", TOTAL)

    assert tells(door, "e1", kind="authorized", key=key, reference=f"bank-{key}") == 204
    work(shop)

    assert standing(anna).standing == "ordered"
    assert facts_of(shop, "orders.payment_authorized") == 1


def test_the_message_that_comes_while_the_answer_is_awaited_changes_nothing_more(
    shop: Shop, bank: Bank, door: TestClient[Any]
) -> None:
    anna = ready(shop)
    pays(anna)
    told: list[int] = []
    bank.meanwhile = lambda key: told.append(
        tells(door, "e1", kind="authorized", key=key, reference=f"bank-{key}")
    )
    work(shop)

    assert told == [204]
    assert standing(anna).standing == "ordered"
    assert facts_of(shop, "orders.order_placed") == 1


def test_messages_twice_at_once_and_out_of_order_have_one_effect(
    shop: Shop, bank: Bank, door: TestClient[Any]
) -> None:
    bank.answers["tok_ask"] = Escalated(reference="page", url="https://bank.example/")
    anna = ready(shop)
    key = str(pays(anna, token="tok_ask").payment_id)
    work(shop)
    assert standing(anna).standing == "to_confirm"
    bank.promises[key] = Promise("page", TOTAL)

    said = {"kind": "authorized", "key": key, "reference": "page"}
    with ThreadPoolExecutor(4) as many:
        answers = list(many.map(lambda _: tells(door, "e2", **said), range(8)))
    late = tells(door, "e1", kind="declined", key=key, reason="try again")
    work(shop)

    assert set(answers) == {204} and late == 204
    assert standing(anna).standing == "ordered"
    assert facts_of(shop, "orders.payment_authorized") == 1
    assert facts_of(shop, "orders.payment_declined") == 0


@pytest.mark.parametrize(
    ("at", "more"),
    [
        (AT, {"secret": b"guessed"}),
        (AT, {"seconds_ago": 3_600.0}),
        ("/v1/payments/nobody/events", {}),
        ("/v1/payments/test/events", {}),
    ],
)
def test_who_cannot_prove_to_be_the_provider_learns_and_changes_nothing(
    shop: Shop, bank: Bank, door: TestClient[Any], at: str, more: dict[str, Any]
) -> None:
    anna = ready(shop)
    key = str(pays(anna).payment_id)
    headers, body = message("e1", kind="authorized", key=key, reference="r", **more)
    nobody = door.post(AT, content=b"?" * 10, headers={})

    refused = door.post(at, content=body, headers=headers)

    assert (refused.status_code, refused.json()["code"]) == (422, "event_forged")
    without = {"request_id"}
    assert {k: v for k, v in refused.json().items() if k not in without} == {
        k: v for k, v in nobody.json().items() if k not in without
    }
    assert standing(anna).standing == "under_way"


def test_a_card_number_does_not_tell_which_providers_there_are(door: TestClient[Any]) -> None:
    body = b'{"card": "4242 4242 4242 4242"}'
    (known, unknown) = (
        door.post(f"/v1/payments/{name}/events", content=body) for name in ("bank", "nobody")
    )

    without = {"request_id"}
    assert {k: v for k, v in known.json().items() if k not in without} == {
        k: v for k, v in unknown.json().items() if k not in without
    }
    assert known.status_code == 422


def test_a_message_is_bounded(shop: Shop, door: TestClient[Any]) -> None:
    assert door.post(AT, content=b"x" * 300_000).status_code == 413


def test_a_provider_says_nothing_of_payments_of_others_or_unknown_ones(
    shop: Shop, bank: Bank, door: TestClient[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PROVIDERS, "other", Bank())
    anna = ready(shop)
    key = str(pays(anna).payment_id)

    other = tells(door, "e1", "/v1/payments/other/events", kind="declined", key=key, reason="no")
    unknown = tells(door, "e2", kind="declined", key=str(uuid4()), reason="no")
    unheard = tells(door, "e3", kind="weather")

    assert (other, unknown, unheard) == (204, 204, 204)
    assert standing(anna).standing == "under_way"


def test_a_promise_after_the_end_is_let_go_counted_and_shown(
    shop: Shop, bank: Bank, door: TestClient[Any]
) -> None:
    bank.answers["tok_no"] = Declined("declined by the issuer")
    anna = ready(shop)
    key = str(pays(anna, token="tok_no").payment_id)
    work(shop)
    assert standing(anna).standing == "declined"
    bank.promises[key] = Promise("late", TOTAL)  # she tried once more on the bank's own page

    assert tells(door, "e1", kind="authorized", key=key, reference="late") == 204
    assert tells(door, "e2", kind="authorized", key=key, reference="late") == 204
    work(shop)

    assert bank.kept == 0
    assert bank.voided == [key]
    assert facts_of(shop, "orders.payment_orphaned") == 1
    [orphan] = orphans_of(shop).items
    assert (str(orphan.authorization_id), orphan.state) == (key, "let_go")
    assert (orphan.amount_minor, orphan.reference) == (TOTAL, "late")


def orphans_of(shop: Shop) -> Orphans:
    return shop.hub.run(orphans, AskOrphans(), actor=SYSTEM)


def test_what_waits_to_be_let_go_is_shown_until_it_is(
    shop: Shop, bank: Bank, door: TestClient[Any], database: str
) -> None:
    bank.answers["tok_no"] = Declined("declined by the issuer")
    key = str(pays(ready(shop), token="tok_no").payment_id)
    ordered(shop)
    bank.promises[key] = Promise("late", TOTAL)
    assert orphans_of(shop).items == ()

    tells(door, "e1", kind="authorized", key=key, reference="late")
    seen = orphans_of(shop)
    assert [one.state for one in seen.items] == ["waiting"]
    assert (seen.waiting, seen.stuck, seen.let_go) == (1, 0, 0)
    with psycopg.connect(database) as connection:
        statement = "UPDATE kernel.processes SET state = %s WHERE kind = 'orders.free_orphan'"
        connection.execute(statement, ["stuck"])
    assert [one.state for one in orphans_of(shop).items] == ["stuck"]
    with psycopg.connect(database) as connection:
        connection.execute(statement, ["running"])
    work(shop)

    seen = orphans_of(shop)
    assert (seen.waiting, seen.stuck, seen.let_go) == (0, 0, 1)


def ordered(shop: Shop) -> tuple[Visitor, Any]:
    anna = ready(shop)
    key = str(pays(anna).payment_id)
    work(shop)
    return anna, key


def test_a_promise_that_lapses_is_to_be_paid_otherwise(
    shop: Shop, bank: Bank, door: TestClient[Any]
) -> None:
    anna, key = ordered(shop)

    for event in ("e1", "e2"):
        assert tells(door, event, kind="lapsed", key=key, reason="expired") == 204
    order = shop.order(standing(anna).order_id)

    assert order.payment_state == "pending"
    assert facts_of(shop, "orders.payment_missing") == 1
    assert shop.pays_cash(order.id, TOTAL).payment_state == "paid"
    bank.promises[key].is_free = True


def test_money_that_did_not_arrive_after_all_is_owed_still(
    shop: Shop, bank: Bank, door: TestClient[Any]
) -> None:
    anna, _ = ordered(shop)
    order = shop.order(standing(anna).order_id)
    shop.ships(order)
    work(shop)
    [refund] = shop.refunds(order.id, 1_000).refund_ids
    work(shop)
    assert shop.order(order.id).refunded_minor == 1_000

    for event in ("e1", "e1", "e2"):
        said = {"kind": "refund_failed", "refund": str(refund), "reason": "account_closed"}
        assert tells(door, event, **said) == 204

    assert shop.order(order.id).refunded_minor == 0
    assert facts_of(shop, "orders.refund_failed") == 1


def test_that_money_did_not_arrive_may_be_told_before_the_answer(
    shop: Shop, bank: Bank, door: TestClient[Any]
) -> None:
    anna, _ = ordered(shop)
    order = shop.order(standing(anna).order_id)
    shop.ships(order)
    work(shop)
    [refund] = shop.refunds(order.id, 1_000).refund_ids

    tells(door, "e1", kind="refund_failed", refund=str(refund), reason="account_closed")
    work(shop)

    assert shop.order(order.id).refunded_minor == 0
    assert facts_of(shop, "orders.refund_failed") == 1
