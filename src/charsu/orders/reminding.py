"""Reminders: before a pick-up runs out, and before a choice that nobody has made does.

One for each deadline: the row says which one its customer was reminded of. When she is reminded
follows from the deadline itself, so it moves along; it is never before half of her time is over.
A customer who has collected or chosen is not reminded: what was found is looked at again, in the
statement that takes the reminder down.
"""

from datetime import timedelta
from typing import LiteralString
from uuid import UUID

from charsu.kernel import Hub, Tx
from charsu.orders.deadlines import CHOICE_REMINDER_HOURS, PICKUP_REMINDER_HOURS
from charsu.orders.exceptions import ADRIFT, MANAGER, order_of_exception
from charsu.orders.facts import ChoiceReminded, PickupReminded
from charsu.orders.loaded import load, load_task, tell
from charsu.orders.watching import BATCH, judge_alone

_PICKUPS: LiteralString = """
    SELECT f.id FROM orders.fulfillments f
    WHERE f.kind = 'pickup' AND f.state = 'ready' AND f.reminded_for IS DISTINCT FROM f.step_by
      AND f.step_by > %(now)s AND f.step_by <= %(now)s + %(ahead)s
      AND f.step_by - %(now)s <= (f.step_by - coalesce(f.picked_at, f.due_by)) / 2
    ORDER BY f.step_by, f.id LIMIT %(limit)s
"""
_REMIND_OF_PICKUP: LiteralString = """
    UPDATE orders.fulfillments f SET reminded_for = f.step_by
    WHERE f.id = %(id)s
      AND f.kind = 'pickup' AND f.state = 'ready' AND f.reminded_for IS DISTINCT FROM f.step_by
      AND f.step_by > %(now)s AND f.step_by <= %(now)s + %(ahead)s
      AND f.step_by - %(now)s <= (f.step_by - coalesce(f.picked_at, f.due_by)) / 2
    RETURNING f.location_id, f.step_by
"""

_CHOICES: LiteralString = """
    SELECT e.id FROM orders.exceptions e
    WHERE e.closed_at IS NULL AND e.kind = ANY(%(kinds)s) AND e.owner <> %(manager)s
      AND e.options ->> 'otherwise' IS NOT NULL AND e.reminded_for IS DISTINCT FROM e.due_by
      AND e.due_by > %(now)s AND e.due_by <= %(now)s + %(ahead)s
      AND e.due_by - %(now)s <= (e.due_by - e.opened_at) / 2
    ORDER BY e.due_by, e.id LIMIT %(limit)s
"""
_REMIND_OF_CHOICE: LiteralString = """
    UPDATE orders.exceptions e SET reminded_for = e.due_by
    WHERE e.id = %(id)s
      AND e.closed_at IS NULL AND e.kind = ANY(%(kinds)s) AND e.owner <> %(manager)s
      AND e.options ->> 'otherwise' IS NOT NULL AND e.reminded_for IS DISTINCT FROM e.due_by
      AND e.due_by > %(now)s AND e.due_by <= %(now)s + %(ahead)s
      AND e.due_by - %(now)s <= (e.due_by - e.opened_at) / 2
    RETURNING e.fulfillment_id, e.options ->> 'otherwise' AS otherwise, e.due_by
"""


def remind(hub: Hub) -> int:
    """Remind every customer whose time it is; how many there were."""
    pickups = hub.read(lambda tx: tx.all(_PICKUPS, limit=BATCH, **_pickup_values(tx)))
    choices = hub.read(lambda tx: tx.all(_CHOICES, limit=BATCH, **_choice_values(tx)))
    return sum(
        judge_alone(hub, "orders.remind", judge, row.id)
        for judge, rows in ((remind_of_pickup, pickups), (remind_of_choice, choices))
        for row in rows
    )


def remind_of_pickup(tx: Tx, fulfillment: UUID) -> bool:
    """Remind her of what is laid out, if it is time and she was not; whether it was."""
    order, _ = load_task(tx, fulfillment)
    row = tx.first(_REMIND_OF_PICKUP, id=fulfillment, **_pickup_values(tx))
    if row is None:
        return False
    fact = PickupReminded(
        fulfillment_id=fulfillment, location_id=row.location_id, collect_by=row.step_by
    )
    tell(tx, order, fact)
    return True


def remind_of_choice(tx: Tx, exception: UUID) -> bool:
    """Remind her of what she may choose, if it is time and she was not; whether it was."""
    order = load(tx, order_of_exception(tx, exception))
    row = tx.first(_REMIND_OF_CHOICE, id=exception, **_choice_values(tx))
    if row is None:
        return False
    fact = ChoiceReminded(
        exception_id=exception,
        fulfillment_id=row.fulfillment_id,
        otherwise=row.otherwise,
        answer_by=row.due_by,
    )
    tell(tx, order, fact)
    return True


def _pickup_values(tx: Tx) -> dict[str, object]:
    return {"now": tx.now, "ahead": timedelta(hours=max(0, tx.setting(PICKUP_REMINDER_HOURS)))}


def _choice_values(tx: Tx) -> dict[str, object]:
    return {
        "now": tx.now,
        "ahead": timedelta(hours=max(0, tx.setting(CHOICE_REMINDER_HOURS))),
        "kinds": list(ADRIFT),
        "manager": MANAGER,
    }
