"""What is refused at the door, and who may see what."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from charsu.kernel import SYSTEM, Actor, Forbidden, Grant, NotFound
from charsu.kernel.outgoing import AddressForbidden, UrlRefused
from charsu.kernel.webhooks import queries
from charsu.kernel.webhooks.errors import EventUnknown, ReplayUnclear
from charsu.kernel.webhooks.operations import (
    AddWebhookEndpoint,
    WebhookEndpointId,
    add_endpoint,
    pause_endpoint,
)
from tests.kernel.webhooks.conftest import BELL

NOBODY = UUID(int=404)


REFUSED = {
    "http://10.0.0.1/": AddressForbidden,
    "https://[::ffff:10.0.0.1]/": AddressForbidden,
    "https://169.254.169.254/latest/": AddressForbidden,
    "file:///etc/passwd": UrlRefused,
    "https://user:word@shop.example/": UrlRefused,
    "nonsense": UrlRefused,
}


def test_an_address_that_is_plainly_inside_or_no_address_is_refused(tower) -> None:
    for url, refusal in REFUSED.items():
        ask = AddWebhookEndpoint(url=url, events=("*",), name="n")
        with pytest.raises(refusal):
            tower.hub.run(add_endpoint, ask, actor=SYSTEM)


def test_an_event_that_never_happens_is_refused(tower) -> None:
    for pattern in ("bell.misspelled", "nothing.*"):
        ask = AddWebhookEndpoint(url="https://shop.example/", events=(BELL, pattern), name="n")
        with pytest.raises(EventUnknown) as refused:
            tower.hub.run(add_endpoint, ask, actor=SYSTEM)
        assert refused.value.data == {"pattern": pattern}


def test_who_may_edit_endpoints_does_not_thereby_see_their_secrets(tower) -> None:
    receiver = tower.receiver()
    editor = Actor(UUID(int=8), "staff", (Grant(frozenset({"webhooks.edit", "webhooks.view"})),))
    ask = queries.AskWebhookSecret(endpoint_id=receiver.id)
    with pytest.raises(Forbidden):
        tower.hub.run(queries.secret, ask, actor=editor)

    shown = tower.hub.run(queries.endpoints, queries.AskWebhookEndpoints(), actor=editor)
    assert receiver.secret not in repr(shown)


def test_pausing_twice_is_pausing_once(tower) -> None:
    ask = WebhookEndpointId(endpoint_id=tower.receiver().id)
    first = tower.hub.run(pause_endpoint, ask, actor=SYSTEM)

    assert tower.hub.run(pause_endpoint, ask, actor=SYSTEM) == first
    assert first.state == "paused"


def test_an_endpoint_that_is_not_there_is_not_found(tower) -> None:
    with pytest.raises(NotFound):
        tower.hub.run(pause_endpoint, WebhookEndpointId(endpoint_id=NOBODY), actor=SYSTEM)


def test_a_replay_says_clearly_what_is_to_be_sent_again(tower) -> None:
    receiver = tower.receiver()
    for what in ({}, {"dead": True, "fact_id": NOBODY}, {"dead": True, "since": datetime.now(UTC)}):
        with pytest.raises(ReplayUnclear):
            tower.replay(receiver, **what)
    with pytest.raises(NotFound):
        tower.replay(receiver, fact_id=NOBODY)


def test_deliveries_come_in_pages_newest_first(tower) -> None:
    receiver = tower.receiver()
    facts = tower.pull(5)
    ask = queries.AskWebhookDeliveries(endpoint_id=receiver.id, limit=2)
    seen: list[UUID] = []
    while True:
        page = tower.hub.run(queries.deliveries, ask, actor=SYSTEM)
        seen += [item.fact_id for item in page.items]
        if page.next is None:
            break
        ask = queries.AskWebhookDeliveries(endpoint_id=receiver.id, limit=2, after=page.next)

    assert seen == sorted(facts, reverse=True)
