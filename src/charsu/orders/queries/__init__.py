"""What is asked of orders, one question a file."""

from charsu.orders.delivery import delivery_methods
from charsu.orders.queries.list_orders import list_orders
from charsu.orders.queries.order_history import order_history
from charsu.orders.queries.read_order import read_order
from charsu.orders.queries.read_recipient import read_recipient
from charsu.orders.queries.returnable import returnable
from charsu.orders.queries.waiting import waiting

__all__ = [
    "delivery_methods",
    "list_orders",
    "order_history",
    "read_order",
    "read_recipient",
    "returnable",
    "waiting",
]
