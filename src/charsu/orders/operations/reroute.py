"""One location cannot do its part; others take it over."""

from typing import Any
from uuid import UUID

from msgspec import Struct

from charsu.kernel import Tx, operation
from charsu.orders.errors import WrongStep
from charsu.orders.exceptions import close_of_task
from charsu.orders.facts import FulfillmentMoved
from charsu.orders.fulfilling import leave_out
from charsu.orders.loaded import load_task, settle_state, task_places
from charsu.orders.model import Reason
from charsu.orders.rescuing import put_off_sale
from charsu.orders.tasks import ask_to_send, hold_at
from charsu.orders.words import tell_why
from charsu.stock import NotEnoughStock, serving_others


class Reroute(Struct, frozen=True, kw_only=True):
    """Which fulfillment cannot be done where it is, and why.

    reason   not_found and damaged take its pieces off sale there, any other leaves them
    """

    fulfillment_id: UUID
    reason: Reason


class Rerouted(Struct, frozen=True):
    """Who does it now."""

    order_id: UUID
    location_ids: tuple[UUID, ...]
    version: int


def _places(tx: Tx, ask: Any) -> tuple[UUID, ...]:
    return task_places(tx, ask.fulfillment_id)


@operation(
    "orders.reroute",
    permission="orders.reroute",
    at=_places,
    http="POST /v1/fulfillments/{fulfillment_id}/reroute",
    raises=(WrongStep, NotEnoughStock),
)
def reroute(tx: Tx, ask: Reroute) -> Rerouted:
    """Let other locations send what this one cannot, only if they have it.

    Nothing is canceled: where nobody has the goods it stays as it is, and the refusal says so.
    """
    order, task = load_task(tx, ask.fulfillment_id)
    if task.kind != "ship" or not task.parts:
        raise WrongStep(state=task.state, asked="moved")
    others = serving_others(tx, channel=order.channel_id, than=task.location_id, to_ship=True)
    picks = hold_at(tx, order, task.parts, locations=others)
    put_off_sale(tx, order, task, task.parts, reason=ask.reason)
    leave_out(tx, task, task.parts)
    close_of_task(tx, task.id, "late", outcome="moved")
    locations = ask_to_send(tx, order, picks, due_by=task.due_by)
    fact = FulfillmentMoved(
        fulfillment_id=task.id,
        from_location_id=task.location_id,
        to_location_ids=locations,
        reason=ask.reason,
    )
    order = settle_state(tx, order)
    tell_why(tx, fact, order=order.id, version=order.version)
    return Rerouted(order.id, locations, order.version)
