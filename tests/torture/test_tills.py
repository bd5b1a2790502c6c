"""A shop whose processes are killed while terminals take money charges nobody for nothing."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from charsu.torture import torture_tills
from charsu.torture.killing import Planned
from tests.torture.test_campaign import say, tell

__all__ = ["say"]

KILLS = 20
DEATHS = 20  # most amounts are booked by what the terminal tells meanwhile; some are shown again
pytestmark = [pytest.mark.torture, pytest.mark.timeout(300)]


def test_killed_at_the_till_every_charge_has_its_order_or_went_back(
    tmp_path: Path, say: Callable[[str], None]
) -> None:
    report = torture_tills(tmp_path / "shop", kills=KILLS)
    tell(report, say)

    assert report.lost == ()
    assert report.inconsistent == ()
    assert report.faults == {}
    assert len(report.kills) == KILLS
    assert report.at_points == KILLS // 2
    verbs = ("charge", "hand_over", "exchange", "cancel", "take_back")
    assert all(report.acknowledged[verb] for verb in verbs)


def test_an_amount_that_is_shown_again_after_a_death_is_found_out(
    tmp_path: Path, say: Callable[[str], None]
) -> None:
    """The control: the same campaign, the same judges, and a worker that asks for the card anew."""
    plans = {
        "web": [],
        "worker": [Planned("worker", "torture.terminal_booked/closed", 0.5)] * DEATHS,
        "postgres": [],
    }
    report = torture_tills(tmp_path / "shop", plans=plans, is_safe=False)
    say(f"\nunsafe control: {len(report.kills)} kills, {len(report.inconsistent)} inconsistent")

    assert len(report.kills) == DEATHS
    assert any("shown 2 times" in line for line in report.inconsistent)


def test_the_command_runs_the_campaign_at_tills_and_tells_how_it_ended(
    say: Callable[[str], None],
) -> None:
    done = typed("--tills", "--kills", "2", "--seed", "7")
    say(f"\n{done.stdout}")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "seed 7: 2 kills" in done.stderr
    told = done.stdout.splitlines()
    assert told[0] == "2 kills / 0 acknowledged lost / 0 inconsistent"
    assert re.search(r"acknowledged: .*\b\d+ charge\b", done.stdout), "it was at the tills"


def test_the_command_runs_one_campaign_at_a_time() -> None:
    done = typed("--tills", "--payments", "--kills", "2")

    assert done.returncode != 0
    assert (done.stdout, done.stderr.count("kill")) == ("", 0)
    assert "--payments" in done.stderr


def typed(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "charsu.cli", "torture", *options],
        capture_output=True,
        text=True,
        check=False,
    )
