"""What the hub needs of a carrier. Another one is any class of this shape.

Every call carries a key: the same key again has the same answer, and no second label. A call that
gets no answer raises ``Outside``, and is made again later.
"""

from typing import Literal, Protocol

from msgspec import Struct

from charsu.orders.model import Recipient

ParcelEvent = Literal["collected", "delivered", "lost"]


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


class Carrier(Protocol):
    """Somebody who takes parcels."""

    def book(self, ask: Booking) -> Label | Refused:
        """Make a label. Raises Outside where there is no answer."""
