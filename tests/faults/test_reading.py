"""Questions, and who asks them, are asked again where the connection breaks."""

import itertools

import pytest

from charsu.kernel import SYSTEM, Hub, Unavailable
from charsu.kernel.access import (
    IssueKey,
    KeyRole,
    actor_for_key,
    actor_for_session,
    digest_of,
    first_admin,
    issue_key,
    new_token,
    sign_in,
)
from tests.faults.breaking import CUT, Breaking
from tests.faults.requests import Bazaar

PASSWORD = "grapes on the balcony"


def test_a_question_is_answered_although_the_connection_breaks(
    bazaar: Bazaar, hub: Hub, breaking: Breaking
) -> None:
    verb, ask = bazaar.place()
    placed = hub.run(verb, ask, actor=SYSTEM)
    undisturbed = bazaar.shop.order(placed)

    for number in itertools.count(1):
        breaking.arm(CUT, at_call=number, times=1)
        assert bazaar.shop.order(placed) == undisturbed
        if not breaking.failures:
            break

    assert number > 3


def test_a_caller_is_recognized_although_the_connection_breaks(
    hub: Hub, breaking: Breaking
) -> None:
    secret = new_token("key")
    roles = (KeyRole(role="admin"),)
    ask = IssueKey(label="till", digest=digest_of(secret).hex(), roles=roles)
    key = hub.run(issue_key, ask, actor=SYSTEM).key_id
    first_admin(hub, email="ana@shop.example", name="Ana", password=PASSWORD)
    token = sign_in(hub, email="ana@shop.example", password=PASSWORD, address="192.0.2.1").token

    breaking.arm(CUT, at_call=1, times=1)
    assert actor_for_key(hub, secret).id == key
    breaking.arm(CUT, at_call=1, times=1)
    assert actor_for_session(hub, token).kind == "staff"
    assert breaking.failures == 1


def test_a_question_is_refused_in_plain_words_where_the_database_is_away(
    bazaar: Bazaar, hub: Hub, hasty: Hub, breaking: Breaking
) -> None:
    verb, ask = bazaar.place()
    placed = hub.run(verb, ask, actor=SYSTEM)
    bazaar.shop.hub = hasty

    breaking.arm(CUT, at_call=1)

    with pytest.raises(Unavailable):
        bazaar.shop.order(placed)
