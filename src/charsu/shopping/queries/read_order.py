"""The order that a cart became, for whoever bought it."""

from uuid import UUID

from msgspec import Struct

from charsu.kernel import NotFound, Tx, query
from charsu.orders import AskOrder, OrderView, read_order
from charsu.shopping.stored import find


class AskCartOrder(Struct, frozen=True, kw_only=True):
    """Of which cart."""

    cart_id: UUID


@query(
    "shopping.order",
    permission="shopping.read",
    http="GET /v1/carts/{cart_id}/order",
    raises=(NotFound,),
)
def read_cart_order(tx: Tx, ask: AskCartOrder) -> OrderView:
    """The order that the cart became, whole, for its owner: a guest sees what she has bought."""
    cart = find(tx, ask.cart_id)
    order = tx.value("SELECT id FROM orders.orders WHERE cart_id = %(cart)s", cart=cart.id)
    if order is None:
        raise NotFound("order", cart.id)
    return read_order(tx, AskOrder(order_id=order))
