"""What a customer shows to get what is laid out for her."""

from typing import Any
from uuid import UUID

from msgspec import Struct

from charsu.kernel import Tx, query
from charsu.orders.codes import code_of, qr_of
from charsu.orders.errors import WrongStep
from charsu.orders.loaded import task_places
from charsu.orders.model import step_of


class AskPickupCode(Struct, frozen=True, kw_only=True):
    """Of which pick-up."""

    fulfillment_id: UUID


class PickupCode(Struct, frozen=True):
    """The code as it is read out, and what a QR code of it says."""

    code: str
    qr: str


def _places(tx: Tx, ask: Any) -> tuple[UUID, ...]:
    return task_places(tx, ask.fulfillment_id)


@query(
    "orders.pickup_code",
    permission="orders.pickup_code",
    at=_places,
    http="GET /v1/fulfillments/{fulfillment_id}/pickup-code",
    raises=(WrongStep,),
)
def pickup_code(tx: Tx, ask: AskPickupCode) -> PickupCode:
    """The code of what is laid out, for whoever tells the customer: in a message or on her page."""
    row: Any = tx.first(
        """
        SELECT kind, state, accepted_at IS NOT NULL AS is_accepted,
               picked_at IS NOT NULL AS is_picked
        FROM orders.fulfillments WHERE id = %(id)s
        """,
        id=ask.fulfillment_id,
    )
    if row.kind != "pickup" or row.state != "ready":
        step = step_of(row.state, is_accepted=row.is_accepted, is_picked=row.is_picked)
        raise WrongStep(state=step, asked="collected")
    code = code_of(tx, ask.fulfillment_id)
    return PickupCode(code, qr_of(ask.fulfillment_id, code))
