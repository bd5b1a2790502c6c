"""A shop whose processes are killed under load keeps every word that it gave."""

from collections.abc import Callable
from pathlib import Path

import pytest

from charsu.torture import Report, torture
from charsu.torture.buyers import PLACE_UNSAFE
from charsu.torture.campaign import ORDERS_PER_KILL
from charsu.torture.killing import Planned

KILLS = 60
pytestmark = [pytest.mark.torture, pytest.mark.timeout(600)]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Prints although the test goes well: a report is wanted from each run."""

    def aloud(line: str) -> None:
        with capsys.disabled():
            print(line)

    return aloud


def tell(report: Report, say: Callable[[str], None]) -> None:
    say("")
    for line in report.lines():
        say(line)


def test_killed_again_and_again_it_loses_nothing_and_invents_nothing(
    tmp_path: Path, say: Callable[[str], None]
) -> None:
    report = torture(tmp_path / "shop", kills=KILLS, tell=lambda _: None)
    tell(report, say)

    assert report.lost == ()
    assert report.inconsistent == ()
    assert report.faults == {}
    assert len(report.kills) == KILLS
    assert report.at_points == KILLS // 2
    assert all(report.killed(kind) >= 15 for kind in ("web", "worker", "postgres"))
    assert report.acknowledged["place"] >= ORDERS_PER_KILL * KILLS


def test_a_writer_that_commits_twice_is_found_out(
    tmp_path: Path, say: Callable[[str], None]
) -> None:
    """The control: the same campaign, the same judges, stock and order in two transactions."""
    plans = {
        "web": [Planned("web", "torture.place_in_two_commits/worked", 0.05)] * 6,
        "worker": [],
        "postgres": [Planned("postgres")] * 2,
    }
    report = torture(tmp_path / "shop", plans=plans, place=PLACE_UNSAFE)
    say(f"\nunsafe control: {len(report.kills)} kills, {len(report.inconsistent)} inconsistent")

    assert len(report.kills) == 8
    assert report.inconsistent
