"""The web server around the application."""

import uvicorn
from litestar import Litestar

STOP_SECONDS_MAX = 2  # streams that are still open then are cut


def web_server(app: Litestar, *, host: str, port: int) -> uvicorn.Server:
    """A server for the application; its ``run`` returns after SIGINT or SIGTERM, within seconds.

    Headers of proxies are believed only from this machine. The log is the hub's own.
    """
    return uvicorn.Server(
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
        )
    )
