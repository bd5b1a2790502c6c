"""Whose an exception is: taken by somebody, handed on, and never forgotten."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from charsu.kernel import SYSTEM, Actor, Grant, Hub, NotFound
from charsu.orders.errors import WrongStep
from charsu.orders.operations import hand_on_exception, take_exception
from charsu.orders.operations.see_to import (
    ExceptionStands,
    HandOnException,
    TakeException,
)
from charsu.orders.queries.exceptions import OrderExceptionView
from charsu.orders.watching import watch_exceptions
from tests.orders.store import Counter, counter_for, problems
from tests.shop import Shop

MILA = Actor(id=uuid4(), kind="staff", grants=(Grant(frozenset({"*"})),))


@pytest.fixture
def shop(open_shop: Callable[..., Hub]) -> Shop:
    shop = Shop(open_shop())
    shop.has("mug", 10, at="north")
    shop.costs("mug", 1_000)
    return shop


@pytest.fixture
def counter(shop: Shop) -> Counter:
    """A pick-up that the store could not find, so that a choice and a count are open."""
    placed = shop.buys(mug=3, kind="pickup", location_id=shop.locations["north"])
    counter = counter_for(shop, placed)
    counter.rejects("not_found")
    return counter


def of_kind(counter: Counter, kind: str) -> OrderExceptionView:
    (one,) = [one for one in counter.exceptions() if one.kind == kind]
    return one


def takes(counter: Counter, one: OrderExceptionView, by: Actor = MILA) -> ExceptionStands:
    return counter.hub.run(take_exception, TakeException(exception_id=one.id), actor=by)


def hands_on(counter: Counter, one: OrderExceptionView, owner: str) -> ExceptionStands:
    ask = HandOnException(exception_id=one.id, owner=owner)
    return counter.hub.run(hand_on_exception, ask, actor=MILA)


def test_who_takes_an_exception_has_it_and_its_time_goes_on(counter: Counter) -> None:
    one = of_kind(counter, "recount")
    stands = takes(counter, one)

    now = of_kind(counter, "recount")
    assert stands.taken_by == now.taken_by == MILA.id
    assert (now.owner, now.due_by) == (one.owner, one.due_by)
    assert "exception_taken" in counter.told()
    assert problems(counter.shop) == []


def test_what_is_handed_on_is_nobodys_and_has_its_full_time(counter: Counter) -> None:
    one = of_kind(counter, "recount")
    takes(counter, one)
    counter.hub.offset = timedelta(hours=3)
    hands_on(counter, one, "manager")

    now = of_kind(counter, "recount")
    assert (now.owner, now.taken_by) == ("manager", None)
    assert now.due_by - one.due_by >= timedelta(hours=3)
    assert problems(counter.shop) == []


def test_a_customer_who_was_told_by_when_to_choose_keeps_that_time(counter: Counter) -> None:
    one = of_kind(counter, "rejected")
    assert one.options.otherwise
    hands_on(counter, one, "manager")

    assert of_kind(counter, "rejected").due_by == one.due_by


def test_what_was_taken_and_forgotten_goes_to_the_manager_free_for_others(
    counter: Counter,
) -> None:
    one = of_kind(counter, "recount")
    takes(counter, one)
    counter.hub.offset = one.due_by - one.opened_at + timedelta(minutes=1)
    watch_exceptions(counter.hub)

    now = of_kind(counter, "recount")
    assert (now.owner, now.taken_by) == ("manager", None)


def test_what_is_closed_is_nobodys_to_take(counter: Counter) -> None:
    one = of_kind(counter, "rejected")
    counter.chooses("cancel")
    for act in (takes, lambda *given: hands_on(*given, "support")):
        with pytest.raises(WrongStep):
            act(counter, one)
    with pytest.raises(NotFound):
        counter.hub.run(take_exception, TakeException(exception_id=uuid4()), actor=SYSTEM)
