"""Whichever call to the database fails, an operation happens whole or not at all."""

import itertools
from collections.abc import Callable

import pytest

from charsu.kernel import Hub, Unavailable
from charsu.kernel.check import Verdict
from tests.faults.breaking import KINDS, Breaking, growth
from tests.faults.cases import EVERY_CASE
from tests.faults.requests import Bazaar, Request

pytestmark = pytest.mark.slow

Look = Callable[[], dict[str, tuple[int, str]]]
Problems = Callable[[], list[Verdict]]


@pytest.mark.parametrize("case", EVERY_CASE)
def test_a_failing_call_leaves_nothing_behind_and_the_same_key_completes_later(
    case: Callable[[Bazaar], Request],
    bazaar: Bazaar,
    hasty: Hub,
    breaking: Breaking,
    look: Look,
    problems: Problems,
) -> None:
    request = case(bazaar)
    before = look()

    for number in itertools.count(1):
        breaking.arm(KINDS[number % len(KINDS)], at_call=number)
        try:
            answer = request.made_to(hasty, key="k")
            break
        except Unavailable:
            assert breaking.failures
            assert look() == before, f"call {number} failed and something stayed"
    breaking.disarm()

    print(f"{request.verb.name}: {number - 1} calls failed, nothing stayed")
    assert number > 3
    after = look()
    assert after != before
    assert request.made_to(hasty, key="k") == answer
    assert look() == after
    assert problems() == []


@pytest.mark.parametrize("case", EVERY_CASE)
def test_a_call_that_fails_once_is_made_good_and_nothing_happens_twice(
    case: Callable[[Bazaar], Request],
    bazaar: Bazaar,
    hub: Hub,
    breaking: Breaking,
    look: Look,
    problems: Problems,
) -> None:
    for key in ("first", "undisturbed"):  # the first also opens accounts that all share
        request = case(bazaar)
        before = look()
        request.made_to(hub, key=key)
    undisturbed = growth(before, look())

    for number in itertools.count(1):
        request = case(bazaar)
        before = look()
        breaking.arm(KINDS[number % len(KINDS)], at_call=number, times=1)
        request.made_to(hub, key=f"call-{number}")
        failed = breaking.failures
        breaking.disarm()
        assert growth(before, look()) == undisturbed
        if not failed:
            break

    assert number > 3
    assert problems() == []
