"""Web, worker and PostgreSQL are killed while carts are paid for, sent, canceled and refunded."""

import random
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from charsu.assembly import chores, open_hub, prepare
from charsu.kernel import SYSTEM, Hub, Tx
from charsu.kernel.server import open_server
from charsu.kernel.work import Worker
from charsu.orders import PutDeliveryMethod, Rate, put_delivery_method
from charsu.orders.payments import PROVIDERS
from charsu.torture.buyers import PLACE, Buyer
from charsu.torture.campaign import BUYERS, Campaign, Plans, Tell, Tortured
from charsu.torture.counting import is_drained_by, prepare_counting
from charsu.torture.goods import furnish
from charsu.torture.killing import Points, plan
from charsu.torture.paying import verifying
from charsu.torture.paying.bank import Bank
from charsu.torture.paying.buyers import POST, PayingBuyer
from charsu.torture.paying.calling import Messenger, open_counter
from charsu.torture.report import Report

PAYMENTS_PER_KILL = 3
RECOVERED_SECONDS = 60.0
LATER = timedelta(minutes=3)  # whoever held a lease is given up, and every pause is over
WEB_POINTS: Points = (
    ("shopping.pay/closed", 0.3),
    ("shopping.pay/committed", 0.3),
    ("orders.note_payment/closed", 0.5),
    ("orders.ship/committed", 0.5),
    ("orders.refund/closed", 0.5),
    ("orders.note_payment/committed", 0.5),
    ("shopping.pay/worked", 0.3),
    ("orders.ship/closed", 0.5),
)
WORKER_POINTS: Points = (
    ("orders.captured/closed", 0.5),
    ("shopping.payment_answered/closed", 0.3),
    ("orders.orphan_freed/closed", 0.7),
    ("orders.refunded/closed", 0.7),
    ("orders.captured/committed", 0.5),
    ("orders.voided/closed", 0.7),
    ("shopping.payment_answered/committed", 0.3),
    ("kernel.claim_processes/committed", 0.2),
)
"""In the order in which a small campaign takes them."""
_DIFFERENCES = "SELECT kind, reference FROM orders.payment_differences WHERE state = 'open'"


def torture_payments(
    data: Path,
    *,
    kills: int = 20,
    seed: int | None = None,
    plans: Plans | None = None,
    is_safe: bool = True,
    tell: Tell = lambda _: None,
) -> Report:
    """Take money in a fresh shop in this folder while its processes are killed, then judge it.

    kills, seed, plans   as for ``torture``
    is_safe              False for the control: money is taken in a way that loses it
    """
    seed = random.SystemRandom().getrandbits(32) if seed is None else seed
    chance = random.Random(seed)
    if plans is None:
        plans = plan(kills, chance, web=WEB_POINTS, worker=WORKER_POINTS)
    tell(f"seed {seed}: {sum(map(len, plans.values()))} kills")
    bank = Bank(secrets.token_urlsafe(16))
    with open_server(data) as server, open_counter(bank, random.Random(seed)) as port:
        prepare(server.dsn)
        with open_hub(server.dsn, connections=2) as hub:
            prepare_counting(hub)
            goods = furnish(hub)
            _put_post(hub)
        more = ("bank", str(port), bank.secret, "safe" if is_safe else "unsafe")
        campaign = PayingCampaign(
            Tortured(server.dsn, data, goods, PLACE, more), chance, tell, bank=bank
        )
        campaign.run(plans)
        return campaign.report()


def is_under_way(tx: Tx) -> bool:
    """Whether any process still runs."""
    return bool(tx.value("SELECT count(*) FROM kernel.processes WHERE state = 'running'"))


def _put_post(hub: Hub) -> None:
    rates = (Rate(currency="EUR", amount_minor=300),)
    ask = PutDeliveryMethod(code=POST, titles={"en": "By post"}, kind="ship", rates=rates)
    hub.run(put_delivery_method, ask, actor=SYSTEM)


class PayingCampaign(Campaign):
    """The same victims, other buyers, and a bank that remembers."""

    orders_per_kill = PAYMENTS_PER_KILL
    counted = "pay"

    def __init__(self, shop: Tortured, chance: random.Random, tell: Tell, *, bank: Bank) -> None:
        super().__init__(shop, chance, tell)
        self._bank = bank
        self._messenger: Messenger | None = None

    def _buyers(self, port: int) -> list[Buyer]:
        self._messenger = Messenger(port, self._over)
        self._bank.tells = self._messenger.takes
        self._messenger.start()
        return [self._buyer(number, port, PayingBuyer) for number in range(BUYERS)]

    def _wait_until_drained(self) -> None:
        """Let the bank say what it has to say, and workers take up what the killed have left."""
        assert self._messenger is not None, "the buyers have come"
        until = time.monotonic() + RECOVERED_SECONDS
        with self._hub() as hub:
            worker = Worker(hub, chores(), self._over)
            while time.monotonic() < until:
                worker.turn()
                if self._messenger.is_idle and self._is_over(hub):
                    return
                hub.offset += LATER

    def _is_over(self, hub: Hub) -> bool:
        return hub.read(lambda tx: is_drained_by(tx) and not is_under_way(tx))

    def report(self) -> Report:
        """The verdict, with the bank's own statements read at the end."""
        told, shop = self._journal.acknowledged, self._shop
        return Report(
            kills=tuple(self._judged(planned, at) for planned, at in self._kills),
            acknowledged=dict(Counter(entry.verb for entry in told)),
            retried=self._journal.retried,
            faults=dict(self._journal.faults),
            lost=tuple(verifying.lost(shop.dsn, told)),
            inconsistent=(
                *verifying.inconsistent(shop.dsn, self._bank),
                *self._differences(),
            ),
        )

    def _differences(self) -> Iterator[str]:
        """What the product itself finds when it compares the bank's statements with the books.

        Only what is still so at the end counts: while a killed process waits for its successor the
        bank is ahead of the books, and a reading of that moment says so.
        """
        with self._hub() as hub:
            hub.offset += timedelta(hours=25)
            due = {chore.name: chore for chore in chores()}
            due["orders.reconcile"].do(hub)
            while due["kernel.run_processes"].do(hub):
                pass
            rows = hub.read(lambda tx: tx.all(_DIFFERENCES))
        yield from (f"difference: {row.kind} {row.reference}" for row in rows)

    @contextmanager
    def _hub(self) -> Iterator[Hub]:
        """A hub of this process, which asks the bank itself."""
        PROVIDERS["bank"] = self._bank
        try:
            with open_hub(self._shop.dsn, connections=2) as hub:
                yield hub
        finally:
            del PROVIDERS["bank"]
