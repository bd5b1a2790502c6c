"""A terminal that takes no money: for tests, for the demo, and for trying a shop out.

As with the simulated readers of acquirers, the amount says what is to happen.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from charsu.kernel.processes import Outside
from charsu.orders.errors import EventForged
from charsu.orders.payments.provider import (
    Answer,
    Authorize,
    Declined,
    Message,
    Statements,
    Taken,
)
from charsu.orders.terminals.terminal import Outcome, Receipt, Sale, Totals

DECLINED, GIVEN_UP, SLOW, CUT, CUT_IN_VAIN, LOST, WAITING = 1, 2, 3, 4, 5, 6, 7
"""The last two digits of an amount: the card is refused; the customer presses Stop; she takes her
time; the line is cut after she has paid; the line is cut before; the terminal answers no more; she
does nothing."""

PATIENCE_SECONDS = 20
_SHOWN = Outcome(state="shown")


class TestTerminal:
    """Takes every amount, but for those whose last two digits say otherwise.

    It remembers nothing: the same call has the same answer because that follows from what is asked.
    """

    __test__ = False  # the name is the trade's, it is no test case
    captures_in_parts = False
    tells_statements = False
    tells_totals = False

    def show(self, sale: Sale) -> Outcome:
        """It waits for the card, unless the line is cut."""
        if _ending(sale) in {CUT, CUT_IN_VAIN, LOST}:
            raise Outside("the terminal does not answer")
        return _SHOWN

    def look(self, sale: Sale) -> Outcome:
        """As the amount says."""
        ending, is_early = _ending(sale), sale.waited_seconds < PATIENCE_SECONDS
        if ending == LOST or (ending in {CUT, CUT_IN_VAIN} and is_early):
            raise Outside("the terminal does not answer")
        if ending == WAITING or (ending == SLOW and is_early):
            return _SHOWN
        return {
            DECLINED: Outcome(state="declined", reason="declined by the issuer"),
            GIVEN_UP: Outcome(state="canceled"),
            CUT_IN_VAIN: Outcome(state="unheard"),
        }.get(ending, _paid(sale))

    def give_up(self, sale: Sale) -> Outcome:
        """It stops waiting; what was paid before stays paid."""
        if _ending(sale) in {SLOW, WAITING}:
            return Outcome(state="canceled")
        return self.look(sale)

    def end_day(self, *, key: str, terminal: str) -> tuple[Totals, ...]:
        """It remembers nothing, so somebody types it in."""
        return ()

    def authorize(self, ask: Authorize) -> Answer:
        """A card has to be there."""
        return Declined("a terminal needs the card")

    def look_up(self, *, key: str, reference: str | None) -> Answer | None:
        """Nothing was ever promised."""
        return None

    def capture(
        self, *, key: str, reference: str, amount_minor: int, currency: str
    ) -> Taken | Declined:
        """It is taken at once, always."""
        return Declined("a terminal promises nothing")

    def void(self, *, key: str, reference: str | None) -> None:
        """Nothing was promised, so nothing has to be let go."""

    def refund(
        self, *, key: str, reference: str, amount_minor: int, currency: str
    ) -> Taken | Declined:
        """To the card of the taking; nothing was taken, so nothing has to go back."""
        return Taken(_reference(key))

    def statements(self, since: datetime, until: datetime, after: str | None) -> Statements:
        """It remembers nothing, so there is nothing to tell."""
        return Statements((), None)

    def read_event(self, headers: Mapping[str, str], body: bytes) -> Message | None:
        """It never says anything of its own accord."""
        raise EventForged


def _ending(sale: Sale) -> int:
    return sale.amount_minor % 100


def _paid(sale: Sale) -> Outcome:
    digest = hashlib.blake2b(sale.key.encode(), digest_size=6).digest()
    receipt = Receipt(
        last_four="4242",
        scheme="Visa",
        authorization_code=f"{int.from_bytes(digest) % 10**6:06}",
        terminal=sale.terminal,
    )
    return Outcome(state="paid", reference=_reference(sale.key), receipt=receipt)


def _reference(key: str) -> str:
    return "terminal_" + hashlib.blake2b(key.encode(), digest_size=12).hexdigest()
