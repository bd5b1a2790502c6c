"""The address that the shop is served at."""

import os
import socket

from charsu.cli.refusing import PortTaken

BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any free one. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as problem:
        # the library's own text holds the address once more, as Python writes it
        reason = os.strerror(problem.errno) if problem.errno else str(problem)
        raise PortTaken(host, port, reason) from problem


def free_port(host: str, port: int) -> int:
    """The port, or any free one for 0, once it is clear that it can be had. Raises PortTaken."""
    with listen(host, port) as listener:
        return int(listener.getsockname()[1])


def web_address(host: str, port: int) -> str:
    """The address to type into a browser on this machine."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
