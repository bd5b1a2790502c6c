"""The terminals of the campaign: they outlive every kill, and remember each amount by its key."""

import random
import threading
from typing import Any

import msgspec
from msgspec import Struct

from charsu.orders.payments import Declined, Outcome, Taken
from charsu.orders.terminals.terminal import Sale, Totals
from charsu.torture.paying.calling import DistantBank

KIND = "torture_terminal"
DECLINES, HURRIES = 0.1, 0.2  # of all cards: refused; paid only in the moment the till gives up
LOOKS_MAX = 3  # so often it is looked before the card is there


class Shown(Struct):
    """An amount on a terminal, and what the customer does; minor units."""

    key: str
    amount: int
    looks: int  # before the card is there
    is_declined: bool
    times: int = 0
    is_over: bool = False
    taken: int = 0
    back: dict[str, int] = {}

    @property
    def reference(self) -> str:
        return f"desk-{self.key}"


class Desk:
    """What all terminals were asked, and what they took. An amount shown twice is taken twice, as
    it is where the customer has to hold her card there anew."""

    def __init__(self, secret: str, chance: random.Random) -> None:
        self.secret = secret
        self.shown: dict[str, Shown] = {}
        self._chance = chance
        self._lock = threading.Lock()

    def show(self, **fields: Any) -> Outcome:
        """It waits for the card."""
        sale = msgspec.convert(fields, Sale)
        with self._lock:
            one = self.shown.setdefault(sale.key, self._new(sale))
            one.times += 1
        return Outcome(state="shown")

    def look(self, **fields: Any) -> Outcome:
        """The customer is at it; or has never heard of it."""
        with self._lock:
            one = self.shown.get(fields["key"])
            if one is None:
                return Outcome(state="unheard")
            one.looks -= 1
            return self._outcome(one, is_there=one.looks <= 0)

    def give_up(self, **fields: Any) -> Outcome:
        """Nobody waits any more; the card may have been faster."""
        with self._lock:
            one = self.shown.get(fields["key"])
            if one is None:
                return Outcome(state="unheard")
            is_faster = self._chance.random() < HURRIES
            if not is_faster and not one.is_over:
                one.is_over = True
            return self._outcome(one, is_there=is_faster)

    def refund(self, *, key: str, reference: str, amount_minor: int, currency: str) -> Any:
        """To the card of the taking."""
        with self._lock:
            one = self.shown[reference.removeprefix("desk-")]
            if key not in one.back:
                if sum(one.back.values()) + amount_minor > one.taken:
                    return Declined("more than was taken")
                one.back[key] = amount_minor
        return Taken(f"back-{key}")

    def _new(self, sale: Sale) -> Shown:
        return Shown(
            key=sale.key,
            amount=sale.amount_minor,
            looks=self._chance.randint(1, LOOKS_MAX),
            is_declined=self._chance.random() < DECLINES,
        )

    def _outcome(self, one: Shown, *, is_there: bool) -> Outcome:
        if is_there and not one.is_over:
            one.is_over, one.taken = True, 0 if one.is_declined else one.amount * one.times
        if one.taken:
            return Outcome(state="paid", reference=one.reference)
        if one.is_over:
            return Outcome(state="declined" if one.is_declined else "canceled")
        return Outcome(state="shown")


class DistantTerminal(DistantBank):
    """A terminal as the shop's processes know it: by the desk's address."""

    captures_in_parts = False
    tells_statements = False
    tells_totals = False

    def show(self, sale: Sale) -> Outcome:
        """Ask for the card."""
        return self._ask("show", sale)

    def look(self, sale: Sale) -> Outcome:
        """What became of it."""
        return self._ask("look", sale)

    def give_up(self, sale: Sale) -> Outcome:
        """Stop waiting."""
        return self._ask("give_up", sale)

    def end_day(self, *, key: str, terminal: str) -> tuple[Totals, ...]:
        """Nobody ends a day in a campaign."""
        return ()

    def _ask(self, verb: str, sale: Sale) -> Outcome:
        outcome: Outcome = self._call(verb, msgspec.to_builtins(sale))
        return outcome
