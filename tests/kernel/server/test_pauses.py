"""How long a guard waits before it starts its command again."""

from itertools import accumulate, repeat

from charsu.kernel.server.launch import (
    FIRST_PAUSE_SECONDS,
    HEALTHY_SECONDS,
    LONGEST_PAUSE_SECONDS,
    pause_after,
)


def pauses(*lived: float) -> list[float]:
    """What a guard waits after each of these lives."""
    return list(accumulate(lived, lambda before, life: pause_after(life, before), initial=0.0))[1:]


def test_who_ends_soon_waits_twice_as_long_each_time_up_to_a_bound() -> None:
    waited = pauses(*repeat(0.1, 9))

    assert waited[:4] == [FIRST_PAUSE_SECONDS * 2**number for number in range(4)]
    assert waited[-2:] == [LONGEST_PAUSE_SECONDS] * 2


def test_a_healthy_life_begins_the_waiting_anew() -> None:
    healthy = HEALTHY_SECONDS + 0.5
    waited = pauses(0.1, 0.1, 0.1, healthy, 0.1)

    assert waited[2:] == [FIRST_PAUSE_SECONDS * number for number in (4, 1, 2)]


def test_who_is_killed_again_and_again_while_it_works_never_waits_long() -> None:
    assert set(pauses(*repeat(HEALTHY_SECONDS + 0.5, 50))) == {FIRST_PAUSE_SECONDS}
