"""What is asked of orders, one question a file."""

from charsu.orders.delivery import delivery_methods
from charsu.orders.queries.credit import read_credit, read_credit_owed
from charsu.orders.queries.exceptions import order_exceptions
from charsu.orders.queries.list_orders import list_orders
from charsu.orders.queries.order_history import order_history
from charsu.orders.queries.orphans import orphans
from charsu.orders.queries.parcel_label import parcel_label
from charsu.orders.queries.payment_differences import payment_differences
from charsu.orders.queries.pickup_code import pickup_code
from charsu.orders.queries.read_order import read_order
from charsu.orders.queries.read_recipient import read_recipient
from charsu.orders.queries.returnable import returnable
from charsu.orders.queries.terminals import (
    list_terminals,
    terminal_closings,
    terminal_payment,
    terminal_payments,
)
from charsu.orders.queries.to_inspect import to_inspect
from charsu.orders.queries.waiting import waiting

__all__ = [
    "delivery_methods",
    "list_orders",
    "list_terminals",
    "order_exceptions",
    "order_history",
    "orphans",
    "parcel_label",
    "payment_differences",
    "pickup_code",
    "read_credit",
    "read_credit_owed",
    "read_order",
    "read_recipient",
    "returnable",
    "terminal_closings",
    "terminal_payment",
    "terminal_payments",
    "to_inspect",
    "waiting",
]
