"""What carriers tell by themselves: signed, in whatever order, twice, at once, and early."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from itertools import permutations
from typing import Any

import pytest
from litestar.testing import TestClient
from standardwebhooks import Webhook

from charsu.assembly import chores
from charsu.channels.ucp.queries.read_order import order_of
from charsu.channels.ucp.reactions import tell_platforms
from charsu.kernel import Hub
from charsu.kernel.webhooks.signing import new_secret
from charsu.orders import Recipient
from charsu.orders.carriers import is_news
from charsu.web.app import create_app
from tests.orders.store import Counter, later, problems
from tests.orders.test_parcels import books, label, offer_test_carrier, ordered, says, sends, work
from tests.shop import Shop

pytestmark = pytest.mark.slow

AT = "/v1/carriers/test/events"


@pytest.fixture
def shop(open_shop: Callable[..., Hub]) -> Iterator[Shop]:
    shop = Shop(open_shop())
    shop.has("mug", 10, at="north")
    shop.costs("mug", 1_000)
    offer_test_carrier(shop)
    yield shop
    assert problems(shop) == []


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> str:
    secret = new_secret()
    monkeypatch.setenv("CHARSU_TEST_CARRIER_SECRET", secret)
    return secret


@pytest.fixture
def door(shop: Shop) -> Iterator[TestClient[Any]]:
    with TestClient(create_app(shop.hub), raise_server_exceptions=False) as client:
        yield client


def message(
    secret: str, *events: tuple[str, str, datetime], name: str = "m1", at: datetime | None = None
) -> dict[str, Any]:
    """What an HTTP client sends; signed by the standard's own library."""
    body = json.dumps(
        {
            "events": [
                {"tracking_number": number, "event": event, "at": when.isoformat()}
                for number, event, when in events
            ]
        }
    )
    at = at or datetime.now(UTC)
    headers = {
        "webhook-id": name,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(name, at, body),
    }
    return {"content": body, "headers": headers}


def under_way(shop: Shop, town: str = "Niš") -> tuple[Counter, str]:
    """A parcel that left, and its number."""
    counter = ordered(shop, Recipient(name="Ana", street="Nova 1", town=town))
    parcel = books(counter)
    work(shop)
    number = label(shop, parcel).tracking_number
    sends(shop, parcel)
    return counter, number


def way(counter: Counter) -> list[str]:
    """What the order's history tells of its parcel, in order."""
    with counter.hub.reading() as tx:
        rows = tx.all(
            "SELECT body->>'event' AS event FROM kernel.facts"
            " WHERE subject_id = %(id)s AND name = 'orders.parcel_noted' ORDER BY version",
            id=counter.order_id,
        )
    return [row.event for row in rows]


def state(counter: Counter) -> str:
    return counter.order.shipments[0].state


def test_a_carrier_tells_a_parcel_s_way_through_the_door(
    shop: Shop, door: TestClient[Any], secret: str
) -> None:
    counter, number = under_way(shop)
    begin = datetime.now(UTC) - timedelta(hours=9)
    steps = ["collected", "in_transit", "out_for_delivery", "failed_attempt", "delivered"]
    for hour, step in enumerate(steps):
        said = message(secret, (number, step, begin + timedelta(hours=hour)), name=step)
        assert door.post(AT, **said).status_code == 204
    assert (way(counter), state(counter)) == (steps, "delivered")
    assert counter.order.shipments[0].noted_at == begin + timedelta(hours=4)
    assert counter.exceptions() == []


def test_one_message_tells_of_several_parcels_and_passes_over_those_of_others(
    shop: Shop, door: TestClient[Any], secret: str
) -> None:
    (first, one), (second, two) = under_way(shop), under_way(shop)
    now = datetime.now(UTC)
    events = [(one, "collected", now), ("OTHER-1", "lost", now), (two, "in_transit", now)]
    assert door.post(AT, **message(secret, *events)).status_code == 204
    assert (state(first), state(second)) == ("collected", "in_transit")


def test_who_does_not_prove_to_be_the_carrier_changes_nothing(
    shop: Shop, door: TestClient[Any], secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter, number = under_way(shop)
    now = datetime.now(UTC)
    lost = (number, "lost", now)
    right = message(secret, lost)
    forged = [
        message(new_secret(), lost),
        message(secret, lost, at=now - timedelta(minutes=6)),
        message(secret, lost, at=now + timedelta(minutes=6)),
        right | {"content": right["content"].replace("lost", "lost ")},
        right | {"headers": right["headers"] | {"webhook-id": "m2"}},
        right | {"headers": right["headers"] | {"webhook-timestamp": "now"}},
        right | {"headers": right["headers"] | {"webhook-signature": "v1,ü ".encode()}},
        right | {"headers": {}},
    ]
    answers = [door.post(AT, **one) for one in forged]
    answers.append(door.post("/v1/carriers/stork/events", **right))
    monkeypatch.delenv("CHARSU_TEST_CARRIER_SECRET")
    answers.append(door.post(AT, **right))

    assert {(one.status_code, one.json()["code"]) for one in answers} == {(422, "event_forged")}
    assert (way(counter), state(counter)) == ([], "shipped")


@pytest.mark.parametrize(
    "when",
    [
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
        datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone(timedelta(hours=-12))),
    ],
)
def test_a_moment_that_no_clock_shows_does_no_harm(
    shop: Shop, door: TestClient[Any], secret: str, when: datetime
) -> None:
    counter, number = under_way(shop)

    assert door.post(AT, **message(secret, (number, "in_transit", when))).status_code == 204

    assert counter.order.shipments[0].noted_at.year in {2000, datetime.now(UTC).year}
    now = datetime.now(UTC)
    assert (
        door.post(AT, **message(secret, (number, "delivered", now), name="m2")).status_code == 204
    )
    assert state(counter) == "delivered"


def test_what_a_carrier_says_that_nobody_understands_is_passed_over(
    shop: Shop, door: TestClient[Any], secret: str
) -> None:
    counter, number = under_way(shop)
    strange = message(secret, (number, "beamed_up", datetime.now(UTC)))
    assert door.post(AT, **strange).status_code == 204
    large = {"content": b"x" * (1 << 19), "headers": strange["headers"]}
    assert door.post(AT, **large).status_code == 413
    assert way(counter) == []


def test_messages_twice_and_at_once_have_one_effect(
    shop: Shop, door: TestClient[Any], secret: str
) -> None:
    counter, number = under_way(shop)
    now = datetime.now(UTC)
    said = [message(secret, (number, "lost", now), name=f"m{n % 2}") for n in range(8)]
    with ThreadPoolExecutor(4) as many:
        answers = set(many.map(lambda one: door.post(AT, **one).status_code, said))
    # one that is at work already is sent again by whoever sends webhooks
    assert answers <= {204, 409} and 204 in answers
    assert way(counter) == ["lost"]
    assert [one.kind for one in counter.exceptions()] == ["undeliverable"]


WAY = ("collected", "out_for_delivery", "failed_attempt", "delivered")


@pytest.mark.parametrize("told", list(permutations(range(4))))
def test_in_whatever_order_messages_come_the_end_is_the_same(told: tuple[int, ...]) -> None:
    begin = datetime(2026, 11, 1, tzinfo=UTC)
    state: Any = "shipped"
    state_at: datetime | None = None
    for hour in (*told, *told):
        at = begin + timedelta(hours=hour)
        if is_news(WAY[hour], at, state=state, state_at=state_at):  # type: ignore[arg-type]
            state, state_at = WAY[hour], at
    assert (state, state_at) == ("delivered", begin + timedelta(hours=3))


def test_a_second_attempt_that_failed_is_told_and_an_old_one_is_not(
    shop: Shop, door: TestClient[Any], secret: str
) -> None:
    counter, number = under_way(shop)
    now = datetime.now(UTC)
    for name, hours in (("a", 48), ("b", 24), ("c", 48), ("d", 36)):
        failed = (number, "failed_attempt", now - timedelta(hours=hours))
        door.post(AT, **message(secret, failed, name=name))
    assert way(counter) == ["failed_attempt"] * 2
    assert counter.order.shipments[0].noted_at == now - timedelta(hours=24)


def test_what_is_said_before_the_store_says_that_it_left_counts_from_then_on(shop: Shop) -> None:
    counter = ordered(shop)
    parcel = books(counter)
    work(shop)
    number = label(shop, parcel).tracking_number

    assert says(shop, number, "collected") == "labeled"
    assert (counter.order.shipments, way(counter)) == ((), [])
    sent = sends(shop, parcel)

    assert (state(counter), way(counter)) == ("collected", ["collected"])
    assert (sent.order_state, sent.version) == ("fulfilled", counter.order.version)


def test_a_parcel_that_comes_back_is_somebodys_to_see_to_and_the_manager_s_in_the_end(
    shop: Shop,
) -> None:
    counter, number = under_way(shop)
    says(shop, number, "returned_to_sender")
    (one,) = counter.exceptions()
    assert (one.kind, one.owner) == ("returned_to_sender", "support")

    later(shop, hours=5)

    assert counter.exceptions()[0].owner == "manager"


def test_what_is_found_closes_its_own_trouble_only(shop: Shop) -> None:
    counter = ordered(shop)
    parcels = [books(counter, pieces=n) for n in (1, 2)]
    work(shop)
    numbers = [label(shop, parcel).tracking_number for parcel in parcels]
    for parcel, number in zip(parcels, numbers, strict=True):
        sends(shop, parcel)
        says(shop, number, "lost")

    says(shop, numbers[0], "delivered")
    assert [one.kind for one in counter.exceptions()] == ["undeliverable"]  # of the other one
    says(shop, numbers[1], "returned_to_sender")
    assert [one.kind for one in counter.exceptions()] == ["returned_to_sender"]
    says(shop, numbers[1], "delivered")
    assert counter.exceptions() == []


@pytest.mark.parametrize(
    ("town", "end"),
    [("Niš", "delivered"), ("Away", "returned_to_sender"), ("Limbo", "lost")],
)
def test_the_test_carrier_plays_a_parcel_s_way(shop: Shop, town: str, end: str) -> None:
    counter, _ = under_way(shop, town)
    (play,) = [one for one in chores() if one.name == "orders.play_test_carrier"]
    assert play.do(shop.hub) == 0  # nothing has happened yet
    seen = []
    for _minute in range(80):
        shop.hub.offset += timedelta(minutes=1)
        play.do(shop.hub)
        if not seen or seen[-1] != state(counter):
            seen.append(state(counter))

    assert (seen[0], seen[-1]) == ("collected", end)
    assert way(counter) == seen
    assert play.do(shop.hub) == 0


def test_the_test_carrier_plays_nothing_where_it_is_not_offered(shop: Shop) -> None:
    counter, _ = under_way(shop)
    offer_test_carrier(shop, is_offered=False)
    (play,) = [one for one in chores() if one.name == "orders.play_test_carrier"]
    shop.hub.offset += timedelta(hours=3)
    assert (play.do(shop.hub), state(counter)) == (0, "shipped")


def test_the_platform_that_made_the_order_is_told_of_the_parcel_s_way(shop: Shop) -> None:
    counter, number = under_way(shop)
    for event in ("collected", "out_for_delivery", "failed_attempt", "lost", "returned_to_sender"):
        says(shop, number, event)

    with shop.hub.reading() as tx:
        happened = order_of(tx, counter.order_id, counter.order_id).happened

    assert [one.kind for one in happened] == [
        "shipped",
        "out_for_delivery",
        "failed_attempt",
        "undeliverable",
        "returned_to_sender",
    ]
    assert {one.tracking_number for one in happened} == {number}
    assert len({one.id for one in happened}) == len(happened)
    assert {one.pieces[0].quantity for one in happened} == {3}
    assert "orders.parcel_noted" in tell_platforms.on
