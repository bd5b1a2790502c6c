"""The servers that are measured over HTTP, each in a process of its own.

``python -m bench.http_server ours|by_hand|checkout_by_hand FILE`` serves the shop that the
JSON file describes on the socket that it inherits as standard input, with the same web server,
connections and threads.
"""

import asyncio
import hashlib
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from litestar import Litestar, Request, Response, post
from msgspec import Struct
from psycopg_pool import ConnectionPool

from bench.checkout_by_hand import app
from bench.place_order import buy
from bench.stocked import Stocked
from charsu.assembly import open_hub
from charsu.kernel.logs import configure_logs
from charsu.web.serving import web_server
from charsu.web.site import build_app

CONNECTIONS = 4
THREADS = 16


class Served(Struct, frozen=True):
    """A shop to serve."""

    conninfo: str
    shop: Stocked


class Line(Struct, frozen=True):
    variant_id: UUID
    quantity: int


class Order(Struct, frozen=True):
    channel_id: UUID
    country: str
    lines: tuple[Line, ...]


class Answer(Struct, frozen=True):
    order_id: UUID
    number: int
    state: str
    currency: str
    total_minor: int
    version: int


WHO = """
    SELECT clock_timestamp(), k.id, array_agg(g.role)
    FROM kernel.api_keys k LEFT JOIN kernel.role_grants g ON g.key_id = k.id
    WHERE k.digest = %s AND k.revoked_at IS NULL
    GROUP BY k.id
"""


def by_hand(served: Served) -> Litestar:
    """One handler: who asks, the order, the answer."""
    pool = ConnectionPool(
        served.conninfo,
        min_size=CONNECTIONS,
        kwargs={"prepare_threshold": 2, "options": "-c jit=off"},
        open=True,
    )
    threads = ThreadPoolExecutor(THREADS)
    decode = msgspec.json.Decoder(Order).decode

    def work(secret: str, order: Order) -> Answer:
        variants = [line.variant_id for line in order.lines]
        with pool.connection() as connection:
            digest = hashlib.sha256(secret.encode()).digest()
            who: Any = connection.execute(WHO, (digest,)).fetchone()
            connection.rollback()
            assert who and who[2] == ["cashier"]
            made = buy(connection, served.shop, variants, actor=who[1])
        return Answer(made[0], made[1], "open", "EUR", made[2], 1)

    @post("/v1/orders")
    async def place(request: Request[Any, Any, Any]) -> Response[bytes]:
        secret = request.headers["authorization"].removeprefix("Bearer ")
        order = decode(await request.body())
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(threads, work, secret, order)
        headers = {"Location": f"/v1/orders/{answer.order_id}", "Cache-Control": "no-store"}
        body = msgspec.json.encode(answer)
        return Response(body, status_code=201, media_type="application/json", headers=headers)

    return Litestar([place], openapi_config=None, logging_config=None)


def checkout_by_hand(served: Served) -> Litestar:
    """A platform's checkouts; one thread for each connection and some to wait for one."""
    return app(served.conninfo, served.shop, connections=CONNECTIONS, threads=THREADS)


BY_HAND = {"by_hand": by_hand, "checkout_by_hand": checkout_by_hand}


def main(which: str, file: str) -> None:
    served = msgspec.json.decode(Path(file).read_bytes(), type=Served)
    listener = socket.socket(fileno=sys.stdin.fileno())
    if which in BY_HAND:
        web_server(BY_HAND[which](served), host="", port=0).run([listener])
        return
    configure_logs()
    with open_hub(served.conninfo, connections=CONNECTIONS) as hub:
        web_server(build_app(hub), host="", port=0).run([listener])


if __name__ == "__main__":
    main(*sys.argv[1:])
