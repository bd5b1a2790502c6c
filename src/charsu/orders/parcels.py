"""What a carrier says of a parcel, and what it makes of its order."""

from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.kernel import Tx
from charsu.orders.carriers import ParcelEvent, ShipmentState, forget_label, is_news
from charsu.orders.exceptions import close_of_task, open_exception
from charsu.orders.facts import ParcelNoted
from charsu.orders.loaded import Order, Task, tell
from charsu.orders.model import ExceptionKind


class Shipment(Struct, frozen=True, kw_only=True):
    """A parcel that left, and what its carrier last said; ``noted_at`` is when that was."""

    id: UUID
    fulfillment_id: UUID
    state: ShipmentState
    noted_at: datetime | None


_SHIPMENT: LiteralString = """
    SELECT id, fulfillment_id, state, noted_at FROM orders.shipments
    WHERE carrier = %(carrier)s AND tracking_number = %(tracking)s
    ORDER BY shipped_at DESC, id DESC LIMIT 1
"""

_LABELED: LiteralString = """
    SELECT id, fulfillment_id FROM orders.parcels
    WHERE carrier = %(carrier)s AND tracking_number = %(tracking)s AND state = 'labeled'
    ORDER BY id DESC LIMIT 1
"""


def find_shipment(tx: Tx, *, carrier: str, tracking_number: str) -> Shipment | None:
    """The parcel that left last under this number."""
    row = tx.first(_SHIPMENT, carrier=carrier, tracking=tracking_number)
    return None if row is None else Shipment(**row._asdict())


def find_labeled(tx: Tx, *, carrier: str, tracking_number: str) -> Any:
    """The parcel that has this number and, as far as we know, is still here; None: none."""
    return tx.first(_LABELED, carrier=carrier, tracking=tracking_number)


_WRITE_DOWN: LiteralString = """
    INSERT INTO orders.parcel_events (parcel_id, event, at, noted_at)
    VALUES (%(parcel)s, %(event)s, %(at)s, %(now)s) ON CONFLICT DO NOTHING
"""


def write_down(tx: Tx, parcel: UUID, said: ParcelEvent, at: datetime) -> bool:
    """Keep what was said of a parcel; whether it was said for the first time."""
    return bool(tx.run(_WRITE_DOWN, parcel=parcel, event=said, at=at, now=tx.now))


_EARLY: LiteralString = """
    SELECT event, at FROM orders.parcel_events WHERE parcel_id = %(id)s ORDER BY at, event
"""


def catch_up(tx: Tx, order: Order, task: Task, shipment: Shipment) -> Order:
    """Take what its carrier said of a parcel before the store said that it had left."""
    for row in tx.all(_EARLY, id=shipment.id):
        order, shipment = take_news(tx, order, task, shipment, said=row.event, at=row.at)
    return order


def take_news(
    tx: Tx, order: Order, task: Task, shipment: Shipment, *, said: ParcelEvent, at: datetime
) -> tuple[Order, Shipment]:
    """Let the parcel stand as its carrier says, if that is news.

    What is lost or comes back to its sender is somebody's to see to; what turns up is no longer.
    """
    if not is_news(said, at, state=shipment.state, state_at=shipment.noted_at):
        return order, shipment
    after = Shipment(
        id=shipment.id, fulfillment_id=shipment.fulfillment_id, state=said, noted_at=at
    )
    tx.run(
        "UPDATE orders.shipments SET state = %(state)s, noted_at = %(at)s WHERE id = %(id)s",
        id=shipment.id,
        state=said,
        at=at,
    )
    forget_label(tx, shipment.id)  # it was printed, for its carrier has the parcel
    _see_to(tx, order, task, was=shipment.state, now=said)
    fact = ParcelNoted(shipment_id=shipment.id, fulfillment_id=task.id, event=said, happened_at=at)
    return tell(tx, order, fact), after


_TROUBLES: dict[str, ExceptionKind] = {
    "lost": "undeliverable",
    "returned_to_sender": "returned_to_sender",
}


def _see_to(tx: Tx, order: Order, task: Task, *, was: ShipmentState, now: ParcelEvent) -> None:
    if was in _TROUBLES and not _has_others(tx, task, was):
        close_of_task(tx, task.id, _TROUBLES[was], outcome="found")
    if now in _TROUBLES:
        open_exception(tx, _TROUBLES[now], order=order.id, task=task.id, location=task.location_id)


def _has_others(tx: Tx, task: Task, state: ShipmentState) -> bool:
    """Whether other parcels of this fulfillment are in the same trouble still."""
    return bool(
        tx.value(
            """
            SELECT EXISTS (SELECT FROM orders.shipments
                           WHERE fulfillment_id = %(task)s AND state = %(state)s)
            """,
            task=task.id,
            state=state,
        )
    )
