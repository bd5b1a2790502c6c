"""Somebody looks at what came back, and says what becomes of it."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import NotFound, Tx, append, operation
from charsu.orders.errors import TooMany
from charsu.orders.facts import ReturnInspected
from charsu.orders.loaded import Order, load, settle
from charsu.orders.model import Quantity
from charsu.stock import GoodsNotThere, Inspected, let_out_inspected

Outcome = Literal["on_hand", "on_display", "gone"]


class InspectedLine(Struct, frozen=True, kw_only=True):
    """Pieces of a line that were looked at, and what becomes of them.

    becomes   ``on_hand`` is for sale again, ``on_display`` is shown, ``gone`` is thrown away
    """

    line_id: UUID
    quantity: Quantity
    becomes: Outcome


class InspectReturn(Struct, frozen=True, kw_only=True):
    """What was found to be the matter with goods that came back into quarantine."""

    return_id: UUID
    lines: Annotated[tuple[InspectedLine, ...], Meta(min_length=1, max_length=200)]


class GoodsInspected(Struct, frozen=True):
    """How many pieces of the return nobody has looked at yet."""

    left: int
    version: int


class _Return(Struct, frozen=True):
    id: UUID
    order_id: UUID
    location_id: UUID


def _places(tx: Tx, ask: Any) -> tuple[UUID, ...] | None:
    row = _found(tx, ask.return_id)
    return (row.location_id,) if row else None


@operation(
    "orders.inspect_return",
    permission="orders.return",
    at=_places,
    http="POST /v1/returns/{return_id}/inspections",
    raises=(TooMany, GoodsNotThere),
)
def inspect_return(tx: Tx, ask: InspectReturn) -> GoodsInspected:
    """Let goods that came back out of quarantine: on sale, on display, or away.

    The money is another matter: ``orders.refund`` gives it back before or after.
    """
    back = _found(tx, ask.return_id)
    if back is None:
        raise NotFound("return", ask.return_id)
    order = load(tx, back.order_id)
    _note(tx, back, ask.lines)
    let_out_inspected(tx, _goods(order, ask.lines), location=back.location_id, cause=back.order_id)
    version = settle(tx, order).version
    fact = ReturnInspected(
        return_id=back.id,
        location_id=back.location_id,
        pieces=sum(line.quantity for line in ask.lines),
        gone=sum(line.quantity for line in ask.lines if line.becomes == "gone"),
    )
    append(tx, fact, subject=order.id, version=version)
    return GoodsInspected(_left(tx, back.id), version)


def _found(tx: Tx, return_id: UUID) -> _Return | None:
    row = tx.first(
        "SELECT id, order_id, location_id FROM orders.returns WHERE id = %(id)s", id=return_id
    )
    return _Return(*row) if row else None


def _note(tx: Tx, back: _Return, lines: Sequence[InspectedLine]) -> None:
    """Count the pieces as looked at. Raises TooMany where fewer are in quarantine for this."""
    pieces: dict[UUID, int] = {}
    for line in lines:
        pieces[line.line_id] = pieces.get(line.line_id, 0) + line.quantity
    waiting = {
        row.line_id: row.left
        for row in tx.all(
            """
            SELECT line_id, quantity - inspected AS left FROM orders.return_lines
            WHERE return_id = %(id)s AND condition = 'quarantine' FOR UPDATE
            """,
            id=back.id,
        )
    }
    for line_id, count in pieces.items():
        if count > waiting.get(line_id, 0):
            raise TooMany(asked=count, left=waiting.get(line_id, 0))
    tx.run(
        """
        UPDATE orders.return_lines r SET inspected = r.inspected + n.pieces
        FROM unnest(%(lines)s::uuid[], %(pieces)s::bigint[]) AS n (line_id, pieces)
        WHERE r.return_id = %(id)s AND r.condition = 'quarantine' AND r.line_id = n.line_id
        """,
        id=back.id,
        lines=list(pieces),
        pieces=list(pieces.values()),
    )


def _goods(order: Order, lines: Sequence[InspectedLine]) -> list[Inspected]:
    bought = order.lines
    return [
        Inspected(
            variant_id=bought[line.line_id].variant_id,
            unit=bought[line.line_id].unit,
            pieces=line.quantity,
            becomes=line.becomes,
        )
        for line in lines
    ]


def _left(tx: Tx, return_id: UUID) -> int:
    left: int = tx.value(
        """
        SELECT sum(quantity - inspected)::bigint FROM orders.return_lines
        WHERE return_id = %(id)s AND condition = 'quarantine'
        """,
        id=return_id,
    )
    return left
