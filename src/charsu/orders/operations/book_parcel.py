"""A parcel gets its label, and is then given to the carrier."""

from typing import Annotated, Any, LiteralString
from uuid import UUID

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from charsu.kernel import NotFound, Tx, operation
from charsu.kernel.processes import begin
from charsu.orders.carriers import BOOK, check_offered
from charsu.orders.errors import CarrierUnknown, TooMany, WrongStep
from charsu.orders.facts import ParcelAsked
from charsu.orders.fulfilling import chosen_pieces
from charsu.orders.loaded import load, load_task, task_places, tell
from charsu.orders.operations.hand_over import SomeLines, by_line
from charsu.orders.operations.ship import Shipped, send
from charsu.orders.parcels import Shipment, catch_up
from charsu.stock import GoodsNotThere


class BookParcel(Struct, frozen=True, kw_only=True):
    """What goes into one parcel, and who takes it; without lines, all that is left there."""

    fulfillment_id: UUID
    carrier: Annotated[str, Meta(min_length=1, max_length=64)]
    lines: SomeLines | None = None


class ParcelBegun(Struct, frozen=True):
    """The parcel; its label comes when the carrier has answered."""

    parcel_id: UUID
    order_id: UUID
    version: int


def _places(tx: Tx, ask: Any) -> tuple[UUID, ...]:
    return task_places(tx, ask.fulfillment_id)


@operation(
    "orders.book_parcel",
    permission="orders.ship",
    at=_places,
    http="POST /v1/fulfillments/{fulfillment_id}/parcels",
    raises=(WrongStep, TooMany, CarrierUnknown),
)
def book_parcel(tx: Tx, ask: BookParcel) -> ParcelBegun:
    """Ask a carrier for the label of a parcel; a worker asks, and nothing leaves yet."""
    check_offered(tx, ask.carrier)
    order, task = load_task(tx, ask.fulfillment_id)
    if task.kind != "ship":
        raise WrongStep(state="to be collected", asked="shipped")
    pieces = chosen_pieces(task, by_line(ask.lines))
    parcel = begin(tx, BOOK, subject=order.id, data={})
    tx.run(
        """
        INSERT INTO orders.parcels (id, fulfillment_id, carrier, lines, state, asked_at)
        VALUES (%(id)s, %(task)s, %(carrier)s, %(lines)s::jsonb, 'asked', %(now)s)
        """,
        id=parcel,
        task=task.id,
        carrier=ask.carrier,
        lines=msgspec.json.encode(pieces).decode(),
        now=tx.now,
    )
    order = tell(tx, order, ParcelAsked(parcel_id=parcel, carrier=ask.carrier))
    return ParcelBegun(parcel, order.id, order.version)


class SendParcel(Struct, frozen=True, kw_only=True):
    """Which labeled parcel was given to its carrier."""

    parcel_id: UUID


_TASK: LiteralString = "SELECT fulfillment_id FROM orders.parcels WHERE id = %(id)s"


def task_of_parcel(tx: Tx, parcel: UUID) -> UUID:
    """The fulfillment that a parcel is of. Raises NotFound."""
    task = tx.value(_TASK, id=parcel)
    if task is None:
        raise NotFound("parcel", parcel)
    return UUID(str(task))


def places_of_parcel(tx: Tx, ask: Any) -> tuple[UUID, ...]:
    """The location of a parcel, for ``at``."""
    return task_places(tx, task_of_parcel(tx, ask.parcel_id))


@operation(
    "orders.send_parcel",
    permission="orders.ship",
    at=places_of_parcel,
    http="POST /v1/parcels/{parcel_id}/sending",
    raises=(WrongStep, TooMany, GoodsNotThere),
)
def send_parcel(tx: Tx, ask: SendParcel) -> Shipped:
    """Give a labeled parcel to its carrier: what is in it leaves the location."""
    order, task = load_task(tx, task_of_parcel(tx, ask.parcel_id))
    parcel: Any = tx.first(
        """
        SELECT state, carrier, tracking_number, lines FROM orders.parcels
        WHERE id = %(id)s FOR UPDATE
        """,
        id=ask.parcel_id,
    )
    if parcel.state != "labeled":
        raise WrongStep(state=parcel.state, asked="shipped")
    tx.run("UPDATE orders.parcels SET state = 'sent' WHERE id = %(id)s", id=ask.parcel_id)
    lines = {UUID(line): count for line, count in parcel.lines.items()}
    sent = send(
        tx,
        load(tx, order.id),
        task,
        chosen_pieces(task, lines),
        shipment=ask.parcel_id,
        carrier=parcel.carrier,
        tracking_number=parcel.tracking_number,
    )
    shipment = Shipment(id=ask.parcel_id, fulfillment_id=task.id, state="shipped", noted_at=None)
    order = catch_up(tx, load(tx, order.id), task, shipment)
    return replace(sent, order_state=order.state, version=order.version)
