"""Where the synchronous hub is run, so that a slow request does not stop the others."""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from charsu.web.api.errors import Crowded

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

WAITING_MAX = 1000


class Threads:
    """Threads for the hub, and a queue that is not endless.

    count   more than the hub has connections: whoever waits for a provider holds none
    """

    def __init__(self, count: int, *, waiting: int = WAITING_MAX) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="hub")
        self._most = count + waiting
        self.busy = 0  # at work and waiting

    async def run(
        self, work: Callable[Parameters, Result], *args: Parameters.args, **named: Parameters.kwargs
    ) -> Result:
        """Run in a thread, with the log's context. Raises Crowded where too many wait already."""
        if self.busy >= self._most:
            raise Crowded
        self.busy += 1
        context = contextvars.copy_context()
        work_in_context = partial(context.run, work, *args, **named)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work_in_context)
        finally:
            self.busy -= 1

    def close(self) -> None:
        """Let what runs run out; what waits is dropped."""
        self._pool.shutdown(wait=False, cancel_futures=True)
