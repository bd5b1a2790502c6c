"""The web server around the application."""

import socket

import uvicorn
from litestar import Litestar

STOP_SECONDS_MAX = 2  # streams that are still open then are cut


class _Server(uvicorn.Server):
    """Ends the live pages before it waits for connections, so that it need not wait for them."""

    def __init__(self, app: Litestar, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if end_streams := self._app.state.get("end_streams"):
            end_streams()
        await super().shutdown(sockets)


def web_server(app: Litestar, *, host: str, port: int) -> uvicorn.Server:
    """A server for the application; its ``run`` returns after SIGINT or SIGTERM, within seconds.

    Headers of proxies are believed only from this machine. The log is the hub's own.
    """
    return _Server(
        app,
        uvicorn.Config(
            app,
            host=host,
            port=port,
            loop="uvloop",
            http="httptools",
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=STOP_SECONDS_MAX,
            forwarded_allow_ips="127.0.0.1",
            backlog=2048,
        ),
    )
