"""Making two transactions meet where it matters, without sleeping."""

import time
from collections.abc import Callable

from charsu.kernel import Hub

_BLOCKED = """
    SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE NOT l.granted AND a.datname = current_database()
"""


def wait_until_blocked(
    hub: Hub, *, unless: Callable[[], bool] = lambda: False, count: int = 1
) -> None:
    """Until so many connections to the shop wait for locks, or until ``unless``."""
    deadline = time.monotonic() + 60
    while not unless():
        with hub.reading() as tx:
            if tx.value(_BLOCKED) >= count:
                return
        assert time.monotonic() < deadline, "nobody waits"
