"""What a terminal says becomes a payment of the order, once, whoever says it first.

The answer to a question, a message of the terminal's own accord and a person who has looked at the
receipt may come in any order, and each twice. The order is locked first, then the payment.
"""

from typing import LiteralString
from uuid import UUID

from msgspec import structs

from charsu.kernel import Fact, Tx
from charsu.orders.card_numbers import has_card_number
from charsu.orders.errors import PaymentReferenceTaken
from charsu.orders.facts import (
    TerminalPaymentEnded,
    TerminalPaymentShown,
    TerminalPaymentTaken,
    TerminalPaymentUnknown,
    TerminalPaymentUnwanted,
)
from charsu.orders.loaded import Order, load
from charsu.orders.payments.booking import Money, book_payment
from charsu.orders.terminals.kept import (
    TerminalPayment,
    find_terminal_payment,
    lock_terminal_payment,
    store,
)
from charsu.orders.terminals.terminal import Outcome, Receipt

TAKEN = frozenset({"paid", "unwanted", "given_back"})
"""The terminal has taken the money, whatever became of it then."""


def take_outcome(tx: Tx, identity: UUID, outcome: Outcome) -> TerminalPayment:
    """The payment with what the terminal said; said again, or overtaken, it changes nothing.

    Money that was taken is booked even where the till had given up; what the order no longer wants
    is on its way back. Raises NotFound.
    """
    order = load(tx, find_terminal_payment(tx, identity).order_id)
    one = lock_terminal_payment(tx, identity)
    if one.state in TAKEN:
        return one
    if outcome.state == "paid":
        return _take(tx, order, one, outcome)
    if not one.is_open:
        return one
    if outcome.state == "shown":
        return _show(tx, one)
    if outcome.state == "unheard" and one.shown_at is not None:
        return become_unknown(tx, one, "forgotten")  # it waited for the card, and has lost it
    return _end(tx, one, outcome)


def become_unknown(tx: Tx, one: TerminalPayment, reason: str) -> TerminalPayment:
    """Nobody knows whether a locked payment was taken: neither asked again nor forgotten."""
    if not one.is_open or one.state == "unknown":
        return one
    now = structs.replace(one, state="unknown", reason=reason)
    return store(tx, now, TerminalPaymentUnknown(reason=reason))


def _show(tx: Tx, one: TerminalPayment) -> TerminalPayment:
    if one.state == "shown":
        return one
    now = structs.replace(one, state="shown", reason="", shown_at=one.shown_at or tx.now)
    return store(tx, now, TerminalPaymentShown())


def _end(tx: Tx, one: TerminalPayment, outcome: Outcome) -> TerminalPayment:
    state = {"unheard": "failed"}.get(outcome.state, outcome.state)
    reason = _safe(outcome.reason, 200)
    if state == "canceled":
        reason = reason or ("cashier" if one.cancel_asked_at else "customer")
    now = structs.replace(one, state=state, reason=reason, ended_at=tx.now)
    now = store(tx, now, TerminalPaymentEnded(state=state, reason=reason))
    move_process(tx, one.id, state="failed")
    return now


def _take(tx: Tx, order: Order, one: TerminalPayment, outcome: Outcome) -> TerminalPayment:
    one = structs.replace(
        one,
        reference=_safe(outcome.reference, 128) or str(one.id),
        reason="",
        ended_at=one.ended_at or tx.now,
        **_printed(outcome.receipt),
    )
    if order.state == "canceled" or one.amount_minor > order.left_minor:
        fact = TerminalPaymentUnwanted(amount_minor=one.amount_minor, currency=one.currency)
        move_process(tx, one.id, step="give_back")
        return store(tx, structs.replace(one, state="unwanted"), fact)
    return _book(tx, order, one)


def _book(tx: Tx, order: Order, one: TerminalPayment) -> TerminalPayment:
    money = Money(
        provider=one.kind, method="card", amount_minor=one.amount_minor, reference=one.reference
    )
    try:
        with tx.savepoint():
            payment, _ = book_payment(tx, order, money)
    except PaymentReferenceTaken:  # it tells of another taking: a person has to look
        was = lock_terminal_payment(tx, one.id)
        return become_unknown(tx, was, "reference_taken")
    fact: Fact = TerminalPaymentTaken(
        payment_id=payment, amount_minor=one.amount_minor, currency=one.currency
    )
    move_process(tx, one.id, state="done")
    return store(tx, structs.replace(one, state="paid", payment_id=payment), fact)


def _printed(receipt: Receipt) -> dict[str, str]:
    """What of a receipt may be kept; what could be a card number is dropped, not the payment."""
    last_four = receipt.last_four[-4:]
    return {
        "last_four": last_four if last_four.isascii() and last_four.isdigit() else "",
        "scheme": _safe(receipt.scheme, 32),
        "authorization_code": _safe(receipt.authorization_code, 16),
        "printed_terminal": _safe(receipt.terminal, 64),
    }


def _safe(text: str, most: int) -> str:
    text = text.replace("\0", "").strip()
    return "" if has_card_number(text) else text[:most]


_MOVE: LiteralString = """
    UPDATE kernel.processes
    SET step = coalesce(%(step)s::text, step), state = %(state)s, attempts = 0, due_at = %(now)s,
        leased_until = NULL, last_problem = NULL,
        ended_at = CASE WHEN %(state)s IN ('done', 'failed') THEN %(now)s::timestamptz END
    WHERE id = %(id)s
"""


def move_process(
    tx: Tx, identity: UUID, *, step: str | None = None, state: str = "running"
) -> None:
    """Let the process of a locked payment end, or go on at another step, whoever works on it."""
    tx.run(_MOVE, id=identity, step=step, state=state, now=tx.now)
