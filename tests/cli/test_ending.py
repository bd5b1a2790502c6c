"""How long Ctrl-C may take, by what each part is given; no clock is looked at."""

import pytest

from charsu.cli.serving import DRAIN_SECONDS, JOIN_SECONDS
from charsu.kernel.server import family, launch, starting

PROMISED_SECONDS = 3.0
SLACK_SECONDS = 1.0  # for a machine that is busy with other things


def given(stops: tuple[tuple[int, float], ...]) -> float:
    """Seconds until the last signal, which nothing outlives, and for what is then left behind."""
    return sum(seconds for _, seconds in stops[:-1]) + launch.LEAVING_SECONDS


def test_all_that_ctrl_c_waits_for_leaves_a_second_of_slack() -> None:
    waited = given(family.STOPS) + given(starting.STOPS)

    assert waited <= PROMISED_SECONDS - SLACK_SECONDS


@pytest.mark.parametrize("seconds", [DRAIN_SECONDS, JOIN_SECONDS], ids=["web", "worker"])
def test_what_is_under_way_is_finished_before_the_family_kills(seconds: float) -> None:
    assert seconds < given(family.STOPS) - launch.LEAVING_SECONDS
