"""Verbs of orders, one to a file."""

from charsu.orders.charging import charge_order
from charsu.orders.delivery import put_delivery_method
from charsu.orders.operations.accept import accept, reject
from charsu.orders.operations.book_parcel import book_parcel, send_parcel
from charsu.orders.operations.cancel import cancel_order
from charsu.orders.operations.choose import choose
from charsu.orders.operations.exchange import exchange_goods
from charsu.orders.operations.hand_over import check_pickup_code, hand_over, make_ready
from charsu.orders.operations.inspect_return import inspect_return
from charsu.orders.operations.issue_credit import issue_credit
from charsu.orders.operations.note_parcel import close_by_hand, note_parcel
from charsu.orders.operations.pay import pay_order
from charsu.orders.operations.pick import pick
from charsu.orders.operations.place import place_order
from charsu.orders.operations.put_back import put_back
from charsu.orders.operations.refund import refund_order
from charsu.orders.operations.reroute import reroute
from charsu.orders.operations.resolve_difference import resolve_difference
from charsu.orders.operations.return_goods import return_goods
from charsu.orders.operations.see_to import hand_on_exception, take_exception
from charsu.orders.operations.ship import ship_parcel
from charsu.orders.operations.terminals import (
    cancel_terminal_payment,
    close_terminal,
    note_terminal_payment,
    put_terminal,
    resolve_terminal_payment,
    start_terminal_payment,
)
from charsu.orders.payments.events import note_payment, note_refund_failed

__all__ = [
    "accept",
    "book_parcel",
    "cancel_order",
    "cancel_terminal_payment",
    "charge_order",
    "check_pickup_code",
    "choose",
    "close_by_hand",
    "close_terminal",
    "exchange_goods",
    "hand_on_exception",
    "hand_over",
    "inspect_return",
    "issue_credit",
    "make_ready",
    "note_parcel",
    "note_payment",
    "note_refund_failed",
    "note_terminal_payment",
    "pay_order",
    "pick",
    "place_order",
    "put_back",
    "put_delivery_method",
    "put_terminal",
    "refund_order",
    "reject",
    "reroute",
    "resolve_difference",
    "resolve_terminal_payment",
    "return_goods",
    "send_parcel",
    "ship_parcel",
    "start_terminal_payment",
    "take_exception",
]
