"""The export from first line to report."""

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import polars as pl

from charsu.demo.loading.parts import put_in_parts
from charsu.demo.loading.wholesale.reading import CreditNote, Wholesale, read_wholesale
from charsu.demo.loading.wholesale.storing import (
    known_ids,
    losses_of,
    open_backroom,
    store_credits,
    store_losses,
    store_sales,
    stored_numbers,
)
from charsu.imports import Asked, Export
from charsu.kernel import Hub
from charsu.kernel.intake import Difference, Progress, Report
from charsu.kernel.intake.report import Tally
from charsu.kernel.intake.shape import Survey

COLUMNS = frozenset(
    (
        *("InvoiceNo", "StockCode", "Description", "Quantity"),
        *("InvoiceDate", "UnitPrice", "CustomerID", "Country"),
    )
)
ORDERS_AT_ONCE = 250
RETURNS_AT_ONCE = 500


def _knows(columns: Sequence[str]) -> bool:
    return frozenset(columns) >= COLUMNS


def _bring_in(hub: Hub, path: Path, asked: Asked) -> Report:
    """Store every line that is trade and report every other one; twice changes nothing.

    A dry run tells apart what is new from what is there, and stores nothing.
    """
    trade = read_wholesale(pl.read_parquet(path))
    tally = Tally(asked.on_problem)
    for found in trade.problems:
        tally.reported(1, (found,))
    told = _Told(tally, trade.rows, asked)
    if asked.dry_run:
        _foretell(hub, trade, told)
    else:
        _store(hub, trade, told)
    return tally.report(
        asked.file,
        Survey(trade.rows, {}),
        dry_run=asked.dry_run,
        columns_ignored=(),
        seconds=told.seconds,
    )


class _Told:
    """The account, and whoever watches it."""

    def __init__(self, tally: Tally, rows: int, asked: Asked) -> None:
        self._tally = tally
        self._rows = rows
        self._size = asked.file.size
        self._progress = asked.progress
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def stored(self, line: int, rows: int, name: str, *, is_new: bool) -> None:
        change = Difference(line, name, "created" if is_new else "unchanged", {})
        self._tally.stored(rows, (), change)

    def pace(self) -> None:
        if self._progress:
            done = sum(self._tally.rows.values())
            rate = done / max(self.seconds, 1e-6)
            left = (self._rows - done) / rate if rate else None
            consumed = self._size * done // max(self._rows, 1)
            self._progress(Progress(done, self._rows, consumed, self._size, rate, left))


def _foretell(hub: Hub, trade: Wholesale, told: _Told) -> None:
    known = stored_numbers(hub, [sale.number for sale in trade.sales])
    for sale in trade.sales:
        told.stored(sale.lines[0][0], len(sale.lines), sale.number, is_new=sale.number not in known)
    gone = known_ids(hub, [note.id for note in trade.credits], [one[0] for one in losses_of(trade)])
    for note in trade.credits:
        _tell_credit(told, note, is_new=note.id not in gone)
    for id_, line, sku in losses_of(trade):
        told.stored(line, 1, sku, is_new=id_ not in gone)
    told.pace()


def _store(hub: Hub, trade: Wholesale, told: _Told) -> None:
    backroom = open_backroom(hub, trade)
    selling = partial(store_sales, hub, backroom)
    for sales, effects in put_in_parts(trade.sales, ORDERS_AT_ONCE, selling):
        for sale, effect in zip(sales, effects, strict=True):
            is_new = effect == "created"
            told.stored(sale.lines[0][0], len(sale.lines), sale.number, is_new=is_new)
        told.pace()
    giving_back = partial(store_credits, hub, backroom)
    for notes, new in put_in_parts(trade.credits, RETURNS_AT_ONCE, giving_back):
        for note in notes:
            _tell_credit(told, note, is_new=note.id in new)
    new = store_losses(hub, backroom, trade)
    for id_, line, sku in losses_of(trade):
        told.stored(line, 1, sku, is_new=id_ in new)
    told.pace()


def _tell_credit(told: _Told, note: CreditNote, *, is_new: bool) -> None:
    lines = {back.line for back in note.backs}
    told.stored(min(lines), len(lines), note.number, is_new=is_new)


ONLINE_RETAIL = Export(
    "Online Retail", frozenset({"orders", "products", "customers"}), _knows, _bring_in
)
