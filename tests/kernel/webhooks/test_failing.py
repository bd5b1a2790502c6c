"""Receivers that are down, gone, or go astray lose nothing and disturb nobody."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest

from charsu.kernel import SYSTEM, Hub
from charsu.kernel.webhooks.claiming import Claim, claim_messages
from charsu.kernel.webhooks.errors import EndpointGone
from charsu.kernel.webhooks.model import ATTEMPTS_MAX, PAUSES, pause_after
from charsu.kernel.webhooks.operations import WebhookEndpointId, resume_endpoint
from charsu.kernel.webhooks.recording import Outcome, record
from tests.interleaving import wait_until_blocked
from tests.kernel.webhooks.test_checks import broken

LONG_AGO = timedelta(days=-5)


def move_to_next_attempt(hub: Hub) -> None:
    """Hub time moves to the moment when the next attempt is due."""
    with hub.reading() as tx:
        due = tx.value("SELECT min(due_at) FROM kernel.webhook_deliveries WHERE state = 'pending'")
        hub.offset += max(due - tx.now, timedelta()) + timedelta(seconds=1)


def test_a_receiver_that_is_down_for_three_days_gets_everything_in_the_end(tower) -> None:
    tower.hub.offset = LONG_AGO
    receiver = tower.receiver()
    receiver.status = 503
    tower.pull(10)
    began = tower.hub.offset
    while tower.hub.offset - began < timedelta(days=3):
        tower.send()
        move_to_next_attempt(tower.hub)
    assert receiver.events == []
    attempts = len(receiver.requests)

    receiver.status = 200
    tower.hub.offset = timedelta()
    tower.send()
    given_up = tower.replay(receiver, dead=True)
    tower.send()

    assert len(receiver.events) == 10
    assert 10 * 8 <= attempts <= 10 * ATTEMPTS_MAX
    print(f"{attempts} attempts while down, {given_up} dead letters, 10 of 10 delivered after")


def test_the_pauses_grow_and_reach_over_three_days(tower) -> None:
    tower.hub.offset = LONG_AGO
    receiver = tower.receiver()
    receiver.status = 500
    tower.pull()
    moments = []
    for _ in range(ATTEMPTS_MAX):
        moments.append(tower.hub.offset)
        tower.send()
        if tower.deliveries(receiver, state="pending"):
            move_to_next_attempt(tower.hub)

    pauses = [later - sooner for sooner, later in pairwise(moments)]
    assert len(receiver.requests) == ATTEMPTS_MAX
    for planned, waited in zip(PAUSES, pauses, strict=True):
        assert 0.8 * planned <= waited <= 1.2 * planned + timedelta(seconds=60)
    assert sum(PAUSES, timedelta()) > timedelta(days=3)


@pytest.mark.parametrize("attempt", range(1, ATTEMPTS_MAX))
def test_no_two_pauses_are_alike_and_none_is_far_from_the_plan(attempt: int) -> None:
    pauses = {pause_after(attempt, Random(seed)) for seed in range(100)}
    planned = PAUSES[attempt - 1]

    assert len(pauses) == 100
    assert 0.8 * planned <= min(pauses) < 0.9 * planned
    assert 1.1 * planned < max(pauses) <= 1.2 * planned


def test_what_was_tried_ten_times_is_a_dead_letter_that_can_be_seen_and_sent_again(tower) -> None:
    tower.hub.offset = LONG_AGO
    receiver = tower.receiver()
    receiver.status = 500
    tower.pull()
    for _ in range(ATTEMPTS_MAX - 1):
        tower.send()
        move_to_next_attempt(tower.hub)
    tower.send()

    [dead] = tower.deliveries(receiver, state="dead")
    assert (dead.attempts, dead.last_status, dead.last_problem) == (10, 500, "status_500")
    health = tower.health(receiver)
    assert (health.dead, health.pending, health.failures_in_row) == (1, 0, 10)

    receiver.status, tower.hub.offset = 200, timedelta()
    assert tower.replay(receiver, dead=True) == 1
    tower.send()
    [delivered] = tower.deliveries(receiver)
    assert (delivered.state, delivered.attempts) == ("delivered", 1)
    assert delivered.message_id in receiver.got
    assert tower.health(receiver).failures_in_row == 0


def test_a_receiver_that_says_410_is_told_nothing_more_until_a_person_resumes_it(tower) -> None:
    leaving, staying = tower.receiver(), tower.receiver()
    watcher = tower.receiver("kernel.webhook_endpoint_gone")
    leaving.status = 503
    tower.pull(3)
    tower.send()
    leaving.status = 410
    tower.hub.offset = timedelta(minutes=1)
    tower.send()
    tower.pull()
    tower.send()

    assert len(leaving.requests) == 3 + 1  # and not once more for each that was pending
    assert (tower.health(leaving).state, tower.health(leaving).dead) == ("gone", 3)
    assert [event["data"] for event in watcher.events] == [{"given_up": 3}]
    leaving.status = 200
    tower.hub.run(resume_endpoint, WebhookEndpointId(endpoint_id=leaving.id), actor=SYSTEM)
    assert tower.replay(leaving, dead=True) == 3
    tower.send()
    assert len(leaving.events) == 3
    assert len(staying.events) == 4


def test_nothing_is_sent_again_to_who_is_gone(tower) -> None:
    leaving = tower.receiver()
    [fact] = tower.pull()
    tower.send()
    leaving.status = 410
    tower.pull()
    tower.send()

    for what in ({"fact_id": fact}, {"since": datetime(2020, 1, 1, tzinfo=UTC)}, {"dead": True}):
        with pytest.raises(EndpointGone):
            tower.replay(leaving, **what)
    assert tower.deliveries(leaving, state="pending") == ()


def test_a_fact_noted_while_its_receiver_says_410_is_not_pending_for_nobody(tower) -> None:
    """The 410 is recorded and not committed yet when the next fact is handed over."""
    leaving = tower.receiver()
    tower.pull()
    claim = claimed_by_hand(tower)
    tower.say()
    with ThreadPoolExecutor(1) as threads, tower.hub.writing("test.record") as recording:
        gone = Outcome(claim=claim, latency_ms=1, problem="status_410", status=410)
        record(recording, gone, Random(1))
        noting = threads.submit(tower.hand_over)
        wait_until_blocked(tower.hub, unless=noting.done)
        recording.connection.commit()
        assert noting.result() > 0

    assert tower.health(leaving).state == "gone"
    assert tower.deliveries(leaving, state="pending") == ()
    with tower.hub.reading() as tx:
        assert broken(tx) == {}


@pytest.mark.parametrize("status", [302, 307])
def test_a_redirect_is_a_failure_and_is_not_followed(tower, status: int) -> None:
    receiver, elsewhere = tower.receiver(), tower.receiver("kernel.webhook_secret_rotated")
    receiver.status, receiver.headers = status, {"location": elsewhere.url}
    tower.pull()
    tower.send()

    assert elsewhere.requests == []
    assert tower.health(receiver).last_problem == f"status_{status}"


def test_a_busy_receiver_is_left_alone_as_long_as_it_asks(tower) -> None:
    receiver = tower.receiver()
    receiver.status, receiver.headers = 429, {"retry-after": "7200"}
    tower.pull()
    tower.send()
    tower.hub.offset = timedelta(minutes=119)
    tower.send()
    assert len(receiver.requests) == 1

    tower.hub.offset = timedelta(minutes=121)
    tower.send()
    assert len(receiver.requests) == 2


def claimed_by_hand(tower) -> Claim:
    with tower.hub.writing("test.claim") as tx:
        [message] = claim_messages(tx, {}, limit=1)
    return message.claim


def claimed(tower, *, limit: int = 50) -> Counter[str]:
    """How many messages a worker takes in hand now, by address."""
    with tower.hub.writing("test") as tx:
        return Counter(message.claim.url for message in claim_messages(tx, {}, limit=limit))


def test_a_receiver_has_few_calls_at_once_and_one_that_fails_has_one(tower) -> None:
    sound, failing = tower.receiver(), tower.receiver()
    tower.pull()
    failing.status = 500
    tower.send()
    tower.pull(30)

    assert claimed(tower) == {sound.url: 4, failing.url: 1}
    assert claimed(tower) == {}


def test_who_waits_for_little_is_served_in_turn_with_who_waits_for_much(tower) -> None:
    much = tower.receiver()
    tower.pull(30)
    little = tower.receiver()
    tower.pull(2)

    assert claimed(tower, limit=4) == {much.url: 2, little.url: 2}


def test_one_fact_and_all_since_a_time_can_be_sent_again_with_their_old_ids(tower) -> None:
    receiver = tower.receiver()
    facts = tower.pull(2)
    tower.send()
    with tower.hub.reading() as tx:
        moment = tx.now
    facts += tower.pull(3)
    tower.send()

    assert tower.replay(receiver, fact_id=facts[0]) == 1
    assert tower.replay(receiver, since=moment) == 3
    tower.send()
    copies = {copies[0]["id"]: len(copies) for copies in receiver.got.values()}
    assert copies == dict(zip(map(str, facts), [2, 1, 2, 2, 2], strict=True))


def test_a_new_receiver_can_be_told_what_happened_before_it_came(tower) -> None:
    with tower.hub.reading() as tx:
        moment = tx.now
    tower.pull(3)
    receiver = tower.receiver()
    tower.send()
    assert receiver.events == []

    assert tower.replay(receiver, since=moment) == 3
    tower.send()
    assert len(receiver.events) == 3
