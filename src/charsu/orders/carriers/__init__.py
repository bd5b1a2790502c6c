"""Carriers: who takes parcels to customers, and what they say of them."""

from charsu.orders.carriers.booking import BOOK
from charsu.orders.carriers.carrier import Booking, Carrier, Label, ParcelEvent, Refused
from charsu.orders.carriers.carriers import CARRIERS, check_offered
from charsu.orders.carriers.labels import forget_label, forget_labels

__all__ = [
    "BOOK",
    "CARRIERS",
    "Booking",
    "Carrier",
    "Label",
    "ParcelEvent",
    "Refused",
    "check_offered",
    "forget_label",
    "forget_labels",
]
