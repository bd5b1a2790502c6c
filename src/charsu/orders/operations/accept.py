"""A location says that it will do what it was asked, or that it will not."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from charsu.kernel import Tx, operation
from charsu.orders.deadlines import pick_by
from charsu.orders.errors import WrongStep
from charsu.orders.exceptions import close_of_task
from charsu.orders.facts import FulfillmentAccepted, FulfillmentRejected
from charsu.orders.fulfilling import leave_out
from charsu.orders.loaded import load_task, task_places, tell
from charsu.orders.model import Step, Unfit
from charsu.orders.rescuing import put_off_sale, rescue


class Stepped(Struct, frozen=True):
    """How far a fulfillment is now, and by when its next step must be done."""

    order_id: UUID
    step: Step
    step_by: datetime | None
    version: int


class AcceptFulfillment(Struct, frozen=True, kw_only=True):
    """Which fulfillment a location takes on."""

    fulfillment_id: UUID


def _places(tx: Tx, ask: Any) -> tuple[UUID, ...]:
    return task_places(tx, ask.fulfillment_id)


@operation(
    "orders.accept",
    permission="orders.make_ready",
    at=_places,
    http="POST /v1/fulfillments/{fulfillment_id}/acceptance",
    raises=(WrongStep,),
)
def accept(tx: Tx, ask: AcceptFulfillment) -> Stepped:
    """Say that the location will do it: from now on the time for picking runs."""
    order, task = load_task(tx, ask.fulfillment_id)
    if task.step != "asked" or task.kind == "counter":
        raise WrongStep(state=task.step, asked="accepted")
    step_by = pick_by(tx, task.location_id) if task.kind == "pickup" else task.due_by
    tx.run(
        """
        UPDATE orders.fulfillments
        SET accepted_at = %(now)s, step_by = %(step_by)s, version = version + 1 WHERE id = %(id)s
        """,
        id=task.id,
        now=tx.now,
        step_by=step_by,
    )
    close_of_task(tx, task.id, "late", outcome="accepted")
    fact = FulfillmentAccepted(
        fulfillment_id=task.id, location_id=task.location_id, step_by=step_by
    )
    order = tell(tx, order, fact)
    return Stepped(order.id, "accepted", step_by, order.version)


class RejectFulfillment(Struct, frozen=True, kw_only=True):
    """Which fulfillment a location cannot do, and why.

    reason   not_found and damaged take the pieces off sale there; the others leave them
    """

    fulfillment_id: UUID
    reason: Unfit


@operation(
    "orders.reject",
    permission="orders.make_ready",
    at=_places,
    http="POST /v1/fulfillments/{fulfillment_id}/rejection",
    raises=(WrongStep,),
)
def reject(tx: Tx, ask: RejectFulfillment) -> Stepped:
    """Say that the location will not do it: others do, or the customer is asked what she wants.

    Nothing is canceled. Where nobody has the goods an exception stays open, with an owner and a
    time by which she may choose.
    """
    order, task = load_task(tx, ask.fulfillment_id)
    if task.step not in {"asked", "accepted"} or task.kind == "counter":
        raise WrongStep(state=task.step, asked="rejected")
    leave_out(tx, task, task.parts)
    close_of_task(tx, task.id, "late", outcome="rejected")
    put_off_sale(tx, order, task, task.parts, reason=ask.reason)
    fact = FulfillmentRejected(
        fulfillment_id=task.id,
        location_id=task.location_id,
        reason=ask.reason,
        pieces=sum(task.parts.values()),
    )
    order = tell(tx, order, fact)
    order = rescue(tx, order, task, task.parts, kind="rejected", reason=ask.reason)
    return Stepped(order.id, "canceled", None, order.version)
