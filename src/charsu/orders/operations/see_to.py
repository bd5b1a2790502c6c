"""Somebody sees to an exception, or hands it on to others."""

from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from charsu.kernel import NotFound, Tx, operation
from charsu.orders.errors import WrongStep
from charsu.orders.exceptions import Open, exception_time, find_open, order_of_exception
from charsu.orders.facts import ExceptionHandedOn, ExceptionTaken
from charsu.orders.loaded import Order, load, tell

ExceptionOwner = Literal["picker", "stockkeeper", "support", "manager"]


class TakeException(Struct, frozen=True, kw_only=True):
    """Which exception."""

    exception_id: UUID


class HandOnException(Struct, frozen=True, kw_only=True):
    """Whose it is from now on, as a role."""

    exception_id: UUID
    owner: ExceptionOwner


class ExceptionStands(Struct, frozen=True, kw_only=True):
    """Whose the exception is now, and the order that it is about."""

    exception_id: UUID
    order_id: UUID
    owner: str
    taken_by: UUID | None
    version: int


def _places(tx: Tx, ask: Any) -> tuple[UUID, ...]:
    """Where it went otherwise. Raises NotFound."""
    place = tx.value(
        "SELECT location_id FROM orders.exceptions WHERE id = %(id)s", id=ask.exception_id
    )
    if place is None:
        raise NotFound("exception", ask.exception_id)
    return (place,)


@operation(
    "orders.take_exception",
    permission="orders.see_to",
    at=_places,
    http="POST /v1/order-exceptions/{exception_id}/taking",
    raises=(NotFound, WrongStep),
)
def take_exception(tx: Tx, ask: TakeException) -> ExceptionStands:
    """Say that one sees to an exception, so that nobody else does; whoever says so last has it.

    Its time goes on: who takes it and forgets it is found out all the same.
    """
    order, one = _open(tx, ask.exception_id)
    tx.run(
        "UPDATE orders.exceptions SET taken_by = %(who)s, taken_at = %(now)s WHERE id = %(id)s",
        id=one.id,
        who=tx.actor.id,
        now=tx.now,
    )
    order = tell(tx, order, ExceptionTaken(exception_id=one.id, kind=one.kind))
    return _stands(order, one.id, owner=one.owner, taken_by=tx.actor.id)


@operation(
    "orders.hand_on_exception",
    permission="orders.see_to",
    at=_places,
    http="POST /v1/order-exceptions/{exception_id}/handing-on",
    raises=(NotFound, WrongStep),
)
def hand_on_exception(tx: Tx, ask: HandOnException) -> ExceptionStands:
    """Let another role see to an exception; nobody has taken it then, and its time begins anew.

    The time that a customer was given to choose stays as she was told.
    """
    order, one = _open(tx, ask.exception_id)
    due_by = one.due_by if one.options.otherwise else exception_time(tx)
    tx.run(
        """
        UPDATE orders.exceptions
        SET owner = %(owner)s, due_by = %(due_by)s, taken_by = NULL, taken_at = NULL
        WHERE id = %(id)s
        """,
        id=one.id,
        owner=ask.owner,
        due_by=due_by,
    )
    fact = ExceptionHandedOn(exception_id=one.id, kind=one.kind, owner=ask.owner, due_by=due_by)
    return _stands(tell(tx, order, fact), one.id, owner=ask.owner, taken_by=None)


def _open(tx: Tx, exception: UUID) -> tuple[Order, Open]:
    """The order, then the exception, both locked. Raises NotFound, WrongStep."""
    order = load(tx, order_of_exception(tx, exception))
    one = find_open(tx, exception)
    if one is None:
        raise WrongStep(state="closed", asked="seen to")
    return order, one


def _stands(order: Order, exception: UUID, *, owner: str, taken_by: UUID | None) -> ExceptionStands:
    return ExceptionStands(
        exception_id=exception,
        order_id=order.id,
        owner=owner,
        taken_by=taken_by,
        version=order.version,
    )
