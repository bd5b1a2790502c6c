"""A carrier says what became of a parcel; somebody sees to one that did not arrive."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import NotFound, Tx, operation
from charsu.orders.carriers import ParcelEvent
from charsu.orders.errors import WrongStep
from charsu.orders.exceptions import (
    close_exception,
    find_open,
    order_of_exception,
)
from charsu.orders.facts import ExceptionClosed
from charsu.orders.loaded import load, load_task, order_places, task_places, tell
from charsu.orders.parcels import Shipment, find_labeled, find_shipment, take_news, write_down


class NoteParcel(Struct, frozen=True, kw_only=True):
    """What a carrier says of a parcel, by its number there.

    at   when it happened; none: now. A carrier's clock that goes ahead of ours, or was never
         set, is set right.
    """

    carrier: Annotated[str, Meta(min_length=1, max_length=64)]
    tracking_number: Annotated[str, Meta(min_length=1, max_length=128)]
    event: ParcelEvent
    at: Annotated[datetime, Meta(tz=True)] | None = None


_UNSET = datetime(2000, 1, 1, tzinfo=UTC)
"""Before any parcel of ours: where clocks begin that nobody has set."""


class ParcelStanding(Struct, frozen=True):
    """What is known of the parcel now."""

    shipment_id: UUID
    order_id: UUID
    state: str
    version: int


def _places(tx: Tx, ask: Any) -> tuple[UUID, ...]:
    return task_places(tx, _found(tx, ask).fulfillment_id)


def _found(tx: Tx, ask: NoteParcel) -> Any:
    """The parcel that left, or one that will. Raises NotFound."""
    number = {"carrier": ask.carrier, "tracking_number": ask.tracking_number}
    found = find_shipment(tx, **number) or find_labeled(tx, **number)
    if found is None:
        raise NotFound("parcel", ask.tracking_number)
    return found


@operation(
    "orders.note_parcel",
    permission="orders.note_parcel",
    at=_places,
    http="POST /v1/parcels/events",
    raises=(NotFound,),
)
def note_parcel(tx: Tx, ask: NoteParcel) -> ParcelStanding:
    """Take down what a carrier says of a parcel; told twice or out of order it changes nothing.

    A parcel that is lost or comes back to its sender becomes an exception; the same parcel
    delivered after all closes it. What is said of a parcel before the store says that it left
    counts from then on.
    """
    order, task = load_task(tx, _found(tx, ask).fulfillment_id)
    parcel = _found(tx, ask)  # as it is under the lock of its order
    at = max(min(ask.at or tx.now, tx.now), _UNSET)
    is_new = write_down(tx, parcel.id, ask.event, at)
    if not isinstance(parcel, Shipment):
        return ParcelStanding(parcel.id, order.id, "labeled", order.version)
    if is_new:
        order, parcel = take_news(tx, order, task, parcel, said=ask.event, at=at)
    return ParcelStanding(parcel.id, order.id, parcel.state, order.version)


BY_HAND = frozenset({"undeliverable", "returned_to_sender", "recount"})


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
    """Say what was done about a parcel that was lost or came back, or about goods not found.

    What a step of the order closes is closed by that step alone.
    """
    order = load(tx, order_of_exception(tx, ask.exception_id))
    one = find_open(tx, ask.exception_id)
    if one is None or one.kind not in BY_HAND:
        raise WrongStep(state=one.kind if one else "closed", asked="closed")
    close_exception(tx, one.id, outcome=ask.outcome)
    fact = ExceptionClosed(exception_id=one.id, kind=one.kind, outcome=ask.outcome)
    order = tell(tx, order, fact)
    return ExceptionIsClosed(order.id, order.version)
