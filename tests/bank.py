"""A payment provider of the tests' own: it remembers by key, like a real one, and can misbehave."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from charsu.kernel.processes import Outside
from charsu.orders.payments import Answer, Authorize, Authorized, Declined, Escalated, Event, Taken


@dataclass
class Promise:
    """Money that the bank keeps ready for the shop."""

    reference: str
    amount: int
    taken: int = 0
    is_free: bool = False


@dataclass
class Bank:
    """Promises what is asked, once for each key.

    loses_answers   so many calls have their effect and no answer
    answers         what comes instead of a promise, by token
    meanwhile       called while the shop waits for the answer to a promise
    """

    captures_in_parts: bool = True
    loses_answers: int = 0
    answers: dict[str, Answer] = field(default_factory=dict)
    refuses_captures: str = ""
    refuses_refunds: str = ""
    meanwhile: Callable[[str], None] = lambda _: None
    promises: dict[str, Promise] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)
    back: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def kept(self) -> int:
        """What the customer is out of, or will be: promised and not free again, less what went
        back."""
        promised = sum(one.amount for one in self.promises.values() if not one.is_free)
        freed = sum(one.taken for one in self.promises.values() if one.is_free)
        return promised + freed - sum(self.back.values())

    def authorize(self, ask: Authorize) -> Answer:
        if (other := self.answers.get(ask.token)) is not None:
            return self._told(other)
        with self._lock:
            reference = f"bank-{ask.key}"
            promise = Promise(reference, ask.amount_minor)
            self.promises.setdefault(ask.key, promise)
            if ask.takes_now:
                self.taken.setdefault(ask.key, ask.amount_minor)
        self.meanwhile(ask.key)
        return self._told(Authorized(reference=reference))

    def look_up(self, *, key: str, reference: str | None) -> Answer | None:
        promise = self.promises.get(key)
        if promise is not None:
            return Authorized(reference=promise.reference)
        return Escalated(reference=reference, url="https://bank.example/") if reference else None

    def capture(
        self, *, key: str, reference: str, amount_minor: int, currency: str
    ) -> Taken | Declined:
        if self.refuses_captures:
            return Declined(self.refuses_captures)
        with self._lock:
            if key not in self.taken:
                self.taken[key] = amount_minor
                self._of(reference).taken += amount_minor
        return self._told(Taken(f"taken-{key}"))

    def void(self, *, key: str, reference: str | None) -> None:
        if key in self.promises:
            self.promises[key].is_free = True
        self._told(Taken(""))

    def refund(
        self, *, key: str, reference: str, amount_minor: int, currency: str
    ) -> Taken | Declined:
        if self.refuses_refunds:
            return Declined(self.refuses_refunds)
        with self._lock:
            self.back.setdefault(key, amount_minor)
        return self._told(Taken(f"back-{key}"))

    def read_event(self, headers: Mapping[str, str], body: bytes) -> Event | None:
        return None

    def _of(self, reference: str) -> Promise:
        return next(one for one in self.promises.values() if one.reference == reference)

    def _told(self, answer: Answer | Taken) -> "Answer | Taken":
        if self.loses_answers:
            self.loses_answers -= 1
            raise Outside("no answer")
        return answer
