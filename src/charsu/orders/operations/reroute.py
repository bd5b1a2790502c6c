"""One location cannot do its part; others take it over."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import Tx, append, operation
from charsu.orders.errors import WrongStep
from charsu.orders.facts import FulfillmentMoved
from charsu.orders.fulfilling import set_task_state, spread
from charsu.orders.loaded import Order, Task, holds_of, load_task, settle_state, task_places
from charsu.orders.sourcing import fewest_then_nearest
from charsu.stock import NotEnoughStock, Pick, Want, hold, serving_others, take_back


class Reroute(Struct, frozen=True, kw_only=True):
    """Which fulfillment cannot be done where it is, and why."""

    fulfillment_id: UUID
    reason: Annotated[str, Meta(min_length=1, max_length=64)]


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
    picks = _hold_elsewhere(tx, order, task)
    held = [hold for hold in holds_of(tx, order) if hold.place_id == task.location_id]
    take_back(tx, spread(held, task.parts))
    _close(tx, task)
    locations = _open(tx, order, picks, due_by=task.due_by)
    version = settle_state(tx, order).version
    fact = FulfillmentMoved(
        fulfillment_id=task.id,
        from_location_id=task.location_id,
        to_location_ids=locations,
        reason=ask.reason,
    )
    append(tx, fact, subject=order.id, version=version)
    return Rerouted(order.id, locations, version)


def _hold_elsewhere(tx: Tx, order: Order, task: Task) -> list[Pick]:
    others = serving_others(tx, channel=order.channel_id, than=task.location_id)
    lines = order.lines
    return hold(
        tx,
        [
            Want(line, lines[line].variant_id, pieces, lines[line].unit)
            for line, pieces in task.parts.items()
        ],
        channel=order.channel_id,
        owner=order.id,
        choose=fewest_then_nearest(),
        expires_at=None,
        locations=others,
    )


def _close(tx: Tx, task: Task) -> None:
    tx.run(
        """
        UPDATE orders.fulfillment_lines SET canceled = quantity - done
        WHERE fulfillment_id = %(task)s
        """,
        task=task.id,
    )
    is_started = tx.value(
        "SELECT bool_or(done > 0) FROM orders.fulfillment_lines WHERE fulfillment_id = %(task)s",
        task=task.id,
    )
    set_task_state(tx, task.id, "done" if is_started else "canceled")


def _open(tx: Tx, order: Order, picks: list[Pick], *, due_by: datetime) -> tuple[UUID, ...]:
    """A new fulfillment for each location that takes part; what was promised when stays so."""
    tasks: dict[UUID, UUID] = {}
    pieces: dict[tuple[UUID, UUID], int] = {}
    for pick in picks:
        location = pick.source.location_id
        tasks.setdefault(location, tx.new_id())
        at = (location, pick.want.line_id)
        pieces[at] = pieces.get(at, 0) + pick.quantity
    tx.run(
        """
        WITH asked AS (
            INSERT INTO orders.fulfillments
                (id, order_id, location_id, kind, state, due_by, version)
            SELECT id, %(order)s, location_id, 'ship', 'waiting', %(due_by)s, 1
            FROM unnest(%(tasks)s::uuid[], %(locations)s::uuid[]) AS t (id, location_id)
        )
        INSERT INTO orders.fulfillment_lines (id, fulfillment_id, line_id, quantity)
        SELECT * FROM unnest(%(ids)s::uuid[], %(part_tasks)s::uuid[], %(lines)s::uuid[],
                             %(counts)s::bigint[])
        """,
        order=order.id,
        due_by=due_by,
        tasks=list(tasks.values()),
        locations=list(tasks),
        ids=[tx.new_id() for _ in pieces],
        part_tasks=[tasks[location] for location, _ in pieces],
        lines=[line for _, line in pieces],
        counts=list(pieces.values()),
    )
    return tuple(tasks)
