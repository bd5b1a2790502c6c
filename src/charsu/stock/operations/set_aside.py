"""Goods change their state where they lie."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import Tx, operation
from charsu.stock.documents import StockDocument, StockLine, move, summed
from charsu.stock.errors import GoodsNotThere, SkuUnknown
from charsu.stock.model import stock_account

State = Literal["on_hand", "on_display", "quarantine"]


class SetAside(Struct, frozen=True, kw_only=True):
    """What changes its state at a location."""

    location_id: UUID
    lines: Annotated[tuple[StockLine, ...], Meta(min_length=1, max_length=1000)]
    was: State
    becomes: State


@operation(
    "stock.set_aside",
    permission="stock.set_aside",
    at="location_id",
    http="POST /v1/stock/states",
    raises=(SkuUnknown, GoodsNotThere),
)
def set_aside(tx: Tx, ask: SetAside) -> StockDocument:
    """Put goods on display or into quarantine, or back on sale.

    Only what is on hand is for sale; what is promised to somebody stays there.
    """
    moves = [
        (
            stock_account(variant.id, ask.location_id, state=ask.was, unit=variant.unit),
            stock_account(variant.id, ask.location_id, state=ask.becomes, unit=variant.unit),
            pieces,
        )
        for variant, pieces in summed(tx, ask.lines)
    ]
    return move(tx, "state", moves, location=ask.location_id)
