"""Verbs of orders, one to a file."""

from charsu.orders.charging import charge_order
from charsu.orders.delivery import put_delivery_method
from charsu.orders.operations.cancel import cancel_order
from charsu.orders.operations.hand_over import hand_over, make_ready
from charsu.orders.operations.issue_credit import issue_credit
from charsu.orders.operations.pay import pay_order
from charsu.orders.operations.place import place_order
from charsu.orders.operations.refund import refund_order
from charsu.orders.operations.reroute import reroute
from charsu.orders.operations.return_goods import return_goods
from charsu.orders.operations.ship import ship_parcel
from charsu.orders.payments.events import note_payment, note_refund_failed

__all__ = [
    "cancel_order",
    "charge_order",
    "hand_over",
    "issue_credit",
    "make_ready",
    "note_payment",
    "note_refund_failed",
    "pay_order",
    "place_order",
    "put_delivery_method",
    "refund_order",
    "reroute",
    "return_goods",
    "ship_parcel",
]
