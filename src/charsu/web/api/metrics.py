"""Figures for those who run the shop, in the text format of Prometheus."""

from collections.abc import Iterable, Iterator
from typing import Any, LiteralString

import psycopg
import structlog
from litestar import Response
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from psycopg_pool import PoolTimeout

from charsu.kernel import Hub, Tx
from charsu.orders import count_orphans
from charsu.web.api.threads import Threads

_log = structlog.get_logger("charsu.metrics")
CONTENT_TYPE = "text/plain; version=0.0.4"
LATENCY_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
COUNTED_MAX = 100_000  # a consumer further behind than this is shown as this far behind
DATABASE_SECONDS_MAX = 2.0

_LAG: LiteralString = """
    SELECT c.name, behind.facts,
           greatest(0, extract(epoch FROM %(now)s::timestamptz - behind.oldest_at)) AS age
    FROM kernel.consumers c
    LEFT JOIN LATERAL (
        SELECT count(*) AS facts, min(at) AS oldest_at FROM (
            SELECT f.at FROM kernel.facts f
            WHERE (f.epoch, f.transaction, f.sequence) > (c.epoch, c.transaction, c.sequence)
            ORDER BY f.epoch, f.transaction, f.sequence LIMIT %(most)s) AS unread
    ) AS behind ON true
"""

_PARKED: LiteralString = "SELECT consumer, count(*) AS facts FROM kernel.parked GROUP BY consumer"

_OLDEST: LiteralString = """
    SELECT pid, extract(epoch FROM clock_timestamp() - xact_start) AS age
    FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
      AND backend_type = 'client backend'
    ORDER BY xact_start LIMIT 1
"""

_DIFFERENCES: LiteralString = """
    SELECT k.kind, count(d.id) AS differences
    FROM unnest(ARRAY['missing_at_provider', 'missing_in_books', 'other_amount',
                      'other_currency']) AS k (kind)
    LEFT JOIN orders.payment_differences d ON d.kind = k.kind AND d.state = 'open'
    GROUP BY k.kind
"""

_READ: LiteralString = """
    SELECT provider,
           greatest(0, extract(epoch FROM %(now)s::timestamptz - max(ended_at))) AS age
    FROM orders.reconciliations WHERE state = 'done' GROUP BY provider
"""

_LIVE_HOLDS: LiteralString = "SELECT count(*) FROM ledger.holds WHERE state = 'live'"


class Metrics:
    """The figures of one process; those of the database are the same from every process."""

    def __init__(self, hub: Hub, threads: Threads) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "charsu_requests",
            "Requests answered, by operation and status.",
            ["operation", "status"],
            registry=self._registry,
        )
        self._latency = Histogram(
            "charsu_request_seconds",
            "Time until the answer began, by operation.",
            ["operation"],
            buckets=LATENCY_SECONDS,
            registry=self._registry,
        )
        busy = Gauge("charsu_threads_busy", "Requests at work or waiting.", registry=self._registry)
        busy.set_function(lambda: threads.busy)
        self._registry.register(_Database(hub))

    def observe(self, operation: str, status: int, seconds: float) -> None:
        """Count one request."""
        self._requests.labels(operation, str(status)).inc()
        self._latency.labels(operation).observe(seconds)

    def response(self) -> Response[bytes]:
        """All figures as text. Asks the database, so call it in a thread."""
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE)


_UNKNOWN: LiteralString = """
    SELECT count(*) FROM orders.terminal_payments WHERE state = 'unknown' AND ended_at IS NULL
"""


class _Database(Collector):
    """Asked anew at each scrape. While the database is away the other figures still come."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def describe(self) -> Iterable[Any]:
        return ()  # what there is to tell depends on the consumers

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            families = self._from_database()
        except (psycopg.OperationalError, PoolTimeout) as problem:
            _log.warning("database_away", problem=type(problem).__name__)
            families = []
        up = GaugeMetricFamily("charsu_database_up", "Whether the database answers.")
        up.add_metric([], float(bool(families)))
        yield from (up, *families, *self._pool())

    def _from_database(self) -> list[GaugeMetricFamily]:
        with self._hub.pool.connection(timeout=DATABASE_SECONDS_MAX):
            pass  # finds out within bounds whether the pool can serve at all
        with self._hub.reading(operation="web.metrics") as tx:
            return [*_lags(tx), _parked(tx), *_oldest(tx), _holds(tx), *_payments(tx)]

    def _pool(self) -> Iterator[GaugeMetricFamily]:
        family = GaugeMetricFamily(
            "charsu_pool", "Database connections of this process.", labels=["what"]
        )
        stats = self._hub.pool.get_stats()
        for name in ("pool_max", "pool_size", "pool_available", "requests_waiting"):
            family.add_metric([name.removeprefix("pool_")], stats.get(name, 0))
        yield family


def _lags(tx: Tx) -> tuple[GaugeMetricFamily, GaugeMetricFamily]:
    facts = GaugeMetricFamily(
        "charsu_consumer_lag_facts", "Facts a consumer has not read yet.", labels=["consumer"]
    )
    seconds = GaugeMetricFamily(
        "charsu_consumer_lag_seconds", "Age of the first of them.", labels=["consumer"]
    )
    for row in tx.all(_LAG, now=tx.now, most=COUNTED_MAX):
        facts.add_metric([row.name], row.facts)
        seconds.add_metric([row.name], float(row.age or 0))
    return facts, seconds


def _parked(tx: Tx) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "charsu_parked_facts", "Facts that could not be handled yet.", labels=["consumer"]
    )
    for row in tx.all(_PARKED):
        family.add_metric([row.consumer], row.facts)
    return family


def _oldest(tx: Tx) -> Iterator[GaugeMetricFamily]:
    """The open transaction that holds every reader of the log up."""
    row = tx.first(_OLDEST)
    age = GaugeMetricFamily(
        "charsu_oldest_transaction_seconds", "Age of the oldest open transaction."
    )
    pid = GaugeMetricFamily(
        "charsu_oldest_transaction_pid", "Its server process; 0 where none is open."
    )
    age.add_metric([], max(0.0, float(row.age)) if row else 0.0)
    pid.add_metric([], row.pid if row else 0)
    yield from (age, pid)


def _holds(tx: Tx) -> GaugeMetricFamily:
    family = GaugeMetricFamily("charsu_live_holds", "Reservations that are neither used nor gone.")
    family.add_metric([], tx.value(_LIVE_HOLDS))
    return family


def _payments(tx: Tx) -> Iterator[GaugeMetricFamily]:
    """Money that is not where the books say, and how long ago that was looked at."""
    differences = GaugeMetricFamily(
        "charsu_payment_differences",
        "Payments that are not as their provider says, and nobody has seen to.",
        labels=["kind"],
    )
    for row in tx.all(_DIFFERENCES):
        differences.add_metric([row.kind], row.differences)
    age = GaugeMetricFamily(
        "charsu_statements_read_seconds",
        "Time since a provider's statements were last read to their end.",
        labels=["provider"],
    )
    for row in tx.all(_READ, now=tx.now):
        age.add_metric([row.provider], float(row.age))
    orphaned = GaugeMetricFamily(
        "charsu_orphaned_payments",
        "Promised money of which no order came: waiting to be let go, stuck, or let_go.",
        labels=["state"],
    )
    for state, payments in count_orphans(tx).items():
        orphaned.add_metric([state], payments)
    unknown = GaugeMetricFamily(
        "charsu_unknown_terminal_payments",
        "Payments on card terminals of which nobody knows whether they were taken.",
    )
    unknown.add_metric([], tx.value(_UNKNOWN))
    yield from (differences, age, orphaned, unknown)
