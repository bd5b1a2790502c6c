"""What is asked of carts, one question a file."""

from charsu.shopping.queries.payment import read_payment
from charsu.shopping.queries.read_cart import read_cart
from charsu.shopping.queries.read_order import read_cart_order
from charsu.shopping.queries.read_recipient import read_cart_recipient

__all__ = ["read_cart", "read_cart_order", "read_cart_recipient", "read_payment"]
