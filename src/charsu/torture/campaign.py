"""A campaign: buyers, a web process, a worker and PostgreSQL; each killed again and again."""

import random
import socket
import threading
import time
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg
from msgspec import Struct

from charsu.assembly import open_hub, prepare
from charsu.kernel.server import open_server
from charsu.torture.buyers import PLACE, Buyer, Journal
from charsu.torture.counting import is_drained, prepare_counting
from charsu.torture.goods import Goods, furnish
from charsu.torture.killing import Planned, Postmaster, Process, Victim, plan
from charsu.torture.report import Kill, Kind, Report
from charsu.torture.verifying import inconsistent, lost

ORDERS_PER_KILL = 20
BUYERS = 4
DRAINED_SECONDS = 60.0
Tell = Callable[[str], None]
Plans = dict[Kind, list[Planned]]


def torture(
    data: Path,
    *,
    kills: int = 60,
    seed: int | None = None,
    plans: Plans | None = None,
    place: str = PLACE,
    tell: Tell = lambda _: None,
) -> Report:
    """Sell in a fresh shop in this folder while its processes are killed, then judge it.

    kills   how many; half of all inside an operation
    seed    of the plan; told first, so that a campaign can be planned again
    plans   instead of ``kills``: how each life of each kind of process ends
    place   where orders are placed: the control uses a way that is not safe
    """
    seed = random.SystemRandom().getrandbits(32) if seed is None else seed
    chance = random.Random(seed)
    plans = plan(kills, chance) if plans is None else plans
    tell(f"seed {seed}: {sum(map(len, plans.values()))} kills")
    with open_server(data) as server:
        prepare(server.dsn)
        with open_hub(server.dsn, connections=2) as hub:
            prepare_counting(hub)
            goods = furnish(hub)
        shop = Tortured(server.dsn, data, goods, place)
        campaign = Campaign(shop, chance, tell)
        campaign.run(plans)
        return campaign.report()


class Tortured(Struct, frozen=True):
    """The shop, and where orders are placed in it."""

    dsn: str
    data: Path
    goods: Goods
    place: str
    more: tuple[str, ...] = ()  # what its processes are told besides


class Campaign:
    """Everybody who takes part, and what became of it."""

    orders_per_kill = ORDERS_PER_KILL
    counted = "place"  # the request by which kills are paced

    def __init__(self, shop: Tortured, chance: random.Random, tell: Tell) -> None:
        self._shop, self._chance, self._tell = shop, chance, tell
        self._journal = Journal(self.counted)
        self._kills: list[tuple[Planned, float]] = []
        self._enough, self._over = threading.Event(), threading.Event()

    def run(self, plans: Plans) -> None:
        """Let everybody loose; return when all kills were made and every request was answered."""
        with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
            victims = self._victims(plans, listener.fileno())
            buyers = self._buyers(listener.getsockname()[1])
            for thread in (*victims, *buyers):
                thread.start()
            try:
                self._wait(victims, buyers)
            finally:
                self._end(victims)
        for failure in [*(one.failure for one in victims), *(one.failure for one in buyers)]:
            if failure is not None:
                raise failure

    def report(self) -> Report:
        """The verdict."""
        told, shop = self._journal.acknowledged, self._shop
        return Report(
            kills=tuple(self._judged(planned, at) for planned, at in self._kills),
            acknowledged=dict(Counter(entry.verb for entry in told)),
            retried=self._journal.retried,
            faults=dict(self._journal.faults),
            lost=tuple(lost(shop.dsn, told)),
            inconsistent=tuple(inconsistent(shop.dsn, told, shop.goods)),
        )

    def _victims(self, plans: Plans, listener: int) -> list[Victim]:
        dsn, data, more = self._shop.dsn, self._shop.data, self._shop.more
        shared: dict[str, Any] = {
            "due": self._due,
            "last": lambda: self._kills[-1][1] if self._kills else 0.0,
            "tell": self._note,
            "over": self._over,
            "chance": self._chance,
        }
        output = data / "torture.log"
        return [
            Process(
                ["web", dsn, str(listener), *more],
                plans["web"],
                keep=listener,
                log=output,
                **shared,
            ),
            Process(["work", dsn, *more], plans["worker"], keep=None, log=output, **shared),
            Postmaster(dsn, data, plans["postgres"], **shared),
        ]

    def _buyers(self, port: int) -> list[Buyer]:
        return [self._buyer(number, port, Buyer) for number in range(BUYERS)]

    def _buyer(self, number: int, port: int, kind: type[Buyer]) -> Buyer:
        return kind(
            f"buyer-{number}",
            port,
            self._shop.goods,
            self._journal,
            enough=self._enough,
            over=self._over,
            place=self._shop.place,
        )

    def _due(self, is_alive: Callable[[], bool]) -> None:
        """Wait until as many orders were placed as the kills so far and one more are worth.

        A victim that is no longer alive is not waited for: without it nobody may place any.
        """
        orders = self.orders_per_kill * (len(self._kills) + 1)
        self._journal.wait_for(orders, self._over, is_alive)

    def _note(self, planned: Planned) -> None:
        self._kills.append((planned, time.monotonic()))
        where = planned.point or "at some moment"
        self._tell(f"kill {len(self._kills)}: {planned.kind} {where}")

    def _judged(self, planned: Planned, at: float) -> Kill:
        times = self._journal.times
        later = bisect(times, at)
        recovered = times[later] - at if later < len(times) else None
        return Kill(planned.kind, planned.point, recovered)

    def _wait(self, victims: Sequence[Victim], buyers: Sequence[Buyer]) -> None:
        for victim in victims:
            while not victim.has_done_its_share.wait(0.2) and not self._over.is_set():
                pass
        self._journal.wait_for(self.orders_per_kill * len(self._kills) + 1, self._over)
        self._enough.set()
        for buyer in buyers:
            buyer.join()
        if not self._over.is_set():
            self._wait_until_drained()

    def _wait_until_drained(self) -> None:
        """Let the worker hand every fact over; what it leaves, the judges find."""
        until = time.monotonic() + DRAINED_SECONDS
        with psycopg.connect(self._shop.dsn, autocommit=True) as connection:
            while not is_drained(connection) and time.monotonic() < until:
                self._over.wait(0.1)

    def _end(self, victims: Sequence[Victim]) -> None:
        self._enough.set()
        self._over.set()
        for victim in victims:
            victim.join()
