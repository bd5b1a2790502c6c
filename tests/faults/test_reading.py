"""Questions, and who asks them, are asked again where the connection breaks."""

import itertools

import pytest

from charsu.kernel import SYSTEM, Forbidden, Hub, Unavailable
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
from charsu.kernel.access.callers import guest_actor
from charsu.orders.queries.read_order import AskOrder, read_order
from tests.faults.breaking import CUT, Breaking
from tests.faults.requests import Bazaar

PASSWORD = "grapes on the balcony"


def test_a_question_is_answered_although_the_connection_breaks(
    bazaar: Bazaar, hub: Hub, breaking: Breaking
) -> None:
    placed = bazaar.place().made_to(hub)
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
    placed = bazaar.place().made_to(hub)
    bazaar.shop.hub = hasty

    breaking.arm(CUT, at_call=1)

    with pytest.raises(Unavailable):
        bazaar.shop.order(placed)


def test_a_denial_is_noted_although_the_connection_breaks(
    bazaar: Bazaar, hub: Hub, breaking: Breaking
) -> None:
    order = bazaar.place().made_to(hub).order_id
    stranger = guest_actor(bazaar.new_id())

    for number in itertools.count(1):
        breaking.arm(CUT, at_call=number, times=1)
        with pytest.raises(Forbidden):
            hub.run(read_order, AskOrder(order_id=order), actor=stranger)
        if not breaking.failures:
            break

    assert number > 2
    noted = hub.read(lambda tx: tx.value("SELECT count(*) FROM kernel.denials"))
    assert noted == number
