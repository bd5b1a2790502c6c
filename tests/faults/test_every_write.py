"""Whichever call to the database fails, every verb of the shop happens whole or not at all."""

import itertools
from collections.abc import Callable

import msgspec
import pytest

from charsu.kernel import AnyOperation, Hub, Unavailable
from charsu.kernel.check import Verdict
from tests.faults.breaking import KINDS, Breaking
from tests.faults.requests import Request
from tests.regular import Regular

pytestmark = [pytest.mark.torture, pytest.mark.timeout(900)]

Look = Callable[[], dict[str, tuple[int, str]]]

CALLS_MIN = 3
"""What opens, what is done, and what is kept of it; a verb that changes nothing may have fewer."""


def test_a_failing_call_of_any_verb_leaves_nothing_behind(
    hub: Hub,
    hasty: Hub,
    breaking: Breaking,
    look: Look,
    problems: Callable[[], list[Verdict]],
) -> None:
    regular = Regular(hub)
    verbs = [verb for verb in hub.operations.values() if verb.writes and is_for_others(verb)]
    failed: dict[str, int] = {}

    for verb in verbs:
        ask = msgspec.convert(regular.request(verb), verb.ask_type, strict=False)
        failed[verb.name] = calls_that_fail(Request(verb, ask), hasty, breaking, look)

    print(f"{len(verbs)} verbs, {sum(failed.values())} calls failed, nothing stayed")
    assert len(verbs) >= 75
    assert {name: calls for name, calls in failed.items() if calls < CALLS_MIN} == {}
    assert problems() == []


def is_for_others(verb: AnyOperation) -> bool:
    """Whether somebody who runs the shop may do it; what a customer does herself has its cases."""
    return verb.http_path is not None and verb.permission != "identity.own"


def calls_that_fail(request: Request, hasty: Hub, breaking: Breaking, look: Look) -> int:
    """Let each call to the database fail in its turn; how many there are."""
    before = look()
    for number in itertools.count(1):
        breaking.arm(KINDS[number % len(KINDS)], at_call=number)
        try:
            answer = request.made_to(hasty, key="once")
            break
        except Unavailable:
            assert breaking.failures
            assert look() == before, f"{request.verb.name}: call {number} failed, something stayed"
    breaking.disarm()
    after = look()
    assert request.made_to(hasty, key="once") == answer
    assert look() == after
    return number - 1
