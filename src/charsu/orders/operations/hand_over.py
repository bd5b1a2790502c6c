"""A location lays goods out, and a customer takes them away."""

from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import Tx, append, operation
from charsu.orders.errors import TooMany, WrongStep
from charsu.orders.facts import GoodsHandedOver, PickupReady
from charsu.orders.fulfilling import chosen_pieces, leave, set_task_state
from charsu.orders.loaded import Order, load_task, settle_state, task_places
from charsu.orders.model import Quantity
from charsu.stock import GoodsNotThere


class Pieces(Struct, frozen=True, kw_only=True):
    """Pieces of one line of the order."""

    line_id: UUID
    quantity: Quantity


SomeLines = Annotated[tuple[Pieces, ...], Meta(max_length=200)]


class MakeReady(Struct, frozen=True, kw_only=True):
    """Which fulfillment is laid out."""

    fulfillment_id: UUID


class Progressed(Struct, frozen=True):
    """How far the order is now.

    left_minor   still to pay, in minor units of the order's currency; 0 where all is paid
    """

    order_id: UUID
    order_state: str
    fulfillment_state: str
    left_minor: int
    currency: str
    version: int


def _progressed(order: Order, fulfillment_state: str) -> Progressed:
    return Progressed(
        order.id, order.state, fulfillment_state, order.left_minor, order.currency, order.version
    )


def _places(tx: Tx, ask: Any) -> tuple[UUID, ...]:
    return task_places(tx, ask.fulfillment_id)


@operation(
    "orders.make_ready",
    permission="orders.make_ready",
    at=_places,
    http="POST /v1/fulfillments/{fulfillment_id}/ready",
    raises=(WrongStep,),
)
def make_ready(tx: Tx, ask: MakeReady) -> Progressed:
    """Say that everything for a pick-up is laid out and the customer may come."""
    order, task = load_task(tx, ask.fulfillment_id)
    if task.state != "waiting" or task.kind != "pickup":
        raise WrongStep(state=task.state, asked="made ready")
    set_task_state(tx, task.id, "ready")
    order = settle_state(tx, order)
    fact = PickupReady(fulfillment_id=task.id, location_id=task.location_id)
    append(tx, fact, subject=order.id, version=order.version)
    return _progressed(order, "ready")


class HandOver(Struct, frozen=True, kw_only=True):
    """What the customer takes from one location; without lines, all that is left there."""

    fulfillment_id: UUID
    lines: SomeLines = ()


@operation(
    "orders.hand_over",
    permission="orders.hand_over",
    at=_places,
    http="POST /v1/fulfillments/{fulfillment_id}/hand-over",
    raises=(WrongStep, TooMany, GoodsNotThere),
)
def hand_over(tx: Tx, ask: HandOver) -> Progressed:
    """Hand goods over to the customer, all of them or some; the answer says what is left to pay."""
    order, task = load_task(tx, ask.fulfillment_id)
    if task.kind == "ship":
        raise WrongStep(state="to be shipped", asked="handed over")
    pieces = chosen_pieces(task, by_line(ask.lines))
    is_done = leave(tx, order, task, pieces)
    order = settle_state(tx, order)
    fact = GoodsHandedOver(
        fulfillment_id=task.id, location_id=task.location_id, pieces=sum(pieces.values())
    )
    append(tx, fact, subject=order.id, version=order.version)
    return _progressed(order, "done" if is_done else task.state)


def by_line(lines: SomeLines) -> dict[UUID, int]:
    """The pieces of each line, a line named twice added up."""
    pieces: dict[UUID, int] = {}
    for line in lines:
        pieces[line.line_id] = pieces.get(line.line_id, 0) + line.quantity
    return pieces
