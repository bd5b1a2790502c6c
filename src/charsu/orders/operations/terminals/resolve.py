"""Somebody has looked at the terminal's journal: a payment of which nobody knew is known."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import NotFound, Tx, operation
from charsu.orders.card_numbers import refuse_card_numbers
from charsu.orders.errors import CardNumberShown, PaymentReferenceTaken, WrongStep
from charsu.orders.operations.terminals.cancel import TerminalPaymentStands
from charsu.orders.terminals.kept import find_terminal_payment, payment_places
from charsu.orders.terminals.outcomes import take_outcome
from charsu.orders.terminals.terminal import Outcome, Receipt


class ResolveTerminalPayment(Struct, frozen=True, kw_only=True):
    """What the terminal's journal or the customer's receipt says.

    reference   of the taking, as it is printed; none: our own stands for it
    """

    terminal_payment_id: UUID
    was_paid: bool
    reference: Annotated[str, Meta(min_length=1, max_length=128)] | None = None
    authorization_code: Annotated[str, Meta(max_length=16)] = ""
    last_four: Annotated[str, Meta(pattern=r"^([0-9]{4})?$")] = ""


@operation(
    "orders.resolve_terminal_payment",
    permission="orders.resolve_terminal_payment",
    at=payment_places,
    http="POST /v1/terminal-payments/{terminal_payment_id}/resolution",
    raises=(NotFound, WrongStep, CardNumberShown, PaymentReferenceTaken),
)
def resolve_terminal_payment(tx: Tx, ask: ResolveTerminalPayment) -> TerminalPaymentStands:
    """Say how a payment came out of which the terminal does not tell. It is booked as if the
    terminal had said so; what the order no longer wants goes back to the card."""
    refuse_card_numbers(ask.reference, ask.authorization_code)
    was = find_terminal_payment(tx, ask.terminal_payment_id)
    if was.state != "unknown":
        raise WrongStep(state=was.state, asked="resolved")
    one = take_outcome(tx, was.id, _said(ask))
    if one.state == "unknown":
        raise PaymentReferenceTaken(ask.reference or str(one.id))
    return TerminalPaymentStands(
        terminal_payment_id=one.id, order_id=one.order_id, state=one.state, version=one.version
    )


def _said(ask: ResolveTerminalPayment) -> Outcome:
    if not ask.was_paid:
        return Outcome(state="declined", reason="by_hand")
    receipt = Receipt(last_four=ask.last_four, authorization_code=ask.authorization_code)
    return Outcome(state="paid", reference=ask.reference or "", receipt=receipt)
