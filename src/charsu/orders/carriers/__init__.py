"""Carriers: who takes parcels to customers, and what they say of them."""

from charsu.orders.carriers.booking import BOOK
from charsu.orders.carriers.carrier import Booking, Carrier, Label, News, ParcelEvent, Refused
from charsu.orders.carriers.carriers import CARRIERS, TEST_CARRIER, check_offered
from charsu.orders.carriers.labels import forget_label, forget_labels
from charsu.orders.carriers.pretending import way_of
from charsu.orders.carriers.way import ShipmentState, is_news

__all__ = [
    "BOOK",
    "CARRIERS",
    "TEST_CARRIER",
    "Booking",
    "Carrier",
    "Label",
    "News",
    "ParcelEvent",
    "Refused",
    "ShipmentState",
    "check_offered",
    "forget_label",
    "forget_labels",
    "is_news",
    "way_of",
]
