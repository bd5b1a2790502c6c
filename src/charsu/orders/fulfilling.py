"""Letting goods leave for an order: shared by hand-over, shipping and the counter."""

from collections.abc import Mapping
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from charsu.kernel import Tx
from charsu.kernel.ledger import Hold
from charsu.orders.books import earn
from charsu.orders.errors import TooMany, WrongStep
from charsu.orders.exceptions import close_of_task
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
        close_of_task(tx, task.id, "late", outcome="done")
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


def set_task_state(tx: Tx, task_id: UUID, state: str, *, step_by: datetime | None = None) -> None:
    """Write the state of a fulfillment, and by when its next step must be done, if any."""
    tx.run(
        """
        UPDATE orders.fulfillments
        SET state = %(state)s, step_by = %(step_by)s, version = version + 1 WHERE id = %(id)s
        """,
        id=task_id,
        state=state,
        step_by=step_by,
    )


def leave_out(tx: Tx, task: Task, missing: Mapping[UUID, int]) -> None:
    """Take pieces off a fulfillment that will not be done there; without any left it is over."""
    tx.run(
        """
        UPDATE orders.fulfillment_lines p SET canceled = p.canceled + n.pieces
        FROM unnest(%(lines)s::uuid[], %(counts)s::bigint[]) AS n (line_id, pieces)
        WHERE p.fulfillment_id = %(task)s AND p.line_id = n.line_id
        """,
        task=task.id,
        lines=list(missing),
        counts=list(missing.values()),
    )
    tx.run(_STEP_DONE, id=task.id)


# Whoever leaves something out tells one fact of the order, so the version rises by one.
_STEP_DONE: LiteralString = """
    UPDATE orders.fulfillments f
    SET version = f.version + 1, state = p.state,
        step_by = CASE WHEN p.state = f.state THEN f.step_by END
    FROM (
        SELECT CASE WHEN bool_or(p.done + p.canceled < p.quantity) THEN 'waiting'
                    WHEN bool_or(p.done > 0) THEN 'done' ELSE 'canceled' END AS state
        FROM orders.fulfillment_lines p WHERE p.fulfillment_id = %(id)s
    ) p
    WHERE f.id = %(id)s
"""
