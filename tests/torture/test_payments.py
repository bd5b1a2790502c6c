"""A shop whose processes are killed while it takes money takes no cent too much, and loses none."""

from collections.abc import Callable
from pathlib import Path

import pytest

from charsu.torture import torture_payments
from charsu.torture.killing import Planned
from tests.torture.test_campaign import say, tell

__all__ = ["say"]

KILLS = 20
pytestmark = [pytest.mark.torture, pytest.mark.timeout(300)]


def test_killed_while_it_takes_money_every_cent_has_its_order(
    tmp_path: Path, say: Callable[[str], None]
) -> None:
    report = torture_payments(tmp_path / "shop", kills=KILLS)
    tell(report, say)

    assert report.lost == ()
    assert report.inconsistent == ()
    assert report.faults == {}
    assert len(report.kills) == KILLS
    assert report.at_points == KILLS // 2
    assert all(report.acknowledged[verb] for verb in ("pay", "order", "ship", "refund", "cancel"))


def test_a_taking_that_is_ticked_off_before_it_is_booked_is_found_out(
    tmp_path: Path, say: Callable[[str], None]
) -> None:
    """The control: the same campaign, the same judges, and captures that get lost."""
    plans = {
        "web": [],
        "worker": [Planned("worker", "torture.capture_booked/closed", 0.5)] * 6,
        "postgres": [],
    }
    report = torture_payments(tmp_path / "shop", plans=plans, is_safe=False)
    say(f"\nunsafe control: {len(report.kills)} kills, {len(report.inconsistent)} inconsistent")

    assert len(report.kills) == 6
    assert any("taken; 0, 0, 0 in the books" in line for line in report.inconsistent)
    assert any(line.startswith("difference: other_amount") for line in report.inconsistent)
