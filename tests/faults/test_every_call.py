"""Whichever call to the database fails, an operation happens whole or not at all."""

import itertools
from collections.abc import Callable

import pytest

from charsu.kernel import SYSTEM, Hub, Unavailable
from charsu.kernel.check import Verdict
from tests.faults.breaking import KINDS, Breaking, growth
from tests.faults.requests import CASES, Bazaar

Look = Callable[[], dict[str, tuple[int, str]]]
Problems = Callable[[], list[Verdict]]


@pytest.mark.parametrize("case", CASES)
def test_a_failing_call_leaves_nothing_behind_and_the_same_key_completes_later(
    case: str,
    bazaar: Bazaar,
    hasty: Hub,
    breaking: Breaking,
    look: Look,
    problems: Problems,
) -> None:
    verb, ask = CASES[case](bazaar)
    before = look()

    for number in itertools.count(1):
        breaking.arm(KINDS[number % len(KINDS)], at_call=number)
        try:
            answer = hasty.run(verb, ask, actor=SYSTEM, key="k")
            break
        except Unavailable:
            assert breaking.failures
            assert look() == before, f"call {number} failed and something stayed"
    breaking.disarm()

    print(f"{case}: {number - 1} calls failed, nothing stayed")
    assert number > 3
    after = look()
    assert after != before
    assert hasty.run(verb, ask, actor=SYSTEM, key="k") == answer
    assert look() == after
    assert problems() == []


@pytest.mark.parametrize("case", CASES)
def test_a_call_that_fails_once_is_made_good_and_nothing_happens_twice(
    case: str, bazaar: Bazaar, hub: Hub, breaking: Breaking, look: Look, problems: Problems
) -> None:
    for key in ("first", "undisturbed"):  # the first also opens accounts that all share
        verb, ask = CASES[case](bazaar)
        before = look()
        hub.run(verb, ask, actor=SYSTEM, key=key)
    undisturbed = growth(before, look())

    for number in itertools.count(1):
        verb, ask = CASES[case](bazaar)
        before = look()
        breaking.arm(KINDS[number % len(KINDS)], at_call=number, times=1)
        hub.run(verb, ask, actor=SYSTEM, key=f"call-{number}")
        failed = breaking.failures
        breaking.disarm()
        assert growth(before, look()) == undisturbed
        if not failed:
            break

    assert number > 3
    assert problems() == []
