"""Credit as a provider: what is promised of it is taken and let go like any other promise.

Nobody outside is asked: the booking itself moves the credit (see ``payments.booking``).
"""

from collections.abc import Mapping
from datetime import datetime

from charsu.orders.errors import EventForged
from charsu.orders.payments.provider import (
    Answer,
    Authorize,
    Authorized,
    Declined,
    Event,
    RefundEvent,
    Statements,
    Taken,
)


class CreditProvider:
    """The shop's own promise to its customer."""

    captures_in_parts = True
    tells_statements = False

    def authorize(self, ask: Authorize) -> Answer:
        """Credit is promised with the cart's lock held, never by a call."""
        return Declined("credit is promised by the shop itself")

    def look_up(self, *, key: str, reference: str | None) -> Answer | None:
        """What was promised is promised."""
        return Authorized(reference=reference) if reference else None

    def capture(
        self, *, key: str, reference: str, amount_minor: int, currency: str
    ) -> Taken | Declined:
        """Always: it was kept ready."""
        return Taken(key)

    def void(self, *, key: str, reference: str | None) -> None:
        """Nobody outside has to hear of it."""

    def refund(
        self, *, key: str, reference: str, amount_minor: int, currency: str
    ) -> Taken | Declined:
        """It goes back with the booking."""
        return Taken(key)

    def statements(self, since: datetime, until: datetime, after: str | None) -> Statements:
        """The books are its only statement."""
        return Statements((), None)

    def read_event(self, headers: Mapping[str, str], body: bytes) -> Event | RefundEvent | None:
        """Nobody speaks for it."""
        raise EventForged
