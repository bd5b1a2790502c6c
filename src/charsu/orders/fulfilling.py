"""Letting goods leave for an order: shared by hand-over, shipping and the counter."""

from collections.abc import Mapping
from uuid import UUID

from charsu.kernel import Tx
from charsu.kernel.ledger import Hold
from charsu.orders.books import earn
from charsu.orders.errors import TooMany, WrongStep
from charsu.orders.loaded import Order, Task, holds_of
from charsu.orders.payments.capturing import take_what_is_owed
from charsu.stock import let_go


def chosen_pieces(task: Task, asked: Mapping[UUID, int]) -> dict[UUID, int]:
    """The pieces that leave, by line: what was asked for, or all that is left.

    Raises WrongStep where nothing is left, TooMany where a line has less.
    """
    if not task.parts:
        raise WrongStep(state=task.state, asked="handed over")
    pieces = dict(asked) or dict(task.parts)
    for line, count in pieces.items():
        if count > task.parts.get(line, 0):
            raise TooMany(asked=count, left=task.parts.get(line, 0))
    return pieces


def leave(tx: Tx, order: Order, task: Task, pieces: Mapping[UUID, int]) -> bool:
    """Let the pieces leave the task's location; whether the task is done with it.

    Raises GoodsNotThere where they do not lie there.
    """
    held = [hold for hold in holds_of(tx, order) if hold.place_id == task.location_id]
    let_go(tx, spread(held, pieces), cause=order.id)
    earn(tx, order, pieces, cause=order.id)
    take_what_is_owed(tx, order)
    _advance(tx, task, pieces)
    is_done = all(pieces.get(line, 0) == left for line, left in task.parts.items())
    if is_done:
        set_task_state(tx, task.id, "done")
    return is_done


def spread(held: list[Hold], pieces: Mapping[UUID, int]) -> dict[UUID, int]:
    """Which holds the pieces of each line come from: (hold, pieces)."""
    amounts: dict[UUID, int] = {}
    for line, count in pieces.items():
        missing = count
        for hold in held:
            part = min(missing, hold.open - amounts.get(hold.id, 0))
            if hold.line_id == line and part > 0:
                amounts[hold.id] = amounts.get(hold.id, 0) + part
                missing -= part
        if missing:
            raise TooMany(asked=count, left=count - missing)
    return amounts


def _advance(tx: Tx, task: Task, pieces: Mapping[UUID, int]) -> None:
    values = {"lines": list(pieces), "counts": list(pieces.values())}
    tx.run(
        """
        UPDATE orders.fulfillment_lines p SET done = p.done + n.pieces
        FROM unnest(%(lines)s::uuid[], %(counts)s::bigint[]) AS n (line_id, pieces)
        WHERE p.fulfillment_id = %(task)s AND p.line_id = n.line_id
        """,
        task=task.id,
        **values,
    )
    tx.run(
        """
        UPDATE orders.order_lines l SET fulfilled = l.fulfilled + n.pieces
        FROM unnest(%(lines)s::uuid[], %(counts)s::bigint[]) AS n (id, pieces)
        WHERE l.id = n.id
        """,
        **values,
    )


def set_task_state(tx: Tx, task_id: UUID, state: str) -> None:
    """Write the state of a fulfillment."""
    tx.run(
        """
        UPDATE orders.fulfillments SET state = %(state)s, version = version + 1 WHERE id = %(id)s
        """,
        id=task_id,
        state=state,
    )
