"""Reminders: whichever call fails, a customer is told of each deadline once, and never half."""

import itertools
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import LiteralString
from uuid import UUID

import psycopg
import pytest

from charsu.kernel import Hub, Unavailable
from charsu.kernel.check import Verdict
from charsu.orders.chores import remind
from tests.faults.breaking import KINDS, Breaking
from tests.faults.requests import Bazaar

pytestmark = pytest.mark.torture

ALWAYS = 10**6

_KEPT: LiteralString = """
    SELECT r.ends_at - clock_timestamp(), r.reminded_for = r.ends_at,
           (SELECT count(*)::int FROM kernel.facts f WHERE f.subject_id = r.order_id AND f.name IN
                ('orders.pickup_reminded', 'orders.choice_reminded'))
    FROM (SELECT id, order_id, step_by AS ends_at, reminded_for FROM orders.fulfillments
          UNION ALL
          SELECT id, order_id, due_by, reminded_for FROM orders.exceptions) r
    WHERE r.id = %s
"""


class Deadline:
    """One that a customer is reminded of, looked at on a connection that nobody cuts for long."""

    def __init__(self, database: str, identity: UUID) -> None:
        self._database, self._id = database, identity

    def comes(self, hub: Hub) -> None:
        """It ends in an hour."""
        left, _, _ = self._kept()
        hub.offset = left - timedelta(hours=1)

    @property
    def reminders(self) -> tuple[bool, int]:
        """Whether the row knows of one, and how many the log does."""
        _, is_reminded, told = self._kept()
        return bool(is_reminded), told

    def _kept(self) -> tuple[timedelta, bool | None, int]:
        with psycopg.connect(self._database) as outside:
            row = outside.execute(_KEPT, [self._id]).fetchone()
        assert row is not None
        return row[0], row[1], row[2]


def a_pick_up(bazaar: Bazaar) -> UUID:
    task: UUID = bazaar.hand_over().ask.fulfillment_id
    return task


def a_choice(bazaar: Bazaar) -> UUID:
    exception: UUID = bazaar.choose_to_cancel().ask.exception_id
    return exception


@pytest.mark.parametrize("makes", [a_pick_up, a_choice], ids=lambda makes: makes.__name__)
@pytest.mark.parametrize("times", [1, ALWAYS], ids=["once", "from then on"])
def test_a_reminder_whose_call_fails_is_told_once(
    times: int,
    makes: Callable[[Bazaar], UUID],
    bazaar: Bazaar,
    hub: Hub,
    database: str,
    breaking: Breaking,
    problems: Callable[[], list[Verdict]],
) -> None:
    for number in itertools.count(1):
        deadline = Deadline(database, makes(bazaar))
        deadline.comes(hub)
        breaking.arm(KINDS[number % len(KINDS)], at_call=number, times=times)
        with suppress(psycopg.OperationalError, Unavailable):
            remind.do(hub)
        failed = breaking.failures
        breaking.disarm()
        assert deadline.reminders in ((False, 0), (True, 1)), f"call {number} failed, half is done"
        assert failed or deadline.reminders == (True, 1)
        for _ in range(3):
            with suppress(psycopg.OperationalError):  # connections that were cut before
                remind.do(hub)
        assert deadline.reminders == (True, 1)
        if not failed:
            break

    print(f"{number - 1} calls failed")
    assert number > 8
    assert problems() == []
