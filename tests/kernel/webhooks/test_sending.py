"""Messages arrive, are what the standards say, and are judged genuine by a standard library."""

import json
from datetime import datetime, timedelta
from threading import Event, Thread

import pytest

from charsu.kernel import SYSTEM
from charsu.kernel.webhooks import forget_delivered, renders
from charsu.kernel.webhooks.operations import (
    ChangeWebhookEndpoint,
    RotateWebhookSecret,
    WebhookEndpointId,
    change_endpoint,
    pause_endpoint,
    resume_endpoint,
    rotate_secret,
)
from tests.kernel.webhooks.conftest import BELL

HOUR = timedelta(hours=1)


def test_a_receiver_gets_a_signed_cloud_event_for_each_fact(tower) -> None:
    receiver = tower.receiver()
    [fact] = tower.pull()
    tower.send()

    [event] = receiver.events
    time = datetime.fromisoformat(event.pop("time"))
    assert event == {
        "specversion": "1.0",
        "id": str(fact),
        "source": "/charsu",
        "type": BELL,
        "subject": "00000000-0000-0000-0000-000000000005",
        "subjectversion": 1,
        "datacontenttype": "application/json",
        "data": {"times": 1},
    }
    assert time.tzinfo is not None
    assert receiver.requests[0][0]["content-type"] == "application/cloudevents+json"
    assert receiver.refused == []


def test_nothing_is_sent_twice_to_who_has_taken_it(tower) -> None:
    receiver = tower.receiver()
    tower.pull(20)

    assert tower.send().delivered == 20
    assert tower.send().delivered == 0
    assert len(receiver.requests) == 20


def test_an_endpoint_gets_the_facts_that_it_asked_for_and_no_history(tower) -> None:
    bells, everything, others = (tower.receiver(*e) for e in ((BELL,), ("*",), ("kernel.*",)))
    tower.pull(historical=True)
    tower.pull()
    tower.send()

    assert [event["type"] for event in bells.events] == [BELL]
    assert BELL in {event["type"] for event in everything.events}
    assert {event["type"].split(".")[0] for event in others.events} == {"kernel"}
    assert {event["data"].get("times") for event in bells.events} == {2}


def test_a_package_may_tell_more_than_the_fact_holds(tower) -> None:
    @renders(BELL)
    def loudness(tx, fact):
        return {"decibel": tx.value("SELECT 90 + %(n)s", n=fact.body["times"])}

    receiver = tower.receiver()
    tower.pull()
    tower.send(renderers={BELL: loudness})

    assert [event["data"] for event in receiver.events] == [{"decibel": 91}]


def test_a_renderer_that_fails_spoils_only_its_own_fact(tower) -> None:
    @renders(BELL)
    def broken_once(tx, fact):
        return {"half": tx.value("SELECT 1 / (%(n)s - 1)", n=fact.body["times"])}

    receiver = tower.receiver()
    tower.pull(2)
    sent = tower.send(renderers={BELL: broken_once})

    assert (sent.delivered, sent.failed) == (1, 1)
    assert [event["data"] for event in receiver.events] == [{"half": 1}]
    [waiting] = tower.deliveries(receiver, state="pending")
    assert waiting.last_problem == "rendering_failed"


def test_a_changed_or_stale_or_foreign_message_is_not_accepted(tower) -> None:
    """The judge of the other tests is no rubber stamp."""
    receiver = tower.receiver()
    tower.pull()
    tower.send()
    [(headers, body)] = receiver.requests
    stale = str(int(headers["webhook-timestamp"]) - 301)
    forged = [
        (headers, body.replace(b"1.0", b"1.1")),
        ({**headers, "webhook-id": "msg_other"}, body),
        ({**headers, "webhook-timestamp": stale}, body),
        ({**headers, "webhook-signature": headers["webhook-signature"][:-8]}, body),
    ]

    assert [receiver.take(*message) for message in forged] == [401] * 4
    receiver.secret = "whsec_" + "A" * 43 + "="
    assert receiver.take(headers, body) == 401


def test_both_secrets_are_good_while_one_replaces_the_other(tower) -> None:
    slow_to_change, quick = tower.receiver(), tower.receiver()
    for receiver in (slow_to_change, quick):
        tower.hub.run(rotate_secret, RotateWebhookSecret(endpoint_id=receiver.id), actor=SYSTEM)
    quick.secret = tower.secret(quick)
    tower.pull()
    tower.send()

    assert len(slow_to_change.events) == len(quick.events) == 1
    assert slow_to_change.secret != tower.secret(slow_to_change)


def test_the_old_secret_ends_when_its_time_is_over(tower) -> None:
    receiver = tower.receiver()
    tower.hub.offset = -25 * HOUR
    tower.hub.run(rotate_secret, RotateWebhookSecret(endpoint_id=receiver.id), actor=SYSTEM)
    tower.hub.offset = timedelta()
    tower.pull()
    tower.send()
    assert len(receiver.refused) == 1

    receiver.secret = tower.secret(receiver)
    tower.hub.offset = timedelta(seconds=10)
    tower.send()
    assert len(receiver.events) == 1


def test_a_leaked_secret_ends_at_once(tower) -> None:
    receiver = tower.receiver()
    ask = RotateWebhookSecret(endpoint_id=receiver.id, overlap_hours=0)
    tower.hub.run(rotate_secret, ask, actor=SYSTEM)
    tower.pull()
    tower.send()

    assert (len(receiver.events), len(receiver.refused)) == (0, 1)


def test_what_happens_during_a_pause_is_sent_after_it(tower) -> None:
    receiver = tower.receiver()
    endpoint = WebhookEndpointId(endpoint_id=receiver.id)
    tower.hub.run(pause_endpoint, endpoint, actor=SYSTEM)
    tower.pull(3)
    assert tower.send().delivered == 0

    tower.hub.run(resume_endpoint, endpoint, actor=SYSTEM)
    assert tower.send().delivered == 3
    assert len(receiver.events) == 3


def test_a_moved_receiver_gets_what_was_pending_at_its_new_address(tower) -> None:
    old, new = tower.receiver(), tower.receiver("kernel.webhook_secret_rotated")
    tower.pull()
    ask = ChangeWebhookEndpoint(endpoint_id=old.id, url=new.url)
    tower.hub.run(change_endpoint, ask, actor=SYSTEM)
    new.secret = old.secret
    tower.send()

    assert (len(old.requests), len(new.events)) == (0, 1)


def test_a_slow_receiver_holds_nobody_else_up(tower) -> None:
    """The quick one gets even what happens while the slow one is still thinking."""
    slow, quick = tower.receiver(), tower.receiver()
    slow.held_until = Event()
    tower.pull(40)
    worker = Thread(target=tower.send)
    worker.start()
    slow.arriving.get(timeout=30)
    first = {quick.arriving.get(timeout=30) for _ in range(40)}
    tower.pull()
    later = quick.arriving.get(timeout=30)

    assert later not in first
    assert slow.events == []
    slow.held_until.set()
    worker.join()
    assert len(slow.events) == len(quick.events) == 41


def test_several_workers_share_the_work_and_send_nothing_twice(tower) -> None:
    receivers = [tower.receiver() for _ in range(3)]
    tower.pull(60)
    workers = [Thread(target=tower.send) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    tower.send()

    assert [len(receiver.requests) for receiver in receivers] == [60, 60, 60]
    assert [len(receiver.got) for receiver in receivers] == [60, 60, 60]


def test_the_hub_is_in_no_transaction_while_a_receiver_thinks(tower) -> None:
    receiver = tower.receiver()
    receiver.held_until = Event()
    tower.pull()
    worker = Thread(target=tower.send)
    worker.start()
    receiver.arriving.get(timeout=30)
    with tower.hub.reading() as tx:
        open_ones = tx.value(
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
              AND state = 'idle in transaction'
            """
        )
    receiver.held_until.set()
    worker.join()

    assert open_ones == 0


def test_a_stopping_worker_drops_its_calls_and_another_makes_them_later(tower) -> None:
    receiver = tower.receiver()
    receiver.held_until = Event()
    tower.pull()
    stopping = Event()
    worker = Thread(target=tower.send, kwargs={"is_stopping": stopping.is_set})
    worker.start()
    receiver.arriving.get(timeout=30)
    stopping.set()
    worker.join(timeout=30)
    assert not worker.is_alive()
    receiver.held_until.set()

    assert tower.send().delivered == 0  # leased to the one that stopped
    tower.hub.offset = timedelta(minutes=2)
    assert tower.send().delivered == 1
    assert len(receiver.got) == 1


def test_old_deliveries_are_forgotten_and_new_ones_kept(tower) -> None:
    receiver = tower.receiver()
    tower.hub.offset = -31 * 24 * HOUR
    tower.pull(2)
    with tower.hub.writing("test") as tx:
        tx.run(
            "UPDATE kernel.webhook_deliveries SET state = 'delivered', delivered_at = %(now)s",
            now=tx.now,
        )
    tower.hub.offset = timedelta()
    tower.pull()
    tower.send()
    with tower.hub.writing("test") as tx:
        assert forget_delivered(tx) == 2

    assert len(tower.deliveries(receiver)) == 1


@pytest.mark.parametrize("place", ["10.0.0.0/8", "127.0.0.1:1"])
def test_an_address_that_is_closed_later_is_not_called_any_more(tower, place: str) -> None:
    receiver = tower.receiver()
    tower.pull()
    tower.allow(place)
    tower.send()

    assert receiver.requests == []
    [waiting] = tower.deliveries(receiver)
    assert (waiting.state, waiting.last_problem) == ("pending", "address_forbidden")


def test_no_secret_and_no_body_is_kept_with_the_answers_or_the_deliveries(tower) -> None:
    receiver = tower.receiver()
    tower.pull()
    tower.send()
    with tower.hub.reading() as tx:
        kept = tx.all("SELECT answer FROM kernel.effects")
        facts = tx.all("SELECT body::text FROM kernel.facts")
        rows = tx.all("SELECT to_jsonb(d)::text AS row FROM kernel.webhook_deliveries d")

    everything = json.dumps([list(row) for row in (*kept, *facts, *rows)])
    assert "whsec_" not in everything
    assert receiver.secret.removeprefix("whsec_") not in everything
    assert "specversion" not in everything
