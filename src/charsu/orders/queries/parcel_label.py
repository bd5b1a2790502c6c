"""What to stick on a parcel."""

from typing import Any
from uuid import UUID

from msgspec import Struct

from charsu.kernel import NotFound, Tx, query
from charsu.orders.operations.book_parcel import places_of_parcel


class AskLabel(Struct, frozen=True, kw_only=True):
    """Of which parcel."""

    parcel_id: UUID


class ParcelLabel(Struct, frozen=True, kw_only=True):
    """The label in the printer's language, once the carrier has answered; it names the customer.

    state   asked, labeled, refused (``reason`` says why) or sent
    label   empty before it is made, and again once its carrier has the parcel, after
            ``orders.label_days``, or when whom the order is for was erased
    """

    parcel_id: UUID
    carrier: str
    state: str
    tracking_number: str
    reason: str
    label: str


@query(
    "orders.parcel_label",
    permission="orders.recipient",
    at=places_of_parcel,
    http="GET /v1/parcels/{parcel_id}/label",
)
def parcel_label(tx: Tx, ask: AskLabel) -> ParcelLabel:
    """The label of a parcel and how far the carrier is with it."""
    row: Any = tx.first(
        """
        SELECT p.id AS parcel_id, p.carrier, p.state, p.tracking_number, p.reason,
               coalesce(l.document, '') AS label
        FROM orders.parcels p LEFT JOIN orders.labels l ON l.parcel_id = p.id
        WHERE p.id = %(id)s
        """,
        id=ask.parcel_id,
    )
    if row is None:
        raise NotFound("parcel", ask.parcel_id)
    return ParcelLabel(**row._asdict())
