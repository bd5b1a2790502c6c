"""A provider that takes no money: for tests, for the demo, and for trying a shop out."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from charsu.kernel.processes import Outside
from charsu.orders.errors import EventForged
from charsu.orders.payments.provider import (
    Answer,
    Authorize,
    Authorized,
    Declined,
    Escalated,
    Event,
    RefundEvent,
    Statements,
    Taken,
)

DECLINES = {
    "": "no card was named",
    "tok_declined": "declined by the issuer",
    "tok_expired": "the card has expired",
}
"""Tokens that it refuses, and why."""

SILENT = "tok_silent"
ESCALATED = "tok_escalated"
PAGE = "https://provider.invalid/confirm/"


class TestProvider:
    """Its tokens say what is to happen: ``tok_declined``, ``tok_expired``, ``tok_escalated`` (the
    customer has to confirm), ``tok_silent`` (no answer); any other one is paid.

    It remembers nothing: the same call has the same answer because that follows from what is asked.
    """

    __test__ = False  # the name is the trade's, it is no test case
    captures_in_parts = True
    tells_statements = False

    def authorize(self, ask: Authorize) -> Answer:
        """As the token says."""
        if ask.token == SILENT:
            raise Outside("the provider does not answer")
        if reason := DECLINES.get(ask.token):
            return Declined(reason)
        reference = _reference(ask.key)
        if ask.token == ESCALATED:
            return Escalated(reference=reference, url=PAGE + reference)
        return Authorized(reference=reference)

    def look_up(self, *, key: str, reference: str | None) -> Answer | None:
        """What was escalated waits for ever; of what was not answered it never heard."""
        return Escalated(reference=reference, url=PAGE + reference) if reference else None

    def capture(
        self, *, key: str, reference: str, amount_minor: int, currency: str
    ) -> Taken | Declined:
        """Nothing is taken."""
        return Taken(_reference(key))

    def void(self, *, key: str, reference: str | None) -> None:
        """Nothing was promised, so nothing has to be let go."""

    def refund(
        self, *, key: str, reference: str, amount_minor: int, currency: str
    ) -> Taken | Declined:
        """Nothing was taken, so nothing has to go back."""
        return Taken(_reference(key))

    def statements(self, since: datetime, until: datetime, after: str | None) -> Statements:
        """It remembers nothing, so there is nothing to tell."""
        return Statements((), None)

    def read_event(self, headers: Mapping[str, str], body: bytes) -> Event | RefundEvent | None:
        """It never says anything of its own accord."""
        raise EventForged


def _reference(key: str) -> str:
    return "test_" + hashlib.blake2b(key.encode(), digest_size=12).hexdigest()
