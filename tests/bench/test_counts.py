"""What an order costs, in numbers that no neighbour on the machine can change."""

import tempfile
from collections import Counter
from collections.abc import Iterator

import psycopg
import pytest
from bench.stocked import Stocked, stock_shop
from msgspec import Struct
from psycopg.pq import Trace

from charsu.assembly import open_hub
from charsu.kernel import SYSTEM, Hub
from charsu.orders import BuyLine, PlaceOrder, place_order

pytestmark = pytest.mark.slow

ORDERS = 50
WINDOWS = 3  # a checkpoint makes the orders after it dearer; it cannot fall into all of them


class Shop:
    """A stocked shop with one connection, whose doings can be counted."""

    def __init__(self, hub: Hub, conninfo: str, stocked: Stocked) -> None:
        self.hub = hub
        self._conninfo = conninfo
        self._stocked = stocked

    def buy(self, *, lines: int, orders: int = 1) -> None:
        """So many orders, each of so many products, one piece of each."""
        for number in range(orders):
            variants = self._stocked.variants[number % lines :][:lines]
            ask = PlaceOrder(
                channel_id=self._stocked.channel,
                country="RS",
                lines=tuple(BuyLine(variant_id=variant, quantity=1) for variant in variants),
            )
            self.hub.run(place_order, ask, actor=SYSTEM)

    def sent(self, *, lines: int) -> Counter[str]:
        """What one order sends to the database, by kind of message of PostgreSQL's protocol."""
        with tempfile.TemporaryFile("w+") as told:
            with self.hub.pool.connection() as connection:
                connection.pgconn.trace(told.fileno())
                connection.pgconn.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)
            self.buy(lines=lines)
            with self.hub.pool.connection() as connection:
                connection.pgconn.untrace()
            told.seek(0)
            messages = [line.split("\t") for line in told]
        return Counter(message[2].strip() for message in messages if message[0] == "F")

    def cost(self, *, lines: int) -> "Cost":
        """What one order makes the database write and touch, in the cheapest of some windows."""
        costs = []
        for _ in range(WINDOWS):
            before = self._cost_so_far()
            self.buy(lines=lines, orders=ORDERS)
            after = self._cost_so_far()
            costs.append([(new - old) / ORDERS for new, old in zip(after, before, strict=True)])
        return Cost(*map(min, zip(*costs, strict=True)))

    def _cost_so_far(self) -> tuple[int, int, int]:
        with self.hub.pool.connection() as connection:
            connection.execute("SELECT pg_stat_force_next_flush()")
            connection.commit()
            connection.execute("SELECT 1")  # what is counted is told when the next one ends
            connection.commit()
            pid = connection.info.backend_pid
        with psycopg.connect(self._conninfo) as watcher:
            row = watcher.execute(COST, {"pid": pid}).fetchone()
        assert row is not None
        return row


class Cost(Struct, frozen=True):
    """For one order."""

    wal_records: float
    wal_bytes: float
    buffers: float


COST = """
    SELECT w.wal_records, w.wal_bytes::bigint,
           (SELECT sum(hits + reads + extends)::bigint FROM pg_stat_get_backend_io(%(pid)s))
    FROM pg_stat_get_backend_wal(%(pid)s) w
"""


@pytest.fixture
def shop(database: str) -> Iterator[Shop]:
    stocked = stock_shop(database, products=10)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
    with open_hub(database, connections=1) as hub:
        opened = Shop(hub, database, stocked)
        opened.buy(lines=1, orders=ORDERS)  # until every statement is prepared and planned
        opened.buy(lines=5, orders=ORDERS)
        yield opened


@pytest.mark.parametrize("lines", [1, 5])
def test_an_order_is_five_statements_between_begin_and_commit(shop: Shop, lines: int) -> None:
    """Where its goods were sold before: what lasts is known then."""
    sent = shop.sent(lines=lines)

    assert sent["Bind"] == 5
    assert sent["Query"] == 2
    assert sent["Parse"] == 0


@pytest.mark.parametrize(
    ("lines", "most"),
    [
        (1, Cost(wal_records=42, wal_bytes=4_200, buffers=115)),
        (5, Cost(wal_records=110, wal_bytes=10_400, buffers=350)),
    ],
)
def test_an_order_writes_and_touches_no_more_than_it_did(
    shop: Shop, lines: int, most: Cost
) -> None:
    cost = shop.cost(lines=lines)

    # less than half of what is allowed: either nothing was counted, or the bound is to be tightened
    print(cost)
    assert most.wal_records / 2 < cost.wal_records <= most.wal_records
    assert most.wal_bytes / 2 < cost.wal_bytes <= most.wal_bytes
    assert most.buffers / 2 < cost.buffers <= most.buffers
