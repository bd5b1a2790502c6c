"""Goods are gone."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import Tx, operation
from charsu.stock.documents import StockDocument, StockLine, move, on_hand, summed
from charsu.stock.errors import GoodsNotThere, SkuUnknown
from charsu.stock.model import outside_account


class WriteOffStock(Struct, frozen=True, kw_only=True):
    """What a location no longer has, and why."""

    location_id: UUID
    lines: Annotated[tuple[StockLine, ...], Meta(min_length=1, max_length=1000)]
    reason: Literal["damaged", "stolen", "expired", "used", "lost"]


@operation(
    "stock.write_off",
    permission="stock.write_off",
    at="location_id",
    http="POST /v1/stock/write-offs",
    raises=(SkuUnknown, GoodsNotThere),
)
def write_off_stock(tx: Tx, ask: WriteOffStock) -> StockDocument:
    """Take goods that are gone out of the books, also where they were promised to somebody.

    A promise that can no longer be kept from here becomes an exception that somebody must mend.
    """
    moves = [
        (on_hand(variant, ask.location_id), outside_account("lost", variant.unit), pieces)
        for variant, pieces in summed(tx, ask.lines)
    ]
    return move(
        tx,
        "write_off",
        moves,
        location=ask.location_id,
        reason=ask.reason,
        may_fall_short=True,
    )
