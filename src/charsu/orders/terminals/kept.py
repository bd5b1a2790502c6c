"""Payments on terminals as they are kept: one row each, every change told."""

from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct, structs

from charsu.kernel import Fact, NotFound, Tx, append
from charsu.orders.model import OnTerminal, TerminalPaymentState
from charsu.orders.terminals.kinds import TERMINALS
from charsu.orders.terminals.terminal import Sale, Terminal


class TerminalPayment(Struct, frozen=True, kw_only=True):
    """A payment on a terminal as it stands; the amount in minor units.

    kind, number   of the terminal
    """

    id: UUID
    terminal_id: UUID
    kind: str
    number: str
    order_id: UUID
    currency: str
    amount_minor: int
    state: TerminalPaymentState
    reason: str
    asked_at: datetime
    shown_at: datetime | None
    cancel_asked_at: datetime | None
    ended_at: datetime | None
    payment_id: UUID | None
    reference: str | None
    last_four: str
    scheme: str
    authorization_code: str
    printed_terminal: str
    version: int

    @property
    def is_open(self) -> bool:
        """Whether the terminal may still take money for it."""
        return self.ended_at is None

    def sale(self, now: datetime) -> Sale:
        """What the terminal is asked."""
        return Sale(
            key=str(self.id),
            terminal=self.number,
            amount_minor=self.amount_minor,
            currency=self.currency,
            waited_seconds=int((now - self.asked_at).total_seconds()),
        )


_FIND: LiteralString = """
    SELECT p.id, p.terminal_id, t.kind, t.number, p.order_id, p.currency, p.amount_minor, p.state,
           p.reason, p.asked_at, p.shown_at, p.cancel_asked_at, p.ended_at, p.payment_id,
           p.reference, p.last_four, p.scheme, p.authorization_code, p.printed_terminal, p.version
    FROM orders.terminal_payments p JOIN orders.terminals t ON t.id = p.terminal_id
    WHERE p.id = %(id)s
"""
_LOCK: LiteralString = _FIND + " FOR UPDATE OF p"


def find_terminal_payment(tx: Tx, identity: UUID) -> TerminalPayment:
    """One payment as it stands. Raises NotFound."""
    return _found(tx.first(_FIND, id=identity), identity)


def lock_terminal_payment(tx: Tx, identity: UUID) -> TerminalPayment:
    """One payment, locked until the transaction ends; its order is locked before. Raises
    NotFound."""
    return _found(tx.first(_LOCK, id=identity), identity)


def _found(row: Any, identity: UUID) -> TerminalPayment:
    if row is None:
        raise NotFound("terminal payment", identity)
    return TerminalPayment(**row._asdict())


def terminal_of(one: TerminalPayment) -> Terminal | None:
    """Who speaks to its terminal; None where the plug-in is gone."""
    return TERMINALS.get(one.kind)


def payment_places(tx: Tx, ask: Any) -> tuple[UUID, ...]:
    """Where the terminal of a payment stands. Raises NotFound."""
    place = tx.value(
        """
        SELECT t.location_id FROM orders.terminal_payments p
        JOIN orders.terminals t ON t.id = p.terminal_id WHERE p.id = %(id)s
        """,
        id=ask.terminal_payment_id,
    )
    if place is None:
        raise NotFound("terminal payment", ask.terminal_payment_id)
    return (place,)


def on_terminal(tx: Tx, terminal: UUID) -> OnTerminal | None:
    """The payment that a terminal is at; None where there is none."""
    row = tx.first(
        """
        SELECT p.id AS terminal_payment_id, o.number,
               greatest(w.due_at, w.leased_until) AS asked_again_by
        FROM orders.terminal_payments p
        JOIN orders.orders o ON o.id = p.order_id
        LEFT JOIN kernel.processes w ON w.id = p.id AND w.state = 'running'
        WHERE p.terminal_id = %(terminal)s AND p.ended_at IS NULL
        """,
        terminal=terminal,
    )
    return OnTerminal(**row._asdict()) if row else None


def on_terminals(tx: Tx, order: UUID) -> int:
    """What terminals may be taking for a locked order at this moment, in minor units."""
    waiting: int = tx.value(
        """
        SELECT coalesce(sum(amount_minor), 0)::bigint FROM orders.terminal_payments
        WHERE order_id = %(order)s AND ended_at IS NULL
        """,
        order=order,
    )
    return waiting


_STORE: LiteralString = """
    UPDATE orders.terminal_payments
    SET state = %(state)s, reason = %(reason)s, shown_at = %(shown_at)s,
        cancel_asked_at = %(cancel_asked_at)s, ended_at = %(ended_at)s,
        payment_id = %(payment_id)s, reference = %(reference)s, last_four = %(last_four)s,
        scheme = %(scheme)s, authorization_code = %(authorization_code)s,
        printed_terminal = %(printed_terminal)s, version = version + 1
    WHERE id = %(id)s RETURNING version
"""


def store(tx: Tx, now: TerminalPayment, fact: Fact) -> TerminalPayment:
    """Write a locked payment back, one version later, and say what happened."""
    version = tx.value(_STORE, **structs.asdict(now))
    append(tx, fact, subject=now.id, version=version)
    return structs.replace(now, version=version)
