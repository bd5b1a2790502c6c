"""A till asks a terminal for money."""

from typing import Annotated, Any, LiteralString
from uuid import UUID

import psycopg
from msgspec import Meta, Struct

from charsu.kernel import NotFound, Tx, append, operation
from charsu.kernel.processes import begin
from charsu.orders.errors import AlreadyPaid, TerminalAway, TerminalBusy, WrongStep
from charsu.orders.facts import TerminalPaymentAsked
from charsu.orders.loaded import load
from charsu.orders.operations.pay import left_to_pay, load_to_pay
from charsu.orders.terminals.kept import on_terminal
from charsu.orders.terminals.paying import TERMINAL


class StartTerminalPayment(Struct, frozen=True, kw_only=True):
    """Which order is paid, on which terminal.

    amount_minor   none: all that is left to pay
    """

    order_id: UUID
    terminal_id: UUID
    amount_minor: Annotated[int, Meta(ge=1, le=10**12)] | None = None


class TerminalPaymentBegun(Struct, frozen=True, kw_only=True):
    """The payment on the terminal; how it comes out is told by ``orders.terminal_payment``."""

    terminal_payment_id: UUID
    order_id: UUID
    state: str
    amount_minor: int
    currency: str
    version: int


class _Terminal(Struct, frozen=True, kw_only=True):
    """A terminal, its row locked, so that its day does not end meanwhile."""

    id: UUID
    name: str
    is_active: bool
    is_closing: bool


_TERMINAL: LiteralString = """
    SELECT id, name, is_active,
           EXISTS (SELECT FROM orders.terminal_closings c
                   WHERE c.terminal_id = t.id AND c.ended_at IS NULL) AS is_closing
    FROM orders.terminals t WHERE id = %(id)s FOR UPDATE
"""


def terminal_places(tx: Tx, ask: Any) -> tuple[UUID, ...]:
    """Where a terminal stands. Raises NotFound."""
    place = tx.value(
        "SELECT location_id FROM orders.terminals WHERE id = %(id)s", id=ask.terminal_id
    )
    if place is None:
        raise NotFound("terminal", ask.terminal_id)
    return (place,)


@operation(
    "orders.start_terminal_payment",
    permission="orders.pay",
    at=terminal_places,
    http="POST /v1/terminals/{terminal_id}/payments",
    raises=(NotFound, WrongStep, AlreadyPaid, TerminalAway, TerminalBusy),
)
def start_terminal_payment(tx: Tx, ask: StartTerminalPayment) -> TerminalPaymentBegun:
    """Ask a terminal for the money of an order, or for a part; whoever sells there may, wherever
    the order is from. What is on a terminal is not left to be paid otherwise, and a terminal does
    one thing at a time. A worker shows the amount there and books what becomes of it."""
    order = load(tx, ask.order_id)
    amount = ask.amount_minor or max(1, left_to_pay(tx, order))
    load_to_pay(tx, order.id, amount)
    terminal = _ready(tx, ask.terminal_id)
    identity = _store(tx, ask, terminal, amount=amount, currency=order.currency)
    begin(tx, TERMINAL, subject=identity, data={}, identity=identity)
    fact = TerminalPaymentAsked(
        terminal_id=terminal.id, order_id=order.id, amount_minor=amount, currency=order.currency
    )
    append(tx, fact, subject=identity, version=1)
    return TerminalPaymentBegun(
        terminal_payment_id=identity,
        order_id=order.id,
        state="asked",
        amount_minor=amount,
        currency=order.currency,
        version=1,
    )


def _ready(tx: Tx, identity: UUID) -> _Terminal:
    """Raises NotFound, TerminalAway, TerminalBusy where its day is being ended."""
    row = tx.first(_TERMINAL, id=identity)
    if row is None:
        raise NotFound("terminal", identity)
    terminal = _Terminal(**row._asdict())
    if not terminal.is_active:
        raise TerminalAway(terminal.name)
    if terminal.is_closing:
        raise TerminalBusy(terminal.name)
    return terminal


_INSERT: LiteralString = """
    INSERT INTO orders.terminal_payments
        (id, terminal_id, order_id, currency, amount_minor, state, asked_by, asked_at, version)
    VALUES (%(id)s, %(terminal)s, %(order)s, %(currency)s, %(amount)s, 'asked', %(actor)s,
            %(now)s, 1)
"""


def _store(
    tx: Tx, ask: StartTerminalPayment, terminal: _Terminal, *, amount: int, currency: str
) -> UUID:
    identity = tx.new_id()
    try:
        with tx.savepoint():
            tx.run(
                _INSERT,
                id=identity,
                terminal=terminal.id,
                order=ask.order_id,
                currency=currency,
                amount=amount,
                actor=tx.actor.id,
                now=tx.now,
            )
    except psycopg.errors.UniqueViolation as taken:
        raise TerminalBusy(terminal.name, on_terminal(tx, terminal.id)) from taken
    return identity
