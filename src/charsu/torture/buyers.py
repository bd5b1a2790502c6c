"""Buyers who ask over HTTP, each request again with the same key until it is answered."""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from typing import Any

from msgspec import Struct

from charsu.torture.goods import Goods

PAUSE_SECONDS = 0.02
ANSWER_SECONDS = 20.0
TRY_AGAIN = {"in_flight", "unavailable", "crowded"}
PLACE, PLACE_UNSAFE = "/v1/orders", "/v1/torture/orders"


class Acknowledged(Struct, frozen=True):
    """A request that was answered.

    pieces  that it took from stock or gave back
    """

    verb: str
    key: str
    order_id: str
    version: int
    pieces: int
    answer: dict[str, Any]


class Unexpected(Exception):
    """A refusal for which there is no reason."""


class Abandoned(Exception):
    """Nobody will answer any more."""


class Journal:
    """What all buyers were told so far."""

    def __init__(self, counted: str = "place") -> None:
        self._counted = counted
        self.acknowledged: list[Acknowledged] = []
        self.times: list[float] = []  # of each acknowledgement, by the monotonic clock
        self.orders = 0
        self.retried = 0
        self.faults: Counter[str] = Counter()
        self._changed = threading.Condition()

    def note(self, entry: Acknowledged) -> None:
        with self._changed:
            self.acknowledged.append(entry)
            self.times.append(time.monotonic())
            self.orders += entry.verb == self._counted
            self._changed.notify_all()

    def note_retry(self, fault: str | None) -> None:
        with self._changed:
            self.retried += 1
            if fault:
                self.faults[fault] += 1

    def wait_for(
        self, orders: int, stop: threading.Event, is_worth_it: Callable[[], bool] = lambda: True
    ) -> None:
        """Return once so many orders were acknowledged, or when it is no longer worth waiting."""
        with self._changed:
            while self.orders < orders and not stop.is_set() and is_worth_it():
                self._changed.wait(0.2)


class Buyer(threading.Thread):
    """Places orders and lets some be paid, shipped and canceled, until it is ``enough``.

    What it has begun it finishes, so that at the end every request was answered; unless all is
    ``over``.
    """

    def __init__(
        self,
        name: str,
        port: int,
        goods: Goods,
        journal: Journal,
        *,
        enough: threading.Event,
        over: threading.Event,
        place: str,
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._port, self._goods, self._journal = port, goods, journal
        self._enough, self._over = enough, over
        self._place_at = place
        self._chance = random.Random(name)
        self._connection: HTTPConnection | None = None
        self._identity = {"Authorization": f"Bearer {goods.secret}"}
        self._number = 0
        self.failure: BaseException | None = None

    def run(self) -> None:
        """Buy."""
        try:
            while not self._enough.is_set():
                self._number += 1
                self._buy()
        except Abandoned:
            pass
        except BaseException as failure:
            self.failure = failure
            self._over.set()
        finally:
            self._hang_up()

    def _buy(self) -> None:
        chosen = self._chance.sample(self._goods.variant_ids, self._chance.randint(1, 3))
        counts = [self._chance.randint(1, 2) for _ in chosen]
        lines = [
            {"variant_id": str(variant), "quantity": count}
            for variant, count in zip(chosen, counts, strict=True)
        ]
        ask = {"channel_id": str(self._goods.channel_id), "country": "RS", "lines": lines}
        pieces = sum(counts)
        placed = self._ask("place", self._place_at, ask, pieces=pieces)
        order = placed["order_id"]
        fate = self._chance.random()
        if fate < 0.5:
            money = {"amount_minor": placed["total_minor"], "method": "card"}
            reference = f"{self.name}-{self._number}"
            self._ask(
                "pay", f"{PLACE}/{order}/payments", money | {"reference": reference}, order=order
            )
        if fate < 0.3:
            self._ship(order)
        elif fate > 0.8:
            why = {"reason": "changed_mind"}
            self._ask("cancel", f"{PLACE}/{order}/cancellations", why, order=order, pieces=pieces)

    def _ship(self, order: str) -> None:
        for task in self._send("GET", f"{PLACE}/{order}")["fulfillments"]:
            pieces = sum(part["quantity"] for part in task["parts"])
            at = f"/v1/fulfillments/{task['id']}/shipments"
            self._ask(
                "ship", at, {"carrier": "post"}, order=order, pieces=pieces, part=f"-{task['id']}"
            )

    def _ask(
        self,
        verb: str,
        at: str,
        ask: dict[str, Any],
        *,
        order: str = "",
        pieces: int = 0,
        part: str = "",
    ) -> dict[str, Any]:
        key = f"{self.name}-{self._number}-{verb}{part}"
        answer = self._send("POST", at, ask, key=key)
        entry = Acknowledged(
            verb, key, order or answer["order_id"], answer.get("version", 0), pieces, answer
        )
        self._journal.note(entry)
        return answer

    def _send(
        self, method: str, at: str, ask: dict[str, Any] | None = None, *, key: str = ""
    ) -> dict[str, Any]:
        """The answer, however often it takes to get one."""
        headers = dict(self._identity)
        if ask is not None:
            headers |= {"Content-Type": "application/json", "Idempotency-Key": key}
        while not self._over.is_set():
            fault = None
            try:
                status, answer = self._exchange(method, at, ask, headers)
                if status < 300:
                    return answer
                if status >= 500 and answer.get("code") not in TRY_AGAIN:
                    fault = f"{status} {answer.get('code')} at {at}"
                elif answer.get("code") not in TRY_AGAIN:
                    raise Unexpected(f"{method} {at} {key}: {status} {answer}")
            except (OSError, HTTPException, ValueError):
                self._hang_up()
            self._journal.note_retry(fault)
            time.sleep(PAUSE_SECONDS)
        raise Abandoned

    def _exchange(
        self, method: str, at: str, ask: dict[str, Any] | None, headers: dict[str, str]
    ) -> tuple[int, dict[str, Any]]:
        if self._connection is None:
            self._connection = HTTPConnection("127.0.0.1", self._port, timeout=ANSWER_SECONDS)
        body = None if ask is None else json.dumps(ask)
        self._connection.request(method, at, body, headers)
        response = self._connection.getresponse()
        answer: dict[str, Any] = json.loads(response.read())
        return response.status, answer

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
