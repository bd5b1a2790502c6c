"""A location has the goods together, all of them or fewer."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from msgspec import Struct

from charsu.kernel import Tx, operation
from charsu.orders.errors import TooMany, WrongStep
from charsu.orders.facts import GoodsPicked
from charsu.orders.fulfilling import leave_out
from charsu.orders.loaded import Task, load_task, task_places, tell
from charsu.orders.model import Unfit
from charsu.orders.operations.accept import Stepped
from charsu.orders.operations.hand_over import SomeLines, by_line
from charsu.orders.rescuing import put_off_sale, rescue


class PickFulfillment(Struct, frozen=True, kw_only=True):
    """What was found. Without lines everything; else what is not named was not found.

    Whoever finds nothing at all rejects.
    """

    fulfillment_id: UUID
    lines: SomeLines | None = None
    reason: Unfit = "not_found"  # why pieces are missing


def _places(tx: Tx, ask: Any) -> tuple[UUID, ...]:
    return task_places(tx, ask.fulfillment_id)


@operation(
    "orders.pick",
    permission="orders.make_ready",
    at=_places,
    http="POST /v1/fulfillments/{fulfillment_id}/picking",
    raises=(WrongStep, TooMany),
)
def pick(tx: Tx, ask: PickFulfillment) -> Stepped:
    """Say what was found; missing pieces are found elsewhere, or the customer is asked.

    What is missing is off sale here at once, so that nobody else is promised it.
    """
    order, task = load_task(tx, ask.fulfillment_id)
    if task.step != "accepted":
        raise WrongStep(state=task.step, asked="picked")
    missing = _missing(task, by_line(ask.lines))
    tx.run(
        "UPDATE orders.fulfillments SET picked_at = %(now)s WHERE id = %(id)s",
        id=task.id,
        now=tx.now,
    )
    leave_out(tx, task, missing)
    if missing:
        put_off_sale(tx, order, task, missing, reason=ask.reason)
    short = sum(missing.values())
    fact = GoodsPicked(
        fulfillment_id=task.id,
        location_id=task.location_id,
        pieces=sum(task.parts.values()) - short,
        missing=short,
        reason=ask.reason if missing else "",
    )
    order = tell(tx, order, fact)
    if missing:
        order = rescue(tx, order, task, missing, kind="short", reason=ask.reason)
    return Stepped(order.id, "picked", task.step_by, order.version)


def _missing(task: Task, found: Mapping[UUID, int]) -> dict[UUID, int]:
    """The pieces that were asked for and not found, by line. Raises TooMany."""
    for line, count in found.items():
        if count > task.parts.get(line, 0):
            raise TooMany(asked=count, left=task.parts.get(line, 0))
    if not found:
        return {}
    missing = {line: count - found.get(line, 0) for line, count in task.parts.items()}
    return {line: count for line, count in missing.items() if count}
