"""Whether this process lives, and whether it can serve."""

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor

import psycopg
from litestar import Response
from psycopg_pool import PoolTimeout

from charsu.kernel import Hub

READY_SECONDS_MAX = 2.0


class Readiness:
    """Asks the database, one question at a time, and does not wait longer than the bound."""

    def __init__(self, hub: Hub, *, seconds_max: float = READY_SECONDS_MAX) -> None:
        self._hub = hub
        self._seconds_max = seconds_max
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ready")
        self._asked: Future[bool] | None = None

    async def is_ready(self) -> bool:
        """False also while an earlier question is still without an answer."""
        if self._asked is None or self._asked.done():
            self._asked = self._thread.submit(self._answers)
        try:
            asked = asyncio.shield(asyncio.wrap_future(self._asked))
            return await asyncio.wait_for(asked, self._seconds_max)
        except TimeoutError:
            return False

    def close(self) -> None:
        """Leave a question that is still open to itself."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _answers(self) -> bool:
        try:
            with self._hub.pool.connection(timeout=self._seconds_max) as connection:
                connection.execute("SELECT 1")
        except (psycopg.OperationalError, PoolTimeout):
            return False
        return True


def health(is_well: bool) -> Response[dict[str, str]]:
    """200 or 503, with a word."""
    status = "ok" if is_well else "unavailable"
    return Response({"status": status}, status_code=200 if is_well else 503)
