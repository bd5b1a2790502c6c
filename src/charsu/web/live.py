"""What keeps open pages at the present.

One pulse for each process looks at the end of the log while somebody looks at a page. It beats at
most once a second however much is written, and at least once a minute, so that ages grow. On each
beat a view is made once for all who see the same, not once for each of them.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import NamedTuple

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from charsu.kernel import Hub, HubError
from charsu.kernel.access import account_for_session
from charsu.kernel.log import Cursor, tail
from charsu.web.look import Viewer
from charsu.web.overview import OverviewAsk, OverviewView
from charsu.web.overview_load import Overview, Sight, sight_of

LOOK_SECONDS = 0.5
BEAT_SECONDS_MIN = 1.0
BEAT_SECONDS_MAX = 60.0

_log = structlog.get_logger("charsu.web")
_AWAY = (psycopg.Error, PoolTimeout, HubError)


class Shared(NamedTuple):
    """A view on its way, for everybody who sees the same."""

    beat: int
    view: asyncio.Future[OverviewView]


class Live:
    """The open pages of one process."""

    def __init__(self, hub: Hub, overview: Overview) -> None:
        self._hub = hub
        self._overview = overview
        self._beat = 0
        self._next = asyncio.Event()
        self._views: dict[tuple[Sight, OverviewAsk], Shared] = {}
        self._watching = 0
        self._pulse: asyncio.Task[None] | None = None
        self._is_stopped = False

    def load(self, viewer: Viewer, ask: OverviewAsk) -> OverviewView:
        """The present view. Raises SessionEnded, and Forbidden for what is out of sight."""
        return self._overview.load(self._sight(viewer), ask)

    async def follow(self, viewer: Viewer, ask: OverviewAsk) -> AsyncIterator[OverviewView]:
        """A view now and after each beat, while the viewer is signed in.

        Ends when the server stops, when the rights end, and when the database is away: then the
        page says so and asks again.
        """
        self._watching += 1
        self._start()
        try:
            async for view in self._views_for(viewer, ask):
                yield view
        except _AWAY as problem:
            _log.info("stream_ended", reason=type(problem).__name__)
        finally:
            self._watching -= 1

    def stop(self) -> None:
        """End every stream; called in the server's loop."""
        self._is_stopped = True
        self._wake()

    async def _views_for(self, viewer: Viewer, ask: OverviewAsk) -> AsyncIterator[OverviewView]:
        loop = asyncio.get_running_loop()
        sight, checked = await asyncio.to_thread(self._sight, viewer), loop.time()
        while not self._is_stopped:
            if loop.time() - checked >= BEAT_SECONDS_MAX:
                sight, checked = await asyncio.to_thread(self._sight, viewer), loop.time()
            upcoming = self._next
            yield await self._view(sight, ask)
            await upcoming.wait()

    async def _view(self, sight: Sight, ask: OverviewAsk) -> OverviewView:
        shared = self._views.get((sight, ask))
        if shared is None or shared.beat != self._beat:
            making = asyncio.ensure_future(asyncio.to_thread(self._overview.load, sight, ask))
            shared = self._views[sight, ask] = Shared(self._beat, making)
        return await asyncio.shield(shared.view)  # whoever leaves does not take it from the rest

    def _sight(self, viewer: Viewer) -> Sight:
        account = account_for_session(self._hub, viewer.session)
        return sight_of(account.actor, viewer.language or account.language)

    def _start(self) -> None:
        if self._pulse is None or self._pulse.done():
            self._pulse = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        """Beat while somebody watches."""
        loop = asyncio.get_running_loop()
        seen, beaten = None, loop.time()  # what came before the first look counts as news
        while self._watching and not self._is_stopped:
            await asyncio.sleep(LOOK_SECONDS)
            end, since = await self._tail(seen), loop.time() - beaten
            moved = end != seen and since >= BEAT_SECONDS_MIN
            if moved or since >= BEAT_SECONDS_MAX:
                seen, beaten = end, loop.time()
                self._wake()
        self._views.clear()

    async def _tail(self, otherwise: Cursor | None) -> Cursor | None:
        """The end of the log; while the database is away, what was known before."""
        try:
            return await asyncio.to_thread(self._end_of_log)
        except _AWAY:
            return otherwise

    def _end_of_log(self) -> Cursor:
        with self._hub.reading(operation="web.pulse") as tx:
            return tail(tx)

    def _wake(self) -> None:
        """Let every open page look again; views that nobody has asked for since are dropped."""
        self._views = {key: one for key, one in self._views.items() if one.beat == self._beat}
        self._beat += 1
        waiting, self._next = self._next, asyncio.Event()
        waiting.set()
