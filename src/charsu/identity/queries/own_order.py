"""One of a customer's own orders."""

from uuid import UUID

from msgspec import Struct

from charsu.identity.errors import CustomerNeeded
from charsu.identity.owning import expect_own
from charsu.kernel import NotFound, Tx, query
from charsu.orders import AskOrder, OpenChoice, OrderView, choices_of, read_order


class AskOwnOrder(Struct, frozen=True, kw_only=True):
    """Which of one's orders."""

    order_id: UUID


class OwnOrder(Struct, frozen=True, kw_only=True):
    """The order whole, and what its customer is asked."""

    order: OrderView
    choices: tuple[OpenChoice, ...]


@query(
    "identity.own_order",
    permission="identity.own",
    http="GET /v1/me/orders/{order_id}",
    raises=(CustomerNeeded, NotFound),
)
def own_order(tx: Tx, ask: AskOwnOrder) -> OwnOrder:
    """One of my orders, of any channel and store, with what I may choose where something is short.

    What I bought as a guest is mine once I have shown that the address is. The order of somebody
    else is answered as if it were not there.
    """
    expect_own(tx, ask.order_id, NotFound("order", ask.order_id))
    view = read_order(tx, AskOrder(order_id=ask.order_id))
    return OwnOrder(order=view, choices=choices_of(tx, ask.order_id))
