"""Card terminals, what is on each, and how their days ended."""

from datetime import datetime
from typing import Annotated, Any, Literal, LiteralString
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from charsu.kernel import Mark, NotFound, PageUnknown, Tx, cut, query, read_mark
from charsu.orders.model import TerminalPaymentState
from charsu.orders.operations.terminals.start import terminal_places
from charsu.orders.terminals.closing import Compared
from charsu.orders.terminals.kept import payment_places


class AskTerminals(Struct, frozen=True, kw_only=True):
    """At one location, or all."""

    location_id: UUID | None = None


class TerminalView(Struct, frozen=True, kw_only=True):
    """A terminal as it stands.

    terminal_payment_id   what is on it at this moment
    """

    id: UUID
    code: str
    name: str
    location_id: UUID
    location: str
    kind: str
    number: str
    is_active: bool
    terminal_payment_id: UUID | None
    version: int


class Terminals(Struct, frozen=True):
    """Terminals by location and name."""

    items: tuple[TerminalView, ...]


_TERMINALS: LiteralString = """
    SELECT t.id, t.code, t.name, t.location_id, l.name AS location, t.kind, t.number, t.is_active,
           p.id AS terminal_payment_id, t.version
    FROM orders.terminals t
    JOIN stock.locations l ON l.id = t.location_id
    LEFT JOIN orders.terminal_payments p ON p.terminal_id = t.id AND p.ended_at IS NULL
    WHERE %(location)s::uuid IS NULL OR t.location_id = %(location)s
    ORDER BY l.name, t.name, t.id
"""


@query(
    "orders.terminals",
    permission="orders.read",
    at="location_id",
    http="GET /v1/terminals",
)
def list_terminals(tx: Tx, ask: AskTerminals) -> Terminals:
    """Card terminals, and what is on each."""
    rows = tx.all(_TERMINALS, location=ask.location_id)
    return Terminals(tuple(TerminalView(**row._asdict()) for row in rows))


class AskTerminalPayment(Struct, frozen=True, kw_only=True):
    """One payment on a terminal."""

    terminal_payment_id: UUID


class TerminalPaymentView(Struct, frozen=True, kw_only=True):
    """A payment on a terminal as it stands; the amount in minor units.

    state        asked, then shown: it waits for the card; unknown: nobody knows yet whether it was
                 paid; unwanted: it was, and goes back, for the order no longer wants it
    reason       why it was not paid; of a cancellation customer, cashier or too_late
    asked_again_by   until when the terminal is asked again at the latest, also where the worker at
                     it has died; past where no worker is at work, none where nobody asks any more
    payment_id   what it became
    printed_terminal   the terminal's number on the receipt
    """

    id: UUID
    terminal_id: UUID
    terminal: str
    order_id: UUID
    number: int
    currency: str
    amount_minor: int
    state: TerminalPaymentState
    reason: str
    asked_at: datetime
    shown_at: datetime | None
    cancel_asked_at: datetime | None
    asked_again_by: datetime | None
    ended_at: datetime | None
    payment_id: UUID | None
    reference: str | None
    last_four: str
    scheme: str
    authorization_code: str
    printed_terminal: str
    version: int


_PAYMENT: LiteralString = """
    SELECT p.id, p.terminal_id, t.name AS terminal, p.order_id, o.number, p.currency,
           p.amount_minor, p.state, p.reason, p.asked_at, p.shown_at, p.cancel_asked_at,
           greatest(w.due_at, w.leased_until) AS asked_again_by, p.ended_at, p.payment_id,
           p.reference, p.last_four, p.scheme, p.authorization_code, p.printed_terminal, p.version
    FROM orders.terminal_payments p
    JOIN orders.terminals t ON t.id = p.terminal_id
    JOIN orders.orders o ON o.id = p.order_id
    LEFT JOIN kernel.processes w ON w.id = p.id AND w.state = 'running' AND p.ended_at IS NULL
"""

_ONE: LiteralString = _PAYMENT + " WHERE p.id = %(id)s"

_PAGE: LiteralString = (
    _PAYMENT
    + """
    WHERE p.terminal_id = %(terminal)s AND (%(state)s::text IS NULL OR p.state = %(state)s)
      AND (%(last)s::uuid IS NULL OR p.id < %(last)s)
    ORDER BY p.id DESC LIMIT %(limit)s
    """
)


@query(
    "orders.terminal_payment",
    permission="orders.read",
    at=payment_places,
    http="GET /v1/terminal-payments/{terminal_payment_id}",
    raises=(NotFound,),
)
def terminal_payment(tx: Tx, ask: AskTerminalPayment) -> TerminalPaymentView:
    """How a payment on a terminal stands: for the till that waits for it, and for the receipt."""
    row = tx.first(_ONE, id=ask.terminal_payment_id)
    if row is None:
        raise NotFound("terminal payment", ask.terminal_payment_id)
    return _view(row)


class AskTerminalPayments(Struct, frozen=True, kw_only=True):
    """What was on one terminal, in one state or in all."""

    terminal_id: UUID
    state: TerminalPaymentState | None = None
    after: Mark | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class TerminalPayments(Struct, frozen=True):
    """A page, the latest first; ``next`` asks for what was before."""

    items: tuple[TerminalPaymentView, ...]
    next: str | None


@query(
    "orders.terminal_payments",
    permission="orders.read",
    at=terminal_places,
    http="GET /v1/terminals/{terminal_id}/payments",
    raises=(NotFound, PageUnknown),
)
def terminal_payments(tx: Tx, ask: AskTerminalPayments) -> TerminalPayments:
    """What was asked of a terminal, and what became of it."""
    (last,) = read_mark(ask.after, UUID)
    rows = tx.all(_PAGE, terminal=ask.terminal_id, state=ask.state, last=last, limit=ask.limit + 1)
    shown, more = cut(rows, ask.limit, "id")
    return TerminalPayments(tuple(_view(row) for row in shown), more)


def _view(row: Any) -> TerminalPaymentView:
    return msgspec.convert(row._asdict(), TerminalPaymentView)


class AskTerminalClosings(Struct, frozen=True, kw_only=True):
    """Of one terminal."""

    terminal_id: UUID
    after: Mark | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class TerminalClosing(Struct, frozen=True, kw_only=True):
    """One day-end; ``totals`` has both sides by currency once they are known."""

    id: UUID
    number: int
    state: Literal["asked", "done"]
    totals: tuple[Compared, ...]
    asked_at: datetime
    ended_at: datetime | None


class TerminalClosings(Struct, frozen=True):
    """A page, the latest first; ``next`` asks for those before."""

    items: tuple[TerminalClosing, ...]
    next: str | None


_CLOSINGS: LiteralString = """
    SELECT id, number, state, totals, asked_at, ended_at FROM orders.terminal_closings
    WHERE terminal_id = %(terminal)s AND (%(last)s::numeric IS NULL OR number < %(last)s)
    ORDER BY number DESC LIMIT %(limit)s
"""


@query(
    "orders.terminal_closings",
    permission="orders.read",
    at=terminal_places,
    http="GET /v1/terminals/{terminal_id}/closings",
    raises=(NotFound, PageUnknown),
)
def terminal_closings(tx: Tx, ask: AskTerminalClosings) -> TerminalClosings:
    """How the days of a terminal ended."""
    (last,) = read_mark(ask.after, int)
    rows = tx.all(_CLOSINGS, terminal=ask.terminal_id, last=last, limit=ask.limit + 1)
    shown, more = cut(rows, ask.limit, "number")
    items = tuple(msgspec.convert(row._asdict(), TerminalClosing) for row in shown)
    return TerminalClosings(items, more)
