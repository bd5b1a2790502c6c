"""What nobody collected goes back to where it is sold."""

from typing import Any
from uuid import UUID

from msgspec import Struct

from charsu.kernel import Tx, operation
from charsu.orders.errors import WrongStep
from charsu.orders.exceptions import close_of_task
from charsu.orders.facts import GoodsPutBack
from charsu.orders.loaded import load_task, task_places, tell


class PutBack(Struct, frozen=True, kw_only=True):
    """Which fulfillment's goods are back on the shelf."""

    fulfillment_id: UUID


class IsBack(Struct, frozen=True):
    """The order's history tells it."""

    order_id: UUID
    version: int


def _places(tx: Tx, ask: Any) -> tuple[UUID, ...]:
    return task_places(tx, ask.fulfillment_id)


@operation(
    "orders.put_back",
    permission="orders.make_ready",
    at=_places,
    http="POST /v1/fulfillments/{fulfillment_id}/put-back",
    raises=(WrongStep,),
)
def put_back(tx: Tx, ask: PutBack) -> IsBack:
    """Say that goods which nobody collected lie on the shelf again; they are on sale already."""
    order, task = load_task(tx, ask.fulfillment_id)
    if not close_of_task(tx, task.id, "uncollected", outcome="put_back"):
        raise WrongStep(state=task.step, asked="put back")
    fact = GoodsPutBack(fulfillment_id=task.id, location_id=task.location_id)
    order = tell(tx, order, fact)
    return IsBack(order.id, order.version)
