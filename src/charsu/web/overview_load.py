"""The overview's answer, put together from what the insights say."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Generic, LiteralString, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from charsu.catalog import languages_for
from charsu.insights import (
    Bucket,
    ByChannel,
    ByLocation,
    SoldOut,
    SoldOuts,
    Span,
    business,
    happenings,
    sales_by_bucket,
    sales_by_channel,
    sales_by_location,
    sold_out,
    to_mend,
    totals,
    waits,
)
from charsu.kernel import Actor, Forbidden, Hub, Money, Tx
from charsu.web.calendar import Stretch, stretch
from charsu.web.overview import (
    ArrivedFact,
    ChannelSales,
    Choice,
    CurrencySales,
    CurrencyStores,
    OpenException,
    OverviewAsk,
    OverviewView,
    SalesPoint,
    StockOut,
    StoreSales,
    WaitingKind,
    WaitingOrders,
)

PERMISSION = "orders.read"
STORES_SHOWN = 8
SHELVES_SECONDS = 60.0  # counting every shelf is dear, and a minute changes little
SHELVES_KEPT_MAX = 64

_CHANNELS: LiteralString = "SELECT id, name FROM catalog.channels ORDER BY name, id"
_LOCATIONS: LiteralString = """
    SELECT id, name, time_zone FROM stock.locations
    WHERE %(ids)s::uuid[] IS NULL OR id = ANY(%(ids)s) ORDER BY name, id
"""

Value = TypeVar("Value")


class Sight(Struct, frozen=True):
    """What somebody may see: these locations or, for None, all; names in this language."""

    locations: frozenset[UUID] | None
    language: str


def sight_of(actor: Actor, language: str) -> Sight:
    """Raises Forbidden where the actor may see no orders anywhere."""
    locations = actor.locations_for(PERMISSION)
    if locations is not None and not locations:
        raise Forbidden("You may not do this: {permission}.", permission=PERMISSION)
    return Sight(locations, language)


class Kept(Generic[Value]):
    """Answers that may be a little old. While one is made anew, others get the old one."""

    def __init__(
        self, seconds: float, most: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds, self._most, self._clock = seconds, most, clock
        self._made: dict[Hashable, tuple[float, Value]] = {}
        self._making: set[Hashable] = set()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The answer kept under this key, or a new one where that is too old."""
        with self._lock:
            kept = self._made.get(key)
            if kept and (key in self._making or self._clock() - kept[0] < self._seconds):
                return kept[1]
            self._making.add(key)
        try:
            value = make()
        finally:
            with self._lock:
                self._making.discard(key)
        self._keep(key, value)
        return value

    def _keep(self, key: Hashable, value: Value) -> None:
        with self._lock:
            self._made[key] = (self._clock(), value)
            while len(self._made) > self._most:
                del self._made[min(self._made, key=lambda one: self._made[one][0])]


class Overview:
    """Answers the overview's question for one shop."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._shelves: Kept[SoldOuts] = Kept(SHELVES_SECONDS, SHELVES_KEPT_MAX)

    def load(self, sight: Sight, ask: OverviewAsk) -> OverviewView:
        """The business as it is now. Raises Forbidden for a location that is out of sight."""
        where = _where(sight, ask)
        with self._hub.reading(operation="web.overview") as tx:
            return self._load(tx, sight, ask, where)

    def _load(
        self, tx: Tx, sight: Sight, ask: OverviewAsk, where: tuple[UUID, ...] | None
    ) -> OverviewView:
        own = business(tx)
        places = tx.all(_LOCATIONS, ids=None if sight.locations is None else list(sight.locations))
        zone = _zone(sight, ask, places) or own.time_zone
        days = stretch(ask.period, now=tx.now, zone=ZoneInfo(zone))
        shelves = self._shelves.get((where, sight.language), lambda: _shelves(tx, sight, where))
        return OverviewView(
            ask=ask,
            as_of=tx.now,
            business=own.name,
            time_zone=zone,
            grain=days.grain,
            channels=tuple(Choice(*row) for row in tx.all(_CHANNELS)),
            locations=tuple(Choice(row.id, row.name) for row in places),
            **_sales(tx, _Scope(ask.channel_id, where, own.currency), days),
            waiting=_waiting(tx, ask, where),
            stock_outs=tuple(map(_stock_out, shelves.items)),
            stock_out_count=shelves.count,
            assortment_count=shelves.kept,
            **_exceptions(tx, where),
            facts=_facts(tx, ask, where),
        )


class _Scope(Struct, frozen=True):
    """Which sales, and which currency comes first."""

    channel: UUID | None
    where: tuple[UUID, ...] | None
    main: str

    def span(self, start: datetime, end: datetime) -> Span:
        return Span(start=start, end=end, channel_id=self.channel, location_ids=self.where)

    def rank(self, currency: str) -> tuple[bool, str]:
        """Sorts the main currency before the others."""
        return currency != self.main, currency


def _where(sight: Sight, ask: OverviewAsk) -> tuple[UUID, ...] | None:
    """The locations that count: the one asked for, else all in sight; None for the whole."""
    if ask.location_id is None:
        return None if sight.locations is None else tuple(sorted(sight.locations))
    if sight.locations is not None and ask.location_id not in sight.locations:
        raise Forbidden("You may not do this here: {permission}.", permission=PERMISSION)
    return (ask.location_id,)


def _zone(sight: Sight, ask: OverviewAsk, places: Sequence[Any]) -> str | None:
    """The zone of the location asked for, or the one of all that somebody sees; else None."""
    if ask.location_id is not None:
        return next((row.time_zone for row in places if row.id == ask.location_id), None)
    zones = {row.time_zone for row in places} if sight.locations is not None else set()
    return zones.pop() if len(zones) == 1 else None


def _shelves(tx: Tx, sight: Sight, where: tuple[UUID, ...] | None) -> SoldOuts:
    return sold_out(tx, languages=languages_for(sight.language), locations=where)


def _sales(tx: Tx, scope: _Scope, days: Stretch) -> dict[str, Any]:
    present = scope.span(days.start, days.end)
    before = totals(tx, scope.span(days.before_start, days.before_end))
    if not _sold_since(tx, days.before_start):
        before = {}  # the books begin later: what was sold before is not known
    buckets = sales_by_bucket(tx, present, starts=days.starts)
    currencies = sorted({bucket.currency for bucket in buckets}, key=scope.rank)
    sales = tuple(_currency(code, buckets, before, days) for code in currencies)
    return {
        "sales": sales,
        "sales_by_channel": _channels(sales_by_channel(tx, present), currencies),
        "sales_by_store": tuple(_stores(sales_by_location(tx, present), sales)),
    }


def _sold_since(tx: Tx, start: datetime) -> bool:
    """Whether the books go back that far."""
    began = tx.value("SELECT min(placed_at) FROM orders.orders")
    return began is not None and began <= start


def _stores(
    found: Iterable[ByLocation], sales: Iterable[CurrencySales]
) -> Iterator[CurrencyStores]:
    """The stores under each currency that they take. No currency takes another's rows away."""
    by_currency: defaultdict[str, list[ByLocation]] = defaultdict(list)
    for one in found:
        by_currency[one.currency].append(one)
    shown = rows_each([len(stores) for stores in by_currency.values()], STORES_SHOWN)
    rows = dict(zip(by_currency, shown, strict=True))
    for of in sales:
        if stores := by_currency.get(of.total.currency):
            best = stores[: rows[of.total.currency]]
            yield CurrencyStores(total=of.total, best=tuple(map(_store, best)), stores=len(stores))


def rows_each(wanted: Sequence[int], most: int) -> list[int]:
    """How many rows each group gets of ``most``: in turn, so that all have one before any has two.

    A group always has its first row, even where there are more groups than rows.
    """
    given = [min(rows, 1) for rows in wanted]
    while sum(given) < min(most, sum(wanted)):
        for at, rows in enumerate(wanted):
            if given[at] < rows and sum(given) < most:
                given[at] += 1
    return given


def _store(one: ByLocation) -> StoreSales:
    return StoreSales(
        location_id=one.location_id,
        name=one.name,
        town=one.town,
        orders=one.orders,
        total=Money(one.minor, one.currency),
    )


def _currency(
    code: str, buckets: Iterable[Bucket], before: dict[str, tuple[int, int]], days: Stretch
) -> CurrencySales:
    own = {bucket.start: bucket for bucket in buckets if bucket.currency == code}
    points = tuple(
        SalesPoint(start, own[start].minor, own[start].orders)
        if start in own
        else SalesPoint(start, 0, 0)
        for start in sorted({*days.starts, *own})
    )
    return CurrencySales(
        total=Money(sum(point.minor for point in points), code),
        orders=sum(point.orders for point in points),
        before=Money(before[code][0], code) if code in before else None,
        points=points,
    )


def _channels(sales: Iterable[ByChannel], currencies: list[str]) -> tuple[ChannelSales, ...]:
    """One line for each channel, its currencies in the page's order; more orders first."""
    by_channel: defaultdict[UUID, list[ByChannel]] = defaultdict(list)
    for one in sales:
        by_channel[one.channel_id].append(one)
    lines = [
        ChannelSales(
            channel_id=first.channel_id,
            name=first.name,
            kind=first.kind,
            orders=sum(one.orders for one in own),
            totals=tuple(
                Money(one.minor, one.currency)
                for one in sorted(own, key=lambda one: currencies.index(one.currency))
            ),
        )
        for own in by_channel.values()
        for first in own[:1]
    ]
    return tuple(sorted(lines, key=lambda line: (-line.orders, line.name)))


def _facts(tx: Tx, ask: OverviewAsk, where: tuple[UUID, ...] | None) -> tuple[ArrivedFact, ...]:
    return tuple(
        ArrivedFact(
            id=one.id,
            name=one.name,
            subject=one.subject,
            place=one.place,
            amount=one.amount,
            at=one.at,
        )
        for one in happenings(tx, channel=ask.channel_id, locations=where)
    )


def _waiting(tx: Tx, ask: OverviewAsk, where: tuple[UUID, ...] | None) -> tuple[WaitingOrders, ...]:
    """In the order in which an order goes through them."""
    found = {one.kind: one for one in waits(tx, channel=ask.channel_id, locations=where)}
    return tuple(
        WaitingOrders(kind=kind, count=one.count, late=one.late, oldest_at=one.oldest_at)
        for kind in WaitingKind
        if (one := found.get(kind.value))
    )


def _stock_out(gone: SoldOut) -> StockOut:
    return StockOut(
        variant_id=gone.variant_id,
        name=", ".join((gone.title, *gone.choice)),
        sku=gone.sku,
        location=gone.location,
        since=gone.since,
        sold_28d=gone.sold_before,
    )


def _exceptions(tx: Tx, where: tuple[UUID, ...] | None) -> dict[str, Any]:
    found = to_mend(tx, locations=where)
    shown = tuple(
        OpenException(
            id=one.id,
            kind=one.kind,
            subject=f"{one.sku}, {one.location}",
            owner=one.owner,
            opened_at=one.opened_at,
        )
        for one in found.items
    )
    return {"exceptions": shown, "exception_count": found.count}
