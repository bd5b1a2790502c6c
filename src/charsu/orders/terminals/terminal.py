"""What the hub needs of a card terminal in a store. Another kind is any class of this shape.

A terminal is a provider that somebody stands in front of. It is asked to show an amount, and tells
later what the customer did; it can be asked for that by our reference. No card number comes through
here: what is kept of a card is what a receipt prints.
"""

from typing import Protocol, runtime_checkable

from msgspec import Struct

from charsu.orders.payments.outcome import Outcome, Receipt
from charsu.orders.payments.provider import Provider

__all__ = ["Outcome", "Receipt", "Sale", "Terminal", "Totals"]


class Sale(Struct, frozen=True, kw_only=True):
    """An amount on a terminal, in minor units.

    key              our reference: one key, one taking; the terminal keeps it with the transaction
    terminal         the terminal's own number
    waited_seconds   since the till asked for it
    """

    key: str
    terminal: str
    amount_minor: int
    currency: str
    waited_seconds: int


class Totals(Struct, frozen=True, kw_only=True):
    """What a terminal took and gave back in one currency since its last day-end."""

    currency: str
    taken_minor: int
    given_back_minor: int


@runtime_checkable
class Terminal(Provider, Protocol):
    """A kind of terminal; as a provider it gives money back by the reference of the taking.

    No call waits for the customer. Every call raises ``Outside`` where nobody answers.
    """

    tells_totals: bool
    """Whether it tells its totals at the end of the day; else somebody types in what it prints."""

    def show(self, sale: Sale) -> Outcome:
        """Ask for the card. Whether it was heard is asked by ``look``, and it is called again only
        where that has said ``unheard``."""

    def look(self, sale: Sale) -> Outcome:
        """What became of a sale, by our reference, also where the line was cut meanwhile."""

    def give_up(self, sale: Sale) -> Outcome:
        """Stop waiting for the card; what became of the sale, for the card may have been faster."""

    def end_day(self, *, key: str, terminal: str) -> tuple[Totals, ...]:
        """The totals since the last day-end; the same key again has the same answer."""
