"""A payment provider of the tests' own: it remembers by key, like a real one, and can misbehave."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from charsu.kernel.processes import Outside
from charsu.orders.payments import (
    Answer,
    Authorize,
    Authorized,
    Declined,
    Escalated,
    Event,
    EventForged,
    Lapsed,
    RefundEvent,
    Statement,
    Statements,
    Taken,
)

SECRET = b"the bank and the shop know it"
OLD_SECONDS = 300
SAYS = {
    "authorized": lambda said: Authorized(reference=said["reference"]),
    "declined": lambda said: Declined(said["reason"]),
    "lapsed": lambda said: Lapsed(said["reason"]),
}


def message(
    event_id: str, *, kind: str, seconds_ago: float = 0, secret: bytes = SECRET, **said: str
) -> tuple[dict[str, str], bytes]:
    """The headers and the body of what the bank says by itself."""
    body = json.dumps({"event_id": event_id, "kind": kind, **said}).encode()
    at = str(int(time.time() - seconds_ago))
    return {"bank-time": at, "bank-signature": sign(at, body, secret)}, body


def sign(at: str, body: bytes, secret: bytes = SECRET) -> str:
    return hmac.new(secret, at.encode() + b"." + body, hashlib.sha256).hexdigest()


@dataclass
class Promise:
    """Money that the bank keeps ready for the shop."""

    reference: str
    amount: int
    taken: int = 0
    is_free: bool = False
    currency: str = "EUR"
    begun_at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass
class Bank:
    """Promises what is asked, once for each key.

    loses_answers   so many calls have their effect and no answer
    answers         what comes instead of a promise, by token
    meanwhile       called while the shop waits for the answer to a promise
    lies            what is told instead of the true statements
    telling         called when a page of statements is made up, and not told yet
    page            statements on a page
    """

    captures_in_parts: bool = True
    tells_statements: bool = True
    loses_answers: int = 0
    answers: dict[str, Answer] = field(default_factory=dict)
    refuses_captures: str = ""
    refuses_refunds: str = ""
    meanwhile: Callable[[str], None] = lambda _: None
    lies: Callable[[list[Statement]], list[Statement]] = lambda rows: rows
    telling: Callable[[], object] = lambda: None
    page: int = 100
    asked: list[str | None] = field(default_factory=list)
    promises: dict[str, Promise] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)
    back: dict[str, int] = field(default_factory=dict)
    taken_of: dict[str, str] = field(default_factory=dict)
    back_of: dict[str, str] = field(default_factory=dict)
    voided: list[str] = field(default_factory=list)
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
            promise = Promise(reference, ask.amount_minor, currency=ask.currency)
            self.promises.setdefault(ask.key, promise)
            if ask.takes_now:
                self.taken.setdefault(ask.key, ask.amount_minor)
                self.promises[ask.key].taken = ask.amount_minor
        self.meanwhile(ask.key)
        return self._told(Authorized(reference=reference))

    def look_up(self, *, key: str, reference: str | None) -> Answer | None:
        promise = self.promises.get(key)
        if promise is not None and not promise.is_free:
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
                self.taken_of[f"taken-{key}"] = reference
        return self._told(Taken(f"taken-{key}"))

    def void(self, *, key: str, reference: str | None) -> None:
        if key in self.promises:
            self.promises[key].is_free = True
            self.voided.append(key)
        self._told(Taken(""))

    def refund(
        self, *, key: str, reference: str, amount_minor: int, currency: str
    ) -> Taken | Declined:
        if self.refuses_refunds:
            return Declined(self.refuses_refunds)
        with self._lock:
            self.back.setdefault(key, amount_minor)
            self.back_of[key] = reference
        return self._told(Taken(f"back-{key}"))

    def statements(self, since: datetime, until: datetime, after: str | None) -> Statements:
        self.asked.append(after)
        with self._lock:
            true = [
                self._statement(key, one)
                for key, one in self.promises.items()
                if since <= one.begun_at < until
            ]
        rows, first = self.lies(true), int(after or 0)
        self.telling()
        more = len(rows) > first + self.page
        page = tuple(rows[first : first + self.page])
        return Statements(page, str(first + self.page) if more else None)

    def _statement(self, key: str, one: Promise) -> Statement:
        back = sum(
            amount
            for refund, amount in self.back.items()
            if self.taken_of.get(self.back_of[refund], self.back_of[refund]) == one.reference
        )
        return Statement(
            reference=one.reference,
            authorization_id=UUID(key.partition(":")[0]),
            currency=one.currency,
            promised_minor=0 if one.is_free else one.amount - one.taken,
            taken_minor=one.taken,
            given_back_minor=back,
        )

    def read_event(self, headers: Mapping[str, str], body: bytes) -> Event | RefundEvent | None:
        at, shown = headers.get("bank-time", "0"), headers.get("bank-signature", "")
        is_fresh = at.isdigit() and abs(time.time() - int(at)) < OLD_SECONDS
        if not (is_fresh and hmac.compare_digest(shown.encode(), sign(at, body).encode())):
            raise EventForged
        said = json.loads(body)
        if said["kind"] == "refund_failed":
            refund = UUID(said["refund"])
            return RefundEvent(event_id=said["event_id"], refund_id=refund, reason=said["reason"])
        if said["kind"] not in SAYS:
            return None
        return Event(
            event_id=said["event_id"],
            authorization_id=UUID(said["key"]),
            answer=SAYS[said["kind"]](said),
        )

    def _of(self, reference: str) -> Promise:
        return next(one for one in self.promises.values() if one.reference == reference)

    def _told(self, answer: Answer | Taken) -> "Answer | Taken":
        if self.loses_answers:
            self.loses_answers -= 1
            raise Outside("no answer")
        return answer
