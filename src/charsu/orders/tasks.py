"""Asking locations to see to pieces of an order: from the first, or in place of another one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, LiteralString
from uuid import UUID

from charsu.kernel import Tx
from charsu.orders.deadlines import accept_by, ready_by
from charsu.orders.loaded import Order
from charsu.orders.sourcing import fewest_then_nearest
from charsu.stock import NotEnoughStock, Pick, Want, hold

_INSERT: LiteralString = """
    WITH asked AS (
        INSERT INTO orders.fulfillments
            (id, order_id, location_id, kind, state, due_by, step_by, version)
        SELECT id, %(order)s, location_id, %(kind)s, 'waiting', %(due_by)s, %(step_by)s, 1
        FROM unnest(%(tasks)s::uuid[], %(locations)s::uuid[]) AS t (id, location_id)
    )
    INSERT INTO orders.fulfillment_lines (id, fulfillment_id, line_id, quantity)
    SELECT * FROM unnest(%(ids)s::uuid[], %(part_tasks)s::uuid[], %(lines)s::uuid[],
                         %(counts)s::bigint[])
"""


def wants_of(order: Order, pieces: Mapping[UUID, int]) -> list[Want]:
    """Pieces of an order's lines as stock is asked for them."""
    return [
        Want(line, order.lines[line].variant_id, count, order.lines[line].unit)
        for line, count in pieces.items()
    ]


def try_to_hold(
    tx: Tx, order: Order, pieces: Mapping[UUID, int], *, locations: Sequence[UUID]
) -> list[Pick] | None:
    """Promise these pieces from these locations; None, and nothing changed, where they lack."""
    try:
        with tx.savepoint():
            return hold_at(tx, order, pieces, locations=locations)
    except NotEnoughStock:
        return None


def hold_at(
    tx: Tx, order: Order, pieces: Mapping[UUID, int], *, locations: Sequence[UUID]
) -> list[Pick]:
    """Promise these pieces from these locations, all or none. Raises NotEnoughStock."""
    return hold(
        tx,
        wants_of(order, pieces),
        channel=order.channel_id,
        owner=order.id,
        choose=fewest_then_nearest(),
        expires_at=None,
        locations=locations,
    )


def ask_to_send(
    tx: Tx, order: Order, picks: Sequence[Pick], *, due_by: datetime
) -> tuple[UUID, ...]:
    """Let the locations of these picks send them by then; which they are."""
    return _ask(tx, order, picks, kind="ship", due_by=due_by, step_by=due_by)


def ask_to_lay_out(
    tx: Tx, order: Order, picks: Sequence[Pick], *, location: UUID
) -> tuple[UUID, ...]:
    """Let the location lay these picks out for the customer."""
    due_by, step_by = ready_by(tx, location), accept_by(tx, location)
    return _ask(tx, order, picks, kind="pickup", due_by=due_by, step_by=step_by)


def _ask(
    tx: Tx,
    order: Order,
    picks: Sequence[Pick],
    *,
    kind: Literal["ship", "pickup"],
    due_by: datetime,
    step_by: datetime,
) -> tuple[UUID, ...]:
    tasks: dict[UUID, UUID] = {}
    pieces: dict[tuple[UUID, UUID], int] = {}
    for pick in picks:
        location = pick.source.location_id
        tasks.setdefault(location, tx.new_id())
        at = (location, pick.want.line_id)
        pieces[at] = pieces.get(at, 0) + pick.quantity
    tx.run(
        _INSERT,
        order=order.id,
        kind=kind,
        due_by=due_by,
        step_by=step_by,
        tasks=list(tasks.values()),
        locations=list(tasks),
        ids=[tx.new_id() for _ in pieces],
        part_tasks=[tasks[location] for location, _ in pieces],
        lines=[line for _, line in pieces],
        counts=list(pieces.values()),
    )
    return tuple(tasks)
