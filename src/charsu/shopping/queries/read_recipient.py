"""Who gets the goods of a cart."""

from msgspec import Struct

from charsu.kernel import NotFound, Tx, query
from charsu.orders import Recipient
from charsu.shopping.queries.read_cart import AskCart
from charsu.shopping.stored import find, recipient_of
from charsu.stock import Place


class CartRecipient(Struct, frozen=True, kw_only=True):
    """Who gets the goods, and where; empty where it was not said."""

    recipient: Recipient
    destination: Place | None


@query(
    "shopping.read_recipient",
    permission="shopping.read",
    http="GET /v1/carts/{cart_id}/recipient",
    raises=(NotFound,),
)
def read_cart_recipient(tx: Tx, ask: AskCart) -> CartRecipient:
    """Who gets the goods of an open cart, and where."""
    cart = find(tx, ask.cart_id)
    recipient = recipient_of(tx, cart.id) or Recipient()
    return CartRecipient(recipient=recipient, destination=cart.destination)
