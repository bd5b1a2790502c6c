"""A process whose calls to the database fail is taken up again, and nothing happens twice."""

import itertools
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import psycopg
import pytest

from charsu.kernel import SYSTEM, Hub
from charsu.kernel.check import Verdict
from charsu.kernel.processes import run_due
from charsu.orders import CancelOrder, cancel_order
from charsu.orders.charging import CHARGE
from tests.faults.breaking import KINDS, Breaking, changed, growth
from tests.faults.requests import Bazaar

pytestmark = pytest.mark.torture

PROCESSES = {CHARGE.kind: CHARGE}
LATER = timedelta(minutes=3)  # whoever had it is given up, and every pause is over
ALWAYS = 10**6


def begin(bazaar: Bazaar, *, in_vain: bool) -> None:
    """Begin to take money; in vain, if the order is canceled before it comes."""
    charging = bazaar.charge()
    charging.made_to(bazaar.hub)
    if in_vain:
        ask = CancelOrder(order_id=charging.ask.order_id, reason="changed_mind")
        bazaar.hub.run(cancel_order, ask, actor=SYSTEM)


def work_off(hub: Hub) -> None:
    """As workers do: take what is due, and what failed again later."""
    for _ in range(4):
        hub.offset += LATER
        with suppress(psycopg.OperationalError):  # connections that were cut before
            while run_due(hub, PROCESSES):
                pass


@pytest.mark.parametrize("in_vain", [False, True], ids=["wanted", "in vain"])
@pytest.mark.parametrize("times", [1, ALWAYS], ids=["once", "from then on"])
def test_a_step_whose_call_fails_is_taken_again_and_the_money_is_booked_once(
    times: int,
    in_vain: bool,
    bazaar: Bazaar,
    hub: Hub,
    breaking: Breaking,
    look: Callable[[], dict[str, tuple[int, str]]],
    problems: Callable[[], list[Verdict]],
) -> None:
    for _ in range(2):  # the first also opens accounts that all share
        begin(bazaar, in_vain=in_vain)
        before = look()
        work_off(hub)
    undisturbed = growth(before, look())

    for number in itertools.count(1):
        begin(bazaar, in_vain=in_vain)
        before = at_first = look()
        breaking.arm(KINDS[number % len(KINDS)], at_call=number, times=times)
        taken = 1
        while taken and not breaking.failures:
            before, taken = look(), 0
            with suppress(psycopg.OperationalError):
                taken = run_due(hub, PROCESSES)
        failed = breaking.failures
        breaking.disarm()
        if not failed:
            break
        assert changed(before, look()) <= {"kernel.processes"}, f"call {number} failed"
        work_off(hub)
        assert growth(at_first, look()) == undisturbed

    print(f"{number - 1} calls failed")
    assert number > 6
    assert problems() == []
