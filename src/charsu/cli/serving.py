"""One web process, and one worker process: what `serve` and `work` are."""

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from charsu.assembly import chores, outgoing_chores
from charsu.channels.ucp import check_host
from charsu.cli.listening import listen
from charsu.cli.pictures import picture
from charsu.cli.refusing import said
from charsu.cli.shop import SETUP_CODE, shop
from charsu.cli.speaking import _
from charsu.kernel import Hub
from charsu.kernel.access import needs_first_admin
from charsu.kernel.logs import configure_logs
from charsu.kernel.server import announce_ready
from charsu.kernel.work import Worker
from charsu.web.serving import web_server
from charsu.web.sign_in import new_setup_code
from charsu.web.site import build_app

WEB_CONNECTIONS = 4  # a process has one core to use them with; each costs the server 6 MB
WORKER_CONNECTIONS = 6
DRAIN_SECONDS = 0.5  # for requests under way; the family kills after 0.8
JOIN_SECONDS = 0.6


def serve(data: Path | None, *, host: str, port: int) -> None:
    """Serve the shop over HTTP until told to stop."""
    check_host(host)
    configure_logs()
    _end_by(_exit)
    with shop(data, connections=WEB_CONNECTIONS) as hub, listen(host, port) as listener:
        app = build_app(hub, media=[picture], setup_code=_setup_code(hub))
        server = web_server(app, host=host, port=port)
        server.config.timeout_graceful_shutdown = DRAIN_SECONDS  # type: ignore[assignment]
        announce_ready()  # from here on nobody is turned away
        server.run([listener])


def work(data: Path | None) -> None:
    """Hand out facts and do what becomes due, until told to stop.

    What waits for other systems runs beside the rest, so that a slow receiver of webhooks keeps no
    reaction waiting.
    """
    configure_logs()
    stop = threading.Event()
    _end_by(lambda *_: stop.set())
    with shop(data, connections=WORKER_CONNECTIONS) as hub:
        threads = [
            threading.Thread(target=worker.run, daemon=True) for worker in _workers(hub, stop)
        ]
        for thread in threads:
            thread.start()
        announce_ready()
        stop.wait()
        until = time.monotonic() + JOIN_SECONDS
        for thread in threads:
            thread.join(max(0, until - time.monotonic()))


def _workers(hub: Hub, stop: threading.Event) -> list[Worker]:
    outgoing = outgoing_chores(is_stopping=stop.is_set)
    return [Worker(hub, chores(), stop), Worker(hub, outgoing, stop, consumers=())]


def _setup_code(hub: Hub) -> str:
    """The code that the starter has printed; one of our own where nobody has."""
    if given := os.environ.pop(SETUP_CODE, None):
        return given
    code = new_setup_code()
    if needs_first_admin(hub):
        said.print(_("The first-run page asks for the code {code}.", code=code), markup=False)
    return code


def _end_by(handler: Callable[[int, FrameType | None], None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handler)


def _exit(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
