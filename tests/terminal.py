"""A card terminal of the tests' own: it has a memory and a customer, and can misbehave."""

import hmac
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from charsu.kernel.processes import Outside
from charsu.orders.payments import (
    Answer,
    Authorize,
    Declined,
    EventForged,
    Message,
    Outcome,
    Receipt,
    Statement,
    Statements,
    Taken,
    TerminalEvent,
)
from charsu.orders.terminals.terminal import Sale, Totals

SECRET = "the terminal's gateway and the shop know it"
RECEIPT = Receipt(
    last_four="4242", scheme="Visa", authorization_code="831000", terminal="T-1 / 0001"
)
SHOWN, UNHEARD = Outcome(state="shown"), Outcome(state="unheard")


@dataclass
class TillTerminal:
    """Keeps each sale by our reference.

    customer      what she does when the amount is shown: paid, declined, canceled, or waits (shown)
    loses         so many answers are lost after their effect
    is_deaf       it hears nothing, and answers nothing
    receipt       what is printed of a payment
    reference     how a taking is called; by itself each otherwise
    meanwhile     called while the shop waits for an answer
    forgets       it says that it was never asked
    """

    captures_in_parts: bool = False
    tells_statements: bool = True
    tells_totals: bool = True
    customer: str = "paid"
    loses: int = 0
    is_deaf: bool = False
    forgets: bool = False
    receipt: Receipt = RECEIPT
    reference: Callable[[str], str] = "rrn-{}".format
    meanwhile: Callable[[str], object] = lambda _: None
    shown: list[str] = field(default_factory=list)
    sales: dict[str, Sale] = field(default_factory=dict)
    ends: dict[str, str] = field(default_factory=dict)
    back: dict[str, int] = field(default_factory=dict)
    told: dict[str, tuple[Totals, ...]] = field(default_factory=dict)
    refuses_refunds: str = ""
    _counted: tuple[int, int] = (0, 0)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def taken(self) -> int:
        """What customers paid here, in minor units."""
        return sum(self.sales[key].amount_minor for key in self.ends if self.ends[key] == "paid")

    def show(self, sale: Sale) -> Outcome:
        self._hear()
        with self._lock:
            self.shown.append(sale.key)
            self.sales[sale.key] = sale
            if self.customer != "shown":
                self.ends.setdefault(sale.key, self.customer)
        self.meanwhile(sale.key)
        return self._told(sale.key)

    def look(self, sale: Sale) -> Outcome:
        self._hear()
        self.meanwhile(sale.key)
        return self._told(sale.key)

    def give_up(self, sale: Sale) -> Outcome:
        self._hear()
        with self._lock:
            if sale.key in self.sales:
                self.ends.setdefault(sale.key, "canceled")
        return self._told(sale.key)

    def pays(self, key: str, does: str = "paid") -> None:
        """The customer does something at last."""
        self.ends.setdefault(key, does)

    def refund(
        self, *, key: str, reference: str, amount_minor: int, currency: str
    ) -> Taken | Declined:
        self._hear()
        if self.refuses_refunds:
            return Declined(self.refuses_refunds)
        with self._lock:
            self.back.setdefault(key, amount_minor)
        return Taken(f"back-{key}")

    def end_day(self, *, key: str, terminal: str) -> tuple[Totals, ...]:
        self._hear()
        with self._lock:
            taken, back = self.taken, sum(self.back.values())
            if key not in self.told:
                new = Totals(
                    currency="EUR",
                    taken_minor=taken - self._counted[0],
                    given_back_minor=back - self._counted[1],
                )
                self.told[key], self._counted = (new,), (taken, back)
        if self.loses:
            self.loses -= 1
            raise Outside("no answer")
        return self.told[key]

    def statements(self, since: datetime, until: datetime, after: str | None) -> Statements:
        rows = [
            Statement(
                reference=self.reference(key),
                authorization_id=None,
                currency=self.sales[key].currency,
                promised_minor=0,
                taken_minor=self.sales[key].amount_minor,
                given_back_minor=0,
            )
            for key, end in self.ends.items()
            if end == "paid"
        ]
        return Statements(tuple(rows), None)

    def read_event(self, headers: Mapping[str, str], body: bytes) -> Message | None:
        if not hmac.compare_digest(headers.get("terminal-secret", ""), SECRET):
            raise EventForged
        said = json.loads(body)
        outcome = self._outcome(said["key"])
        return TerminalEvent(event_id=said["event_id"], key=said["key"], outcome=outcome)

    def authorize(self, ask: Authorize) -> Answer:
        return Declined("a terminal needs the card")

    def look_up(self, *, key: str, reference: str | None) -> Answer | None:
        return None

    def capture(
        self, *, key: str, reference: str, amount_minor: int, currency: str
    ) -> Taken | Declined:
        return Declined("a terminal promises nothing")

    def void(self, *, key: str, reference: str | None) -> None:
        pass

    def _hear(self) -> None:
        if self.is_deaf:
            raise Outside("no answer")

    def _told(self, key: str) -> Outcome:
        if self.loses:
            self.loses -= 1
            raise Outside("no answer")
        return self._outcome(key)

    def _outcome(self, key: str) -> Outcome:
        if self.forgets or key not in self.sales:
            return UNHEARD
        end = self.ends.get(key, "shown")
        if end == "paid":
            return Outcome(state="paid", reference=self.reference(key), receipt=self.receipt)
        reason = "insufficient funds" if end == "declined" else ""
        return Outcome(state=end, reason=reason)
