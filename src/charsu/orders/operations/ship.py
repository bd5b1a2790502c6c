"""A parcel leaves."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from charsu.kernel import Tx, operation
from charsu.orders.errors import TooMany, WrongStep
from charsu.orders.facts import ParcelShipped
from charsu.orders.fulfilling import chosen_pieces, leave
from charsu.orders.loaded import Order, Task, load_task, task_places, tell
from charsu.orders.operations.hand_over import SomeLines, by_line
from charsu.stock import GoodsNotThere


class ShipParcel(Struct, frozen=True, kw_only=True):
    """What goes into one parcel; without lines, all that is left at that location."""

    fulfillment_id: UUID
    carrier: Annotated[str, Meta(min_length=1, max_length=64)]
    tracking_number: Annotated[str, Meta(max_length=128)] = ""
    lines: SomeLines | None = None


class Shipped(Struct, frozen=True):
    """The parcel, and how far the order is now."""

    shipment_id: UUID
    order_id: UUID
    order_state: str
    version: int


def _places(tx: Tx, ask: Any) -> tuple[UUID, ...]:
    return task_places(tx, ask.fulfillment_id)


@operation(
    "orders.ship",
    permission="orders.ship",
    at=_places,
    http="POST /v1/fulfillments/{fulfillment_id}/shipments",
    raises=(WrongStep, TooMany, GoodsNotThere),
)
def ship_parcel(tx: Tx, ask: ShipParcel) -> Shipped:
    """Send a parcel; the rest of the fulfillment, if any, waits for the next."""
    order, task = load_task(tx, ask.fulfillment_id)
    if task.kind != "ship":
        raise WrongStep(state="to be collected", asked="shipped")
    return send(
        tx,
        order,
        task,
        chosen_pieces(task, by_line(ask.lines)),
        shipment=tx.new_id(),
        carrier=ask.carrier,
        tracking_number=ask.tracking_number,
    )


def send(
    tx: Tx,
    order: Order,
    task: Task,
    pieces: Mapping[UUID, int],
    *,
    shipment: UUID,
    carrier: str,
    tracking_number: str,
) -> Shipped:
    """Let a parcel leave with these pieces. Raises GoodsNotThere."""
    leave(tx, order, task, pieces)
    tx.run(
        """
        INSERT INTO orders.shipments
            (id, fulfillment_id, carrier, tracking_number, lines, shipped_at)
        VALUES (%(id)s, %(task)s, %(carrier)s, %(tracking)s, %(lines)s::jsonb, %(now)s)
        """,
        id=shipment,
        task=task.id,
        carrier=carrier,
        tracking=tracking_number,
        lines=msgspec.json.encode(pieces).decode(),
        now=tx.now,
    )
    fact = ParcelShipped(
        fulfillment_id=task.id,
        shipment_id=shipment,
        location_id=task.location_id,
        carrier=carrier,
        pieces=sum(pieces.values()),
    )
    order = tell(tx, order, fact)
    return Shipped(shipment, order.id, order.state, order.version)
