"""The processes that are killed: ``python -m charsu.torture.processes web|work …``.

They are the product's own: the application under its web server, and the worker. Beside them
stand the counting consumer, and for the control a way to place orders that is not safe.
"""

import signal
import socket
import sys
import threading

from charsu.assembly import chores, open_hub, rooms
from charsu.kernel import Hub
from charsu.kernel.processes import Process
from charsu.kernel.work import Worker
from charsu.orders.payments import PROVIDERS
from charsu.orders.terminals.kinds import TERMINALS
from charsu.torture.counting import count_facts
from charsu.torture.paying.calling import DistantBank
from charsu.torture.paying.unsafe import TICKED_OFF_FIRST
from charsu.torture.tills.desk import KIND, DistantTerminal
from charsu.torture.tills.unsafe import SHOWN_AGAIN
from charsu.torture.unsafe import place_in_two_commits
from charsu.web.app import create_app
from charsu.web.serving import web_server

CONNECTIONS = 8


def know_the_outside(what: str, port: str, secret: str, how: str) -> None:
    """Let this process take money through the campaign's bank, or its terminals; unsafe where the
    control wants."""
    if what == "bank":
        PROVIDERS["bank"] = DistantBank(int(port), secret)
    else:
        TERMINALS[KIND] = PROVIDERS[KIND] = DistantTerminal(int(port), secret)
    if how == "unsafe":
        unsafe = {one.kind: one for one in (TICKED_OFF_FIRST, SHOWN_AGAIN)}
        for room in rooms("processes"):
            for name, value in list(vars(room).items()):
                if isinstance(value, Process) and value.kind in unsafe:
                    setattr(room, name, unsafe[value.kind])


def serve(dsn: str, descriptor: int) -> None:
    """Answer on a listening socket that somebody else has opened, until killed."""
    with open_hub(dsn, connections=CONNECTIONS) as hub:
        hub.operations[place_in_two_commits.name] = place_in_two_commits
        server = web_server(create_app(hub), host="127.0.0.1", port=0)
        server.run([socket.socket(fileno=descriptor)])


def work(dsn: str) -> None:
    """Hand facts to their consumers and do what is due, until told to stop or killed."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with open_hub(dsn, connections=2) as hub:
        counting(hub)
        Worker(hub, chores(), stop).run()


def counting(hub: Hub) -> None:
    """Let this hub's worker count facts, too."""
    hub.consumers[count_facts.name] = count_facts


if __name__ == "__main__":
    kind, shop, *more = sys.argv[1:]
    outside = more[1:] if kind == "web" else more
    if outside:
        know_the_outside(*outside)
    if kind == "web":
        serve(shop, int(more[0]))
    else:
        work(shop)
