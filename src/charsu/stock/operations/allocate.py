"""Pieces are kept for one channel alone."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import NotFound, Tx, operation
from charsu.stock.documents import StockDocument, StockLine, move, on_hand, summed
from charsu.stock.errors import GoodsNotThere, SkuUnknown


class AllocateStock(Struct, frozen=True, kw_only=True):
    """Which pieces at a location are for one channel alone."""

    location_id: UUID
    channel_id: UUID
    lines: Annotated[tuple[StockLine, ...], Meta(min_length=1, max_length=1000)]
    give_back: bool = False  # from the channel's own to what all may sell


@operation(
    "stock.allocate",
    permission="stock.allocate",
    at="location_id",
    http="POST /v1/stock/allocations",
    raises=(SkuUnknown, GoodsNotThere),
)
def allocate_to_channel(tx: Tx, ask: AllocateStock) -> StockDocument:
    """Keep pieces for one channel alone, or give them back to all.

    The channel sells its own pieces first and may sell the common ones too.
    """
    if not tx.value("SELECT true FROM catalog.channels WHERE id = %(id)s", id=ask.channel_id):
        raise NotFound("channel", ask.channel_id)
    moves = []
    for variant, pieces in summed(tx, ask.lines):
        common = on_hand(variant, ask.location_id)
        own = on_hand(variant, ask.location_id, ask.channel_id)
        moves.append((own, common, pieces) if ask.give_back else (common, own, pieces))
    return move(tx, "allocation", moves, location=ask.location_id)
