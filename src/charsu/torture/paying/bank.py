"""The provider of the campaign: it outlives every kill, and remembers everything by its key."""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from charsu.orders.payments import (
    Answer,
    Authorize,
    Authorized,
    Declined,
    Escalated,
    Event,
    EventForged,
    RefundEvent,
    Statement,
    Statements,
    Taken,
)

DECLINED_AT_FIRST, SILENT, TO_CONFIRM = "tok_second_thoughts", "tok_silent", "tok_confirm"
"""Tokens: it says no and promises later all the same; it tells by a message only; the customer has
to confirm, and does. Every other one is promised."""


class Promised(Struct):
    """Money that the bank keeps ready, has taken and has given back; minor units."""

    key: str
    currency: str
    amount: int
    is_promised: bool = False
    is_free: bool = False
    taken: dict[str, int] = {}
    back: dict[str, int] = {}

    @property
    def reference(self) -> str:
        return f"bank-{self.key}"

    @property
    def taken_minor(self) -> int:
        return sum(self.taken.values())

    @property
    def left_minor(self) -> int:
        """What is kept ready, and not taken."""
        return self.amount - self.taken_minor if self.is_promised and not self.is_free else 0


class Said(Struct, frozen=True):
    """A message of the bank: with the secret that proves it, for it goes over this machine only."""

    secret: str
    event_id: str
    key: str


class Bank:
    """Does each thing once for its key. ``tells`` takes what it says of its own accord."""

    captures_in_parts = True
    tells_statements = True

    def __init__(self, secret: str, tells: Callable[[Said], None] = lambda _: None) -> None:
        self.secret = secret
        self.tells = tells
        self.promises: dict[str, Promised] = {}
        self._lock = threading.Lock()

    def authorize(self, ask: Authorize) -> Answer:
        """Promise money, at once or later, as the token says."""
        with self._lock:
            one = self.promises.setdefault(
                ask.key, Promised(ask.key, ask.currency, ask.amount_minor)
            )
            is_new = not one.is_promised
            one.is_promised = not one.is_free
        if is_new and ask.token in {DECLINED_AT_FIRST, SILENT, TO_CONFIRM}:
            self.tells(Said(self.secret, f"promised-{ask.key}", ask.key))
        if ask.token == DECLINED_AT_FIRST:
            return Declined("not today")
        if ask.token == TO_CONFIRM:
            return Escalated(reference=one.reference, url="https://bank.invalid/")
        return Authorized(reference=one.reference)

    def look_up(self, *, key: str, reference: str | None) -> Answer | None:
        """How a promise stands."""
        one = self.promises.get(key)
        if one is None:
            return None
        return Declined("let go") if one.is_free else Authorized(reference=one.reference)

    def capture(
        self, *, key: str, reference: str, amount_minor: int, currency: str
    ) -> Taken | Declined:
        """Take a part of what is kept ready."""
        with self._lock:
            one = self._of(reference)
            if key not in one.taken:
                if amount_minor > one.left_minor:
                    return Declined("more than is kept ready")
                one.taken[key] = amount_minor
        return Taken(f"{reference}#{key}")

    def void(self, *, key: str, reference: str | None) -> None:
        """Let the rest go; what was not promised yet never will be."""
        with self._lock:
            self.promises.setdefault(key, Promised(key, "EUR", 0)).is_free = True

    def refund(
        self, *, key: str, reference: str, amount_minor: int, currency: str
    ) -> Taken | Declined:
        """Give back a part of what was taken."""
        with self._lock:
            one = self._of(reference.partition("#")[0])
            if key not in one.back:
                if sum(one.back.values()) + amount_minor > one.taken_minor:
                    return Declined("more than was taken")
                one.back[key] = amount_minor
        return Taken(f"back-{key}")

    def statements(self, since: datetime, until: datetime, after: str | None) -> Statements:
        """All that it has, on one page."""
        with self._lock:
            return Statements(tuple(map(_statement, self.promises.values())), None)

    def read_event(self, headers: Mapping[str, str], body: bytes) -> Event | RefundEvent | None:
        """What it has said itself."""
        try:
            said = msgspec.json.decode(body, type=Said)
            authorization = UUID(said.key)
        except (msgspec.DecodeError, ValueError) as problem:
            raise EventForged from problem
        if said.secret != self.secret:
            raise EventForged
        answer = Authorized(reference=f"bank-{said.key}")
        return Event(event_id=said.event_id, authorization_id=authorization, answer=answer)

    def _of(self, reference: str) -> Promised:
        return self.promises[reference.removeprefix("bank-")]


def _statement(one: Promised) -> Statement:
    return Statement(
        reference=one.reference,
        authorization_id=UUID(one.key),
        currency=one.currency,
        promised_minor=one.left_minor,
        taken_minor=one.taken_minor,
        given_back_minor=sum(one.back.values()),
    )
