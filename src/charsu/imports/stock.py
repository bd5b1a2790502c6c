"""The import of stock: absolute counts, each as of its own time."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from charsu.catalog import sku_key
from charsu.imports import reasons
from charsu.imports.target import Options, Target
from charsu.kernel import Tx
from charsu.kernel.intake import (
    Field,
    Item,
    Outcome,
    Reason,
    Rows,
    RowShape,
    code,
    moment,
    problem,
    whole,
)
from charsu.stock.bulk import CountOutcome, PastCount, put_many_counts


class StockRow(Struct, frozen=True, kw_only=True):
    """So many pieces of a variant at a location; without a time, as of now."""

    sku: str
    location: str | None = None
    on_hand: int
    counted_at: datetime | None = None


def _shape(_rows: Rows, options: Options) -> RowShape[StockRow]:
    return RowShape(
        StockRow,
        (
            Field("sku", code(max=64), required=True, aliases=("variant sku", "item")),
            Field(
                "location",
                code(max=64),
                required=options.location is None,
                aliases=("location code", "store", "warehouse"),
            ),
            Field(
                "on_hand",
                whole(least=0, most=10**9),
                required=True,
                aliases=("quantity", "qty", "count", "stock"),
            ),
            Field("counted_at", moment(zone=options.zone), aliases=("counted", "as of")),
        ),
        key=lambda row: f"{row.location}\0{sku_key(row.sku)}\0{row.counted_at}",
    )


def _store(tx: Tx, items: Sequence[Item[StockRow]], options: Options) -> list[Outcome]:
    rows = [item.value for item in items if item.value is not None]
    counted = put_many_counts(tx, [_count(row, options) for row in rows])
    return [
        _outcome(item, row, done, row.location or options.location or "")
        for item, row, done in zip(items, rows, counted, strict=True)
    ]


def _outcome(item: Item[StockRow], row: StockRow, done: CountOutcome, place: str) -> Outcome:
    name = f"{row.sku} @ {place}"
    if done.effect == "sku_unknown":
        return _refused(item, name, reasons.SKU_UNKNOWN, "sku", row.sku)
    if done.effect == "location_unknown":
        return _refused(item, name, reasons.LOCATION_UNKNOWN, "location", place)
    if done.effect == "out_of_time":
        return _refused(item, name, reasons.COUNT_OUT_OF_TIME, "counted_at", str(row.counted_at))
    return Outcome(done.effect, name, _difference(row, done))


def _difference(row: StockRow, done: CountOutcome) -> dict[str, tuple[str | None, str | None]]:
    if done.effect == "unchanged":
        return {}
    return {"on_hand": (None if done.before is None else str(done.before), str(row.on_hand))}


def _count(row: StockRow, options: Options) -> PastCount:
    place = row.location or options.location or ""
    return PastCount(row.sku, place, row.on_hand, row.counted_at)


def _refused(item: Item[StockRow], name: str, reason: Reason, field: str, value: str) -> Outcome:
    found = problem(reason, line=item.line, field=field, **{field: value})
    return Outcome("refused", name, problems=(found,))


STOCK = Target(
    "stock",
    "sku, location, on_hand and, if it is not of now, counted_at",
    _shape,
    _store,
    chunk=250,  # each row may be of a time of its own, and then is a count of its own
)
