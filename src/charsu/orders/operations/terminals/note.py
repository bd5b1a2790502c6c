"""What a terminal tells of its own accord, before, with or after its answer."""

from typing import Any
from uuid import UUID

from msgspec import Struct

from charsu.kernel import NotFound, Tx, operation
from charsu.orders.operations.terminals.cancel import TerminalPaymentStands
from charsu.orders.terminals.kept import find_terminal_payment
from charsu.orders.terminals.outcomes import take_outcome
from charsu.orders.terminals.terminal import Outcome


class NoteTerminalPayment(Struct, frozen=True, kw_only=True):
    """How a payment came out, as its terminal says. The edge has proved where the message comes
    from; its id is the idempotency key.

    kind   of terminal; of the payments of another it may say nothing
    """

    terminal_payment_id: UUID
    kind: str
    outcome: Outcome


@operation("orders.note_terminal_payment", permission="payments.note", raises=(NotFound,))
def note_terminal_payment(tx: Tx, ask: NoteTerminalPayment) -> TerminalPaymentStands:
    """Take down what a terminal says of a payment. Said twice, too late, or beside the answer to a
    question it changes nothing more."""
    was: Any = find_terminal_payment(tx, ask.terminal_payment_id)
    if was.kind != ask.kind:
        raise NotFound("terminal payment", ask.terminal_payment_id)
    one = take_outcome(tx, was.id, ask.outcome)
    return TerminalPaymentStands(
        terminal_payment_id=one.id, order_id=one.order_id, state=one.state, version=one.version
    )
