"""Web, worker and PostgreSQL are killed while terminals take money and goods are exchanged."""

import random
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from charsu.assembly import chores, open_hub, prepare
from charsu.kernel import SYSTEM, Hub
from charsu.kernel.server import open_server
from charsu.kernel.work import Worker
from charsu.orders import PutTerminal, put_terminal
from charsu.orders.payments import PROVIDERS
from charsu.orders.terminals.kinds import TERMINALS
from charsu.torture.buyers import PLACE, Buyer
from charsu.torture.campaign import BUYERS, Campaign, Plans, Tell, Tortured
from charsu.torture.counting import is_drained_by, prepare_counting
from charsu.torture.goods import furnish
from charsu.torture.killing import Points, plan
from charsu.torture.paying.calling import open_counter
from charsu.torture.paying.campaign import LATER, RECOVERED_SECONDS, is_under_way
from charsu.torture.report import Report
from charsu.torture.tills import verifying
from charsu.torture.tills.buyers import TERMINALS_EACH, TillBuyer
from charsu.torture.tills.desk import KIND, Desk, DistantTerminal

CHARGES_PER_KILL = 3
WEB_POINTS: Points = (
    ("orders.exchange/closed", 0.5),
    ("orders.start_terminal_payment/committed", 0.3),
    ("orders.exchange/committed", 0.5),
    ("orders.start_terminal_payment/closed", 0.3),
    ("orders.exchange/worked", 0.5),
    ("orders.cancel_terminal_payment/committed", 0.7),
)
WORKER_POINTS: Points = (
    ("orders.terminal_told/closed", 0.3),
    ("orders.terminal_told/committed", 0.3),
    ("kernel.claim_processes/committed", 0.2),
    ("orders.terminal_given_back/closed", 0.7),
    ("orders.refunded/closed", 0.5),
    ("orders.terminal_silent/closed", 0.7),
)
"""In the order in which a small campaign takes them."""


def torture_tills(
    data: Path,
    *,
    kills: int = 20,
    seed: int | None = None,
    plans: Plans | None = None,
    is_safe: bool = True,
    tell: Tell = lambda _: None,
) -> Report:
    """Sell at tills of a fresh shop in this folder while its processes are killed, then judge it.

    kills, seed, plans   as for ``torture``
    is_safe              False for the control: an amount is shown again after a death
    """
    seed = random.SystemRandom().getrandbits(32) if seed is None else seed
    chance = random.Random(seed)
    if plans is None:
        plans = plan(kills, chance, web=WEB_POINTS, worker=WORKER_POINTS)
    tell(f"seed {seed}: {sum(map(len, plans.values()))} kills")
    desk = Desk(secrets.token_urlsafe(16), random.Random(seed))
    with open_server(data) as server, open_counter(desk, random.Random(seed)) as port:
        prepare(server.dsn)
        with _speaking(port), open_hub(server.dsn, connections=2) as hub:
            prepare_counting(hub)
            goods = furnish(hub)
            _put_tills(hub)
        more = ("terminals", str(port), desk.secret, "safe" if is_safe else "unsafe")
        shop = Tortured(server.dsn, data, goods, PLACE, more)
        campaign = TillCampaign(shop, chance, tell, desk=desk, port=port)
        campaign.run(plans)
        return campaign.report()


@contextmanager
def _speaking(port: int) -> Iterator[None]:
    """This process speaks to the campaign's terminals, too."""
    TERMINALS[KIND] = PROVIDERS[KIND] = DistantTerminal(port, "")
    try:
        yield
    finally:
        del TERMINALS[KIND], PROVIDERS[KIND]


def _put_tills(hub: Hub) -> None:
    with hub.reading() as tx:
        store = tx.value("SELECT id FROM stock.locations ORDER BY code LIMIT 1")
    for number in range(BUYERS * TERMINALS_EACH):
        code = f"buyer-{number % BUYERS}-{number}"
        ask = PutTerminal(code=code, name=code, location_id=store, kind=KIND, number=code)
        hub.run(put_terminal, ask, actor=SYSTEM)


class TillCampaign(Campaign):
    """The same victims, customers at tills, and terminals that remember."""

    orders_per_kill = CHARGES_PER_KILL
    counted = "charge"

    def __init__(
        self, shop: Tortured, chance: random.Random, tell: Tell, *, desk: Desk, port: int
    ) -> None:
        super().__init__(shop, chance, tell)
        self._desk, self._port = desk, port

    def _buyers(self, port: int) -> list[Buyer]:
        return [self._buyer(number, port, TillBuyer) for number in range(BUYERS)]

    def _wait_until_drained(self) -> None:
        """Let workers take up what the killed have left."""
        until = time.monotonic() + RECOVERED_SECONDS
        with _speaking(self._port), open_hub(self._shop.dsn, connections=2) as hub:
            worker = Worker(hub, chores(), self._over)
            while time.monotonic() < until:
                worker.turn()
                if hub.read(is_drained_by) and not hub.read(is_under_way):
                    return
                hub.offset += LATER

    def report(self) -> Report:
        """The verdict."""
        told, dsn = self._journal.acknowledged, self._shop.dsn
        return Report(
            kills=tuple(self._judged(planned, at) for planned, at in self._kills),
            acknowledged=dict(Counter(entry.verb for entry in told)),
            retried=self._journal.retried,
            faults=dict(self._journal.faults),
            lost=tuple(verifying.lost(dsn, told)),
            inconsistent=tuple(verifying.inconsistent(dsn, told, self._desk)),
        )
