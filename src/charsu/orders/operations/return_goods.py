"""Goods come back, in any location for any order."""

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import Tx, operation
from charsu.orders.books import GivenUp, give_up
from charsu.orders.errors import LineElsewhere, TooMany
from charsu.orders.facts import GoodsReturned
from charsu.orders.loaded import Line, Order, load, settle_state
from charsu.orders.model import Quantity, Reason, refund_share
from charsu.orders.words import tell_why
from charsu.stock import Returned, take_in_returned

Condition = Literal["on_hand", "on_display", "quarantine"]


class ReturnLine(Struct, frozen=True, kw_only=True):
    """Pieces of one line that came back, and where they go now."""

    line_id: UUID
    quantity: Quantity
    condition: Condition = "on_hand"


class ReturnGoods(Struct, frozen=True, kw_only=True):
    """What came back, and where."""

    order_id: UUID
    location_id: UUID
    lines: Annotated[tuple[ReturnLine, ...], Meta(min_length=1, max_length=200)]
    reason: Reason


class GoodsTaken(Struct, frozen=True):
    """What is owed to the customer for what she brought back.

    refund_minor   as she paid it, tax in it; ``orders.refund`` gives it back
    """

    return_id: UUID
    refund_minor: int
    version: int


@operation(
    "orders.return",
    permission="orders.return",
    at="location_id",
    http="POST /v1/orders/{order_id}/returns",
    raises=(TooMany, LineElsewhere),
)
def return_goods(tx: Tx, ask: ReturnGoods) -> GoodsTaken:
    """Take goods back into stock where the customer stands, whichever location sold them."""
    order = load(tx, ask.order_id)
    parts = brought(order, ask)
    back = tx.new_id()
    _store(tx, ask, back, parts)
    _restock(tx, ask, order, parts)
    refund, tax = sum(part.refund for part in parts), sum(part.tax for part in parts)
    give_up(tx, order, GivenUp(goods=refund, goods_tax=tax), cause=back)
    version = settle_state(tx, order).version
    fact = GoodsReturned(
        return_id=back,
        location_id=ask.location_id,
        line_ids=tuple(dict.fromkeys(part.line.id for part in parts)),
        pieces=sum(part.pieces for part in parts),
        reason=ask.reason,
    )
    tell_why(tx, fact, order=order.id, version=version)
    return GoodsTaken(back, refund, version)


class Brought(Struct, frozen=True):
    """Pieces of a line in one condition, and what was paid for them, tax in it."""

    line: Line
    condition: Condition
    pieces: int
    refund: int
    tax: int


def brought(order: Order, ask: ReturnGoods) -> list[Brought]:
    """What comes back and what it is worth, as it was asked; nothing is stored.

    Raises LineElsewhere where a line is not of this order, TooMany where less of it is with her.
    """
    pieces: dict[tuple[UUID, Condition], int] = {}
    for asked in ask.lines:
        at = (asked.line_id, asked.condition)
        pieces[at] = pieces.get(at, 0) + asked.quantity
    parts, returned = [], {line.id: line.returned for line in order.lines.values()}
    for (line_id, condition), count in pieces.items():
        line = order.lines.get(line_id)
        if line is None:
            raise LineElsewhere(line_id)
        left = line.fulfilled - returned[line_id]
        if count > left:
            raise TooMany(asked=count, left=left)
        parts.append(_part(line, condition, count, before=returned[line_id]))
        returned[line_id] += count
    return parts


def _part(line: Line, condition: Condition, count: int, *, before: int) -> Brought:
    def share(paid: int) -> int:
        return refund_share(
            paid=paid, quantity=line.quantity, returned_before=before, returning=count
        )

    return Brought(line, condition, count, share(line.total_minor), share(line.tax_minor))


def _store(tx: Tx, ask: ReturnGoods, back: UUID, parts: Sequence[Brought]) -> None:
    tx.run(
        """
        INSERT INTO orders.returns (id, order_id, location_id, reason, at)
        VALUES (%(id)s, %(order)s, %(location)s, %(reason)s, %(now)s)
        """,
        id=back,
        order=ask.order_id,
        location=ask.location_id,
        reason=ask.reason,
        now=tx.now,
    )
    tx.run(
        """
        WITH back AS (
            SELECT * FROM unnest(%(lines)s::uuid[], %(counts)s::bigint[], %(conditions)s::text[],
                                 %(refunds)s::bigint[], %(taxes)s::bigint[])
                AS b (line_id, pieces, condition, refund, tax)
        ), told AS (
            INSERT INTO orders.return_lines (return_id, line_id, quantity, condition, refund_minor,
                                             tax_minor)
            SELECT %(id)s, line_id, pieces, condition, refund, tax FROM back
        )
        UPDATE orders.order_lines l SET returned = l.returned + b.pieces
        FROM (SELECT line_id, sum(pieces)::bigint AS pieces FROM back GROUP BY line_id) b
        WHERE l.id = b.line_id
        """,
        id=back,
        lines=[part.line.id for part in parts],
        counts=[part.pieces for part in parts],
        conditions=[part.condition for part in parts],
        refunds=[part.refund for part in parts],
        taxes=[part.tax for part in parts],
    )


def _restock(tx: Tx, ask: ReturnGoods, order: Order, parts: Sequence[Brought]) -> None:
    returned = [
        Returned(
            variant_id=part.line.variant_id,
            unit=part.line.unit,
            pieces=part.pieces,
            state=part.condition,
        )
        for part in parts
    ]
    take_in_returned(tx, returned, location=ask.location_id, cause=order.id)
