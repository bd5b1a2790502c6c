"""What happens when time runs out: late steps, choices nobody made, goods nobody collected.

Each row is judged again under the lock of its order, so that whoever comes in the last moment and
the clock cannot both win.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import LiteralString
from uuid import UUID

import structlog

from charsu.kernel import Hub, HubError, Tx
from charsu.orders.canceling import give_up_pieces
from charsu.orders.deadlines import EXCEPTION_HOURS
from charsu.orders.exceptions import (
    ADRIFT,
    MANAGER,
    close_of_task,
    find_open,
    open_exception,
    order_of_exception,
)
from charsu.orders.facts import ExceptionEscalated, FulfillmentLate, PickupNotCollected
from charsu.orders.fulfilling import set_task_state, spread
from charsu.orders.loaded import Order, Task, holds_of, load, load_task, tell
from charsu.orders.rescuing import settle_choice
from charsu.stock import take_back

_log = structlog.get_logger("charsu.orders")

BATCH = 50

_RAN_OUT: LiteralString = """
    SELECT f.id FROM orders.fulfillments f
    WHERE f.state IN ('waiting', 'ready') AND f.step_by <= %(now)s
      AND NOT EXISTS (SELECT FROM orders.exceptions e
                      WHERE e.fulfillment_id = f.id AND e.kind = 'late' AND e.closed_at IS NULL)
    ORDER BY f.step_by LIMIT %(limit)s
"""


def watch_steps(hub: Hub) -> int:
    """See to every fulfillment whose step was not taken in time."""
    found = hub.read(lambda tx: tx.all(_RAN_OUT, now=tx.now, limit=BATCH))
    return sum(judge_alone(hub, "orders.watch_steps", step_ran_out, row.id) for row in found)


_UNSEEN: LiteralString = """
    SELECT id FROM orders.exceptions
    WHERE closed_at IS NULL AND due_by <= %(now)s AND owner <> %(manager)s
    ORDER BY due_by, id LIMIT %(limit)s
"""


def watch_exceptions(hub: Hub) -> int:
    """See to every exception whose owner did not: a choice takes its default, the rest goes up."""
    found = hub.read(lambda tx: tx.all(_UNSEEN, now=tx.now, manager=MANAGER, limit=BATCH))
    return sum(
        judge_alone(hub, "orders.watch_exceptions", exception_ran_out, row.id) for row in found
    )


def judge_alone(hub: Hub, name: str, judge: Callable[[Tx, UUID], bool], identity: UUID) -> bool:
    """Judge one row in a transaction of its own; one that is refused keeps no other waiting."""
    try:
        with hub.writing(name, is_careful=True) as tx:
            return judge(tx, identity)
    except HubError as refusal:
        _log.warning("not_seen_to", task=name, id=str(identity), refusal=refusal.code)
        return False


def step_ran_out(tx: Tx, fulfillment: UUID) -> bool:
    """Judge one fulfillment whose time seems to be over; whether it was."""
    order, task = load_task(tx, fulfillment)
    if task.step_by is None or task.step_by > tx.now or task.state not in {"waiting", "ready"}:
        return False
    if task.kind == "pickup" and task.state == "ready":
        _put_on_sale(tx, order, task)
        return True
    open_exception(tx, "late", order=order.id, task=task.id, location=task.location_id)
    fact = FulfillmentLate(
        fulfillment_id=task.id,
        location_id=task.location_id,
        step=task.step,
        step_by=task.step_by,
    )
    tell(tx, order, fact)
    return True


def _put_on_sale(tx: Tx, order: Order, task: Task) -> None:
    """Nobody came: the goods are on sale again, the money goes back, the store puts them away."""
    held = [hold for hold in holds_of(tx, order) if hold.place_id == task.location_id]
    take_back(tx, spread(held, task.parts))
    tx.run(
        """
        UPDATE orders.fulfillment_lines SET canceled = quantity - done
        WHERE fulfillment_id = %(task)s
        """,
        task=task.id,
    )
    set_task_state(tx, task.id, "done" if _has_left(tx, task) else "canceled")
    close_of_task(tx, task.id, "late", outcome="not_collected")
    open_exception(tx, "uncollected", order=order.id, task=task.id, location=task.location_id)
    fact = PickupNotCollected(
        fulfillment_id=task.id,
        location_id=task.location_id,
        line_ids=tuple(task.parts),
        pieces=sum(task.parts.values()),
    )
    order = tell(tx, order, fact)
    give_up_pieces(tx, order, task.parts, reason="not_collected")


def _has_left(tx: Tx, task: Task) -> bool:
    return bool(
        tx.value(
            """
            SELECT bool_or(done > 0) FROM orders.fulfillment_lines WHERE fulfillment_id = %(id)s
            """,
            id=task.id,
        )
    )


def exception_ran_out(tx: Tx, exception: UUID) -> bool:
    """Judge one exception whose time seems to be over; whether it was."""
    order = load(tx, order_of_exception(tx, exception))
    one = find_open(tx, exception)
    if one is None or one.due_by > tx.now or one.owner == MANAGER:
        return False
    if one.kind in ADRIFT and one.options.otherwise is not None:
        done = settle_choice(tx, order, one, one.options.otherwise, is_default=True)
        if done is None:  # what was to be sent is gone by now
            settle_choice(tx, order, one, "cancel", is_default=True)
        return True
    due_by = tx.now + timedelta(hours=tx.setting(EXCEPTION_HOURS))
    tx.run(
        """
        UPDATE orders.exceptions
        SET owner = %(owner)s, due_by = %(due_by)s, taken_by = NULL, taken_at = NULL
        WHERE id = %(id)s
        """,
        id=one.id,
        owner=MANAGER,
        due_by=due_by,
    )
    fact = ExceptionEscalated(exception_id=one.id, kind=one.kind, owner=MANAGER, due_by=due_by)
    tell(tx, order, fact)
    return True
