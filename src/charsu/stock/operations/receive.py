"""Goods arrive."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import Tx, operation
from charsu.stock.documents import StockDocument, StockLine, move, on_hand, summed
from charsu.stock.errors import SkuUnknown
from charsu.stock.model import outside_account


class ReceiveStock(Struct, frozen=True, kw_only=True):
    """What a supplier brought to a location."""

    location_id: UUID
    lines: Annotated[tuple[StockLine, ...], Meta(min_length=1, max_length=1000)]
    reference: Annotated[str, Meta(max_length=128)] = ""  # the supplier's delivery note


@operation(
    "stock.receive",
    permission="stock.receive",
    at="location_id",
    http="POST /v1/stock/receipts",
    raises=(SkuUnknown,),
)
def receive_stock(tx: Tx, ask: ReceiveStock) -> StockDocument:
    """Take goods from a supplier into stock; they are for sale at once.

    What was missing for promises already made is covered first.
    """
    moves = [
        (outside_account("supplier", variant.unit), on_hand(variant, ask.location_id), pieces)
        for variant, pieces in summed(tx, ask.lines)
    ]
    return move(tx, "receipt", moves, location=ask.location_id, reference=ask.reference)
