"""Checkouts of an agent per second: begun, changed and paid for by the Universal Commerce Protocol.

Two web processes share a socket, as on a machine with two cores. What a platform sends is complete:
a buyer, an address, a way of delivery, and a payment that the test provider promises. The same
requests go to ``checkout_by_hand`` in turn, so that a slower moment of the machine hits both; the
targets are absolute. Memory is that of a shop of its own, web processes and every process of
PostgreSQL (PSS).
"""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import msgspec
import psutil

from bench.checkout_by_hand import rows
from bench.frame import Buyers, Result, fresh_shops
from bench.http_server import Served
from bench.stocked import Stocked, stock_shop
from charsu.assembly import open_hub
from charsu.channels.ucp import ADDRESS, CHANNEL, SIGNED
from charsu.channels.ucp.platforms import store_profile
from charsu.channels.ucp.spoken import VERSIONS
from charsu.channels.ucp.trial import SWITCH
from charsu.kernel import SYSTEM, Hub, Setting, show_id
from charsu.kernel.setup import ChangeSetting, change_setting
from charsu.orders import PutDeliveryMethod, Rate, put_delivery_method

PER_SECOND = 100.0
CPU_MS_MAX = 10.0
MEMORY_MB_MAX = 300.0
ROUNDS = 5
SECONDS = 2.0
PROCESSES = 2
PATIENCE_SECONDS = 60
AGENT = "https://agent.example/profile"
VERSION = "2026-04-08"
BASE = f"/ucp/{VERSION}/checkout-sessions"
BUYER = {"first_name": "Ana", "last_name": "Test", "email": "ana@example.org"}
HOME = {
    "id": "home",
    "street_address": "Nova 1",
    "address_locality": "Beograd",
    "postal_code": "11000",
    "address_country": "RS",
}
WAY = {
    "type": "shipping",
    "destinations": [HOME],
    "selected_destination_id": "home",
    "groups": [{"selected_option_id": "post"}],
}
CARD = {
    "id": "card",
    "handler_id": "mock_payment_handler",
    "type": "card",
    "credential": {"type": "token", "token": "success_token"},
}


Serving = tuple[int, list[psutil.Process]]
"""The port, and who serves there."""


def run() -> list[Result]:
    """4 and 16 agents, one line each; then what a shop has grown to."""
    return [*_beside_by_hand(), _grown()]


def _beside_by_hand() -> list[Result]:
    with fresh_shops("ours", "hand") as (ours, hand):
        shops = (_stocked(ours), _stocked(hand))
        with (
            _serving(Served(ours, shops[0])) as first,
            _serving(Served(hand, shops[1]), "checkout_by_hand") as second,
        ):
            results = [_cell((first, second), shops, agents) for agents in (4, 16)]
        assert rows(ours) == rows(hand), "both leave the same rows behind"
    return results


def _grown() -> Result:
    with fresh_shops("ours") as [shop]:
        stocked = _stocked(shop)
        with _serving(Served(shop, stocked)) as (port, servers):
            for agents in (4, 16):
                crowd = Buyers(agents, buying, port, stocked)
                crowd.per_second(ROUNDS * SECONDS)
                crowd.close()
            return _memory(servers)


def _stocked(conninfo: str) -> Stocked:
    shop = stock_shop(conninfo)
    with open_hub(conninfo, connections=1) as hub:
        rates = (Rate(currency="EUR", amount_minor=500),)
        post = PutDeliveryMethod(code="post", titles={"en": "Post"}, kind="ship", rates=rates)
        hub.run(put_delivery_method, post, actor=SYSTEM)
        _open_door(hub)
    return shop


def _open_door(hub: Hub) -> None:
    settings: dict[Setting[Any], Any] = {CHANNEL: "web", SIGNED: False}
    settings[ADDRESS] = "https://shop.example"
    for setting, value in settings.items():
        hub.run(change_setting, ChangeSetting(name=setting.name, value=value), actor=SYSTEM)
    unlimited = ChangeSetting(name="web.requests_per_minute", value=0)
    hub.run(change_setting, unlimited, actor=SYSTEM)
    offered = {name: [{"version": VERSION}] for name in VERSIONS[VERSION].offered}
    ucp = {"version": VERSION, "services": {}, "payment_handlers": {}, "capabilities": offered}
    with hub.writing("bench.introduce") as tx:
        document = msgspec.json.encode({"ucp": ucp}).decode()
        store_profile(tx, AGENT, document, fresh=timedelta(days=1))


@contextmanager
def _serving(served: Served, which: str = "ours") -> Iterator[Serving]:
    """Web processes on one port; the port, and who they are."""
    with socket.create_server(("127.0.0.1", 0)) as listener, tempfile.TemporaryDirectory() as where:
        file = Path(where) / "served.json"
        file.write_bytes(msgspec.json.encode(served))
        command = [sys.executable, "-m", "bench.http_server", which, str(file)]
        env = {**os.environ, SWITCH: "1"}
        with (Path(where) / "log").open("wb") as log:
            servers = [
                subprocess.Popen(command, stdin=listener, stdout=log, stderr=log, env=env)
                for _ in range(PROCESSES)
            ]
        try:
            yield listener.getsockname()[1], [psutil.Process(one.pid) for one in servers]
        finally:
            for server in servers:
                server.terminate()
            for server in servers:
                server.wait(PATIENCE_SECONDS)


class _Crowd:
    """Agents at one of the two servers, and what was measured of them."""

    def __init__(self, agents: int, serving: Serving, shop: Stocked) -> None:
        port, self._servers = serving
        self._agents = Buyers(agents, buying, port, shop)
        self.rates: list[float] = []
        self.costs: list[float] = []

    def measure(self) -> None:
        """Checkouts per second, and milliseconds of the web's processor time for each."""
        before, started = _used(self._servers), time.perf_counter()
        rate = self._agents.per_second(SECONDS)
        elapsed = time.perf_counter() - started
        self.rates.append(rate)
        self.costs.append(1000 * (_used(self._servers) - before) / (rate * elapsed))

    def close(self) -> None:
        self._agents.close()


def _cell(serving: tuple[Serving, Serving], shops: tuple[Stocked, Stocked], agents: int) -> Result:
    ours, hand = (_Crowd(agents, *one) for one in zip(serving, shops, strict=True))
    for _ in range(ROUNDS):
        ours.measure()
        hand.measure()
    ours.close()
    hand.close()
    rate, cost = median(ours.rates), median(ours.costs)
    figures = {
        "checkouts/s": round(rate),
        "CPU ms per checkout": round(cost, 2),
        "spread": f"{min(ours.rates):.0f}–{max(ours.rates):.0f}",
        "by hand checkouts/s": round(median(hand.rates)),
        "by hand CPU ms": round(median(hand.costs), 2),
    }
    return Result(
        name=f"ucp_checkout, {agents} agents",
        ratio=median(one / other for one, other in zip(ours.rates, hand.rates, strict=True)),
        target=None,
        met=rate >= PER_SECOND and cost <= CPU_MS_MAX,
        figures=figures,
    )


def _used(servers: list[psutil.Process]) -> float:
    return sum(one.cpu_times().user + one.cpu_times().system for one in servers)


def _memory(servers: list[psutil.Process]) -> Result:
    """What the whole shop has in memory after all that."""
    web = sum(one.memory_full_info().pss for one in servers) / 2**20
    base = sum(_pss(one) for one in psutil.process_iter() if _is_of_database(one)) / 2**20
    figures = {"web MB": round(web), "database MB": round(base), "all MB": round(web + base)}
    met = web + base <= MEMORY_MB_MAX
    return Result(name="ucp_checkout, memory", ratio=None, target=None, met=met, figures=figures)


def _is_of_database(one: psutil.Process) -> bool:
    """Whether it serves the shop of this benchmark: a descendant of ours that is PostgreSQL."""
    try:
        return "postgres" in one.name() and os.getpid() in {up.pid for up in one.parents()}
    except psutil.Error:
        return False


def _pss(one: psutil.Process) -> int:
    try:
        return int(one.memory_full_info().pss)
    except psutil.Error:
        return 0


@contextmanager
def buying(number: int, port: int, shop: Stocked) -> Iterator[Callable[[], None]]:
    """Buys as a platform does that keeps its connection."""
    agent = _Agent(number, port)
    chance = Random(number)

    def once() -> None:
        item = {"id": show_id("var", chance.choice(shop.variants))}
        wish = {"line_items": [{"item": item, "quantity": 1}], "buyer": BUYER}
        checkout = agent.asks("POST", BASE, wish)
        path = f"{BASE}/{checkout['id']}"
        ready = agent.asks("PUT", path, wish | {"fulfillment": {"methods": [WAY]}})
        assert ready["status"] == "ready_for_complete", ready
        done = agent.asks("POST", f"{path}/complete", {"payment": {"instruments": [CARD]}})
        assert done["status"] == "completed", done

    yield once
    agent.close()


class _Agent:
    def __init__(self, number: int, port: int) -> None:
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        self._keys = (f"{number}-{os.getpid()}-{one}" for one in count())

    def asks(self, method: str, path: str, body: Any) -> Any:
        """The answer; the connection is made anew where the server does not keep it."""
        headers = {"UCP-Agent": f'profile="{AGENT}"', "Idempotency-Key": next(self._keys)}
        headers["Content-Type"] = "application/json"
        content = msgspec.json.encode(body)
        try:
            self._line.request(method, path, content, headers)
            answer = self._line.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):
            self._line.close()
            self._line.request(method, path, content, headers)
            answer = self._line.getresponse()
        told = answer.read()
        assert answer.status in {200, 201}, told
        return msgspec.json.decode(told)

    def close(self) -> None:
        self._line.close()


if __name__ == "__main__":
    for result in run():
        print(result.line())
