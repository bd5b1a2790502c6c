"""What the hub needs of a carrier. Another one is any class of this shape.

Every call carries a key: the same key again has the same answer, and no second label. A call that
gets no answer raises ``Outside``, and is made again later.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol

from msgspec import Struct

from charsu.orders.model import Recipient

ParcelEvent = Literal[
    "collected",
    "in_transit",
    "out_for_delivery",
    "failed_attempt",
    "delivered",
    "returned_to_sender",
    "lost",
]
"""What may become of a parcel. Source: UCP, order, "Fulfillment Event", where it has a word."""


class Booking(Struct, frozen=True, kw_only=True):
    """A parcel to be taken from a location to a customer; ``pieces`` are in it."""

    key: str
    order_number: int
    from_location: str
    to: Recipient
    country: str
    pieces: int


class Label(Struct, frozen=True, kw_only=True):
    """What to stick on the parcel, in the printer's language, and the number that follows it."""

    tracking_number: str
    document: str


class Refused(Struct, frozen=True):
    """The carrier will not take it, and why."""

    reason: str


class News(Struct, frozen=True, kw_only=True):
    """What a carrier tells of its own accord, once it was proved to come from there.

    event_id   the carrier's own; one id, one effect
    at         when it happened (UTC)
    """

    event_id: str
    tracking_number: str
    event: ParcelEvent
    at: datetime


class Carrier(Protocol):
    """Somebody who takes parcels."""

    def book(self, ask: Booking) -> Label | Refused:
        """Make a label. Raises Outside where there is no answer."""

    def read_events(
        self, headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> Sequence[News]:
        """What a message says; nothing where it is of no interest.

        headers   names in lower case
        Raises EventForged where it cannot be proved to come from the carrier.
        """
