"""What a payment provider is asked, and what it may answer.

A provider is somebody outside. Each call carries a key and has one effect however often it is sent
with it, so that a call whose answer was lost is sent again. No card number comes through here: a
token stands for the card at the provider.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from charsu.orders.payments.outcome import Outcome


class Authorize(Struct, frozen=True, kw_only=True):
    """Money to be promised.

    key         one key, one authorization
    token       stands for the customer's card or wallet at the provider
    takes_now   take it at once, where nothing is sent later
    """

    key: str
    token: str
    amount_minor: int
    currency: str
    takes_now: bool = False


class Authorized(Struct, frozen=True, kw_only=True):
    """The money is promised; with ``takes_now``, taken. ``reference`` is the provider's own."""

    reference: str
    expires_at: datetime | None = None  # the promise's end (UTC), if the provider says one


class Escalated(Struct, frozen=True, kw_only=True):
    """The customer has to do something first, on the provider's page at ``url``."""

    reference: str
    url: str


class Declined(Struct, frozen=True):
    """No; why, in the provider's words."""

    reason: str


Answer = Authorized | Escalated | Declined


class Taken(Struct, frozen=True):
    """Money was taken or given back; ``reference`` is the provider's own for this movement."""

    reference: str


class Lapsed(Struct, frozen=True):
    """The provider has let go by itself what it had promised; why, in its words."""

    reason: str


class Event(Struct, frozen=True, kw_only=True):
    """What a provider tells of its own accord, once it was proved to come from there.

    event_id          the provider's own; one id, one effect
    authorization_id  ours, as we gave it with the call
    """

    event_id: str
    authorization_id: UUID
    answer: Answer | Lapsed


class RefundEvent(Struct, frozen=True, kw_only=True):
    """Money that was on its way back did not arrive; ``refund_id`` is ours."""

    event_id: str
    refund_id: UUID
    reason: str


class TerminalEvent(Struct, frozen=True, kw_only=True):
    """What a card terminal tells of its own accord.

    key       our reference, as the terminal was given it
    outcome   of the payment there
    """

    event_id: str
    key: str
    outcome: Outcome


Message = Event | RefundEvent | TerminalEvent


class Statement(Struct, frozen=True, kw_only=True):
    """What a provider says that it has of one payment.

    authorization_id   ours, where the provider knows it
    promised_minor     kept ready, and not taken
    """

    reference: str
    authorization_id: UUID | None
    currency: str
    promised_minor: int
    taken_minor: int
    given_back_minor: int


class Statements(Struct, frozen=True):
    """A page of statements; ``after`` asks for the next."""

    rows: tuple[Statement, ...]
    after: str | None


class Provider(Protocol):
    """Somebody who takes money.

    Every call raises ``Outside`` where it does not answer or does not know; the same call, with the
    same key, is then sent again later.
    """

    captures_in_parts: bool
    """Whether a promise can be taken in several parts; else the first part takes all that is due
    and the rest is free again."""

    tells_statements: bool
    """Whether it tells what it has, to be compared with the books."""

    def authorize(self, ask: Authorize) -> Answer:
        """Promise money."""

    def look_up(self, *, key: str, reference: str | None) -> Answer | None:
        """How an authorization stands; None where the provider never heard of it."""

    def capture(
        self, *, key: str, reference: str, amount_minor: int, currency: str
    ) -> Taken | Declined:
        """Take money that was promised, or a part of it."""

    def void(self, *, key: str, reference: str | None) -> None:
        """Let go what was promised and not taken; nothing to let go is well, too.

        reference   None where the answer never came: the provider finds it by the key
        """

    def refund(
        self, *, key: str, reference: str, amount_minor: int, currency: str
    ) -> Taken | Declined:
        """Give money back that was taken; ``reference`` is that of the taking."""

    def statements(self, since: datetime, until: datetime, after: str | None) -> Statements:
        """A page of the payments begun in a span (UTC), and what became of each until now."""

    def read_event(self, headers: Mapping[str, str], body: bytes) -> Message | None:
        """What a message says; None where it is of no interest.

        headers   names in lower case
        Raises EventForged where it cannot be proved to come from the provider.
        """
