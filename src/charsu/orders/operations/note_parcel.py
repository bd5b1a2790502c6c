"""A carrier says what became of a parcel; somebody sees to one that did not arrive."""

from typing import Annotated, Any, Literal, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import NotFound, Tx, operation
from charsu.orders.carriers import ParcelEvent, forget_label
from charsu.orders.errors import WrongStep
from charsu.orders.exceptions import (
    close_exception,
    close_of_task,
    find_open,
    open_exception,
    order_of_exception,
)
from charsu.orders.facts import ExceptionClosed, ParcelNoted
from charsu.orders.loaded import load, load_task, order_places, task_places, tell


class NoteParcel(Struct, frozen=True, kw_only=True):
    """What a carrier says of a parcel, by its number there."""

    carrier: Annotated[str, Meta(min_length=1, max_length=64)]
    tracking_number: Annotated[str, Meta(min_length=1, max_length=128)]
    event: ParcelEvent


class ParcelStanding(Struct, frozen=True):
    """What is known of the parcel now."""

    shipment_id: UUID
    order_id: UUID
    state: str
    version: int


_FIND: LiteralString = """
    SELECT id, fulfillment_id, state FROM orders.shipments
    WHERE carrier = %(carrier)s AND tracking_number = %(tracking)s
    ORDER BY shipped_at DESC, id DESC LIMIT 1
"""


def _find(tx: Tx, ask: NoteParcel) -> Any:
    row = tx.first(_FIND, carrier=ask.carrier, tracking=ask.tracking_number)
    if row is None:
        raise NotFound("parcel", ask.tracking_number)
    return row


def _places(tx: Tx, ask: Any) -> tuple[UUID, ...]:
    return task_places(tx, _find(tx, ask).fulfillment_id)


ORDER_OF_EVENTS = ("shipped", "collected", "lost", "delivered")
"""A later one counts against an earlier one; a lost parcel may yet be delivered."""


@operation(
    "orders.note_parcel",
    permission="orders.note_parcel",
    at=_places,
    http="POST /v1/parcels/events",
    raises=(NotFound,),
)
def note_parcel(tx: Tx, ask: NoteParcel) -> ParcelStanding:
    """Take down what a carrier says of a parcel; told twice or out of order it changes nothing.

    A lost parcel becomes an exception; the same parcel delivered after all closes it.
    """
    order, task = load_task(tx, _find(tx, ask).fulfillment_id)
    parcel = _find(tx, ask)  # as it is under the lock of its order
    if ORDER_OF_EVENTS.index(ask.event) <= ORDER_OF_EVENTS.index(parcel.state):
        return ParcelStanding(parcel.id, order.id, parcel.state, order.version)
    tx.run(
        """
        UPDATE orders.shipments SET state = %(state)s, noted_at = %(now)s WHERE id = %(id)s
        """,
        id=parcel.id,
        state=ask.event,
        now=tx.now,
    )
    forget_label(tx, parcel.id)  # it was printed, for its carrier has the parcel
    if ask.event == "lost":
        open_exception(tx, "undeliverable", order=order.id, task=task.id, location=task.location_id)
    elif ask.event == "delivered" and parcel.state == "lost":
        close_of_task(tx, task.id, "undeliverable", outcome="found")
    fact = ParcelNoted(shipment_id=parcel.id, fulfillment_id=task.id, event=ask.event)
    order = tell(tx, order, fact)
    return ParcelStanding(parcel.id, order.id, ask.event, order.version)


class CloseException(Struct, frozen=True, kw_only=True):
    """What was done about an exception that no other step closes."""

    exception_id: UUID
    outcome: Literal["refunded", "sent_again", "found", "counted"]


class ExceptionIsClosed(Struct, frozen=True):
    """The order's history tells it."""

    order_id: UUID
    version: int


def _order_places(tx: Tx, ask: Any) -> tuple[UUID, ...] | None:
    return order_places(tx, order_of_exception(tx, ask.exception_id))


@operation(
    "orders.close_exception",
    permission="orders.reroute",
    at=_order_places,
    http="POST /v1/order-exceptions/{exception_id}/closing",
    raises=(WrongStep,),
)
def close_by_hand(tx: Tx, ask: CloseException) -> ExceptionIsClosed:
    """Say what was done about a lost parcel, or about goods that nobody found.

    What a step of the order closes is closed by that step alone.
    """
    order = load(tx, order_of_exception(tx, ask.exception_id))
    one = find_open(tx, ask.exception_id)
    if one is None or one.kind not in {"undeliverable", "recount"}:
        raise WrongStep(state=one.kind if one else "closed", asked="closed")
    close_exception(tx, one.id, outcome=ask.outcome)
    fact = ExceptionClosed(exception_id=one.id, kind=one.kind, outcome=ask.outcome)
    order = tell(tx, order, fact)
    return ExceptionIsClosed(order.id, order.version)
