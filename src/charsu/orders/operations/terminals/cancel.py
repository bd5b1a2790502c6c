"""A till wants an amount back from a terminal."""

from uuid import UUID

from msgspec import Struct, structs

from charsu.kernel import NotFound, Tx, operation
from charsu.kernel.processes import wake
from charsu.orders.errors import WrongStep
from charsu.orders.facts import TerminalCancelAsked
from charsu.orders.loaded import load
from charsu.orders.terminals.kept import (
    find_terminal_payment,
    lock_terminal_payment,
    payment_places,
    store,
)


class CancelTerminalPayment(Struct, frozen=True, kw_only=True):
    """Which payment the terminal should give up."""

    terminal_payment_id: UUID


class TerminalPaymentStands(Struct, frozen=True, kw_only=True):
    """How the payment on the terminal stands now."""

    terminal_payment_id: UUID
    order_id: UUID
    state: str
    version: int


@operation(
    "orders.cancel_terminal_payment",
    permission="orders.pay",
    at=payment_places,
    http="POST /v1/terminal-payments/{terminal_payment_id}/cancellation",
    raises=(NotFound, WrongStep),
)
def cancel_terminal_payment(tx: Tx, ask: CancelTerminalPayment) -> TerminalPaymentStands:
    """Ask the terminal to give up. Whether the card was faster is told by the terminal: until then
    the payment is neither canceled nor paid."""
    load(tx, find_terminal_payment(tx, ask.terminal_payment_id).order_id)
    one = lock_terminal_payment(tx, ask.terminal_payment_id)
    if not one.is_open:
        raise WrongStep(state=one.state, asked="canceled")
    if one.cancel_asked_at is None:
        one = structs.replace(one, cancel_asked_at=tx.now)
        one = store(tx, one, TerminalCancelAsked())
        wake(tx, one.id)
    return TerminalPaymentStands(
        terminal_payment_id=one.id, order_id=one.order_id, state=one.state, version=one.version
    )
