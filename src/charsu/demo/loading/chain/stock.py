"""What lies where: deliveries that bring every location to its level."""

from collections import defaultdict
from collections.abc import Sequence
from typing import LiteralString

from charsu.demo.chain import stock
from charsu.demo.loading.chain.last_pieces import last_pieces
from charsu.demo.loading.chain.opening import Opened
from charsu.demo.loading.progress import Progress
from charsu.kernel import SYSTEM, Hub, KeyReused
from charsu.stock import (
    AllocateStock,
    CountedLine,
    CountStock,
    ReceiveStock,
    StockLine,
    allocate_to_channel,
    count_stock,
    receive_stock,
)

LINES_AT_ONCE = 500
POOL = 3  # pieces that the marketplace has for itself, of the goods there are most of

_LYING: LiteralString = """
    SELECT l.code AS location, v.sku, sum(b.posted)::bigint AS pieces
    FROM ledger.balances b
    JOIN stock.locations l ON l.id = b.place_id
    JOIN catalog.variants v ON v.id = b.thing_id
    WHERE b.kind = 'on_hand' GROUP BY l.code, v.sku
"""


def put_stock(hub: Hub, opened: Opened, progress: Progress) -> None:
    """The first delivery to every location, and the marketplace's own part of the warehouse."""
    refill(hub, opened, key="opening")
    _put_last_pieces(hub, opened)
    _count_the_empty(hub, opened)
    warehouse = opened.locations["simanovci"]
    there = [level for level in stock() if level.location == "simanovci"]
    most = sorted(there, key=lambda level: (-level.on_hand, level.sku))[:10]
    hub.run(
        allocate_to_channel,
        AllocateStock(
            location_id=warehouse,
            channel_id=opened.channels["marketplace"],
            lines=tuple(StockLine(sku=level.sku, pieces=POOL) for level in most),
        ),
        actor=SYSTEM,
        key="demo/pool",
    )
    progress("stock", len(stock()), len(stock()))


def _put_last_pieces(hub: Hub, opened: Opened) -> None:
    """Deliver once what the stores sell out and do not get again."""
    lines: dict[str, list[StockLine]] = defaultdict(list)
    for last in last_pieces():
        lines[last.location].append(StockLine(sku=last.sku, pieces=last.pieces))
    for location, some in lines.items():
        _receive(hub, opened, location, some, key=f"demo/last/{location}")


def _count_the_empty(hub: Hub, opened: Opened) -> None:
    """Say of what a location keeps and never had that there is none."""
    empty: dict[str, list[CountedLine]] = defaultdict(list)
    had = {(last.sku, last.location) for last in last_pieces()}
    for level in stock():
        if not level.on_hand and (level.sku, level.location) not in had:
            empty[level.location].append(CountedLine(sku=level.sku, on_hand=0))
    for location, lines in empty.items():
        ask = CountStock(location_id=opened.locations[location], lines=tuple(lines))
        hub.run(count_stock, ask, actor=SYSTEM, key=f"demo/empty/{location}")


def refill(hub: Hub, opened: Opened, *, key: str) -> None:
    """Deliver to each location what it has less of than the chain's file says."""
    missing: dict[str, list[StockLine]] = defaultdict(list)
    with hub.reading() as tx:
        lying = {(row.location, row.sku): row.pieces for row in tx.all(_LYING)}
    for level in stock():
        pieces = level.on_hand - lying.get((level.location, level.sku), 0)
        if pieces > 0:
            missing[level.location].append(StockLine(sku=level.sku, pieces=pieces))
    for location, lines in missing.items():
        for start in range(0, len(lines), LINES_AT_ONCE):
            some = lines[start : start + LINES_AT_ONCE]
            _receive(hub, opened, location, some, key=f"demo/{key}/{location}/{start}")


def _receive(
    hub: Hub, opened: Opened, location: str, lines: Sequence[StockLine], *, key: str
) -> None:
    ask = ReceiveStock(
        location_id=opened.locations[location], lines=tuple(lines), reference=key[5:]
    )
    try:
        hub.run(receive_stock, ask, actor=SYSTEM, key=key)
    except KeyReused:
        return  # a load that was interrupted brought this delivery, when other things were missing
