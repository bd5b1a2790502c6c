"""Who gets the goods of an order."""

from uuid import UUID

from msgspec import Struct, structs

from charsu.kernel import NotFound, Tx, query
from charsu.orders.loaded import recipient_of
from charsu.orders.queries.read_order import places_of_order


class AskRecipient(Struct, frozen=True, kw_only=True):
    """Of which order."""

    order_id: UUID


class RecipientView(Struct, frozen=True, kw_only=True):
    """Who gets the goods; empty where it was erased or never known."""

    name: str
    email: str
    phone: str
    street: str
    postcode: str
    town: str
    note: str


@query(
    "orders.recipient",
    permission="orders.recipient",
    at=places_of_order,
    http="GET /v1/orders/{order_id}/recipient",
)
def read_recipient(tx: Tx, ask: AskRecipient) -> RecipientView:
    """Who gets the goods, for those who send or hand them over."""
    found = recipient_of(tx, ask.order_id)
    if found is None:
        raise NotFound("recipient", ask.order_id)
    return RecipientView(**structs.asdict(found))
