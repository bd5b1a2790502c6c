"""A payment on a terminal, step by step, with the terminal asked between transactions.

An amount is shown once. Whoever does not know whether that was heard asks what became of it, by our
reference, and shows nothing: so a line that is cut costs the customer nothing twice. Only a worker
that failed before it asked the terminal shows the amount after all, once the terminal has said that
it never heard of it, and while the customer is still there.
"""

from datetime import datetime, timedelta

from msgspec import structs

from charsu.kernel import Hub, Setting, Tx
from charsu.kernel.processes import Outside, Process, Running, advance, finish
from charsu.orders.facts import TerminalPaymentGivenBack
from charsu.orders.loaded import load
from charsu.orders.payments.provider import Declined
from charsu.orders.terminals.kept import (
    TerminalPayment,
    find_terminal_payment,
    lock_terminal_payment,
    store,
    terminal_of,
)
from charsu.orders.terminals.outcomes import become_unknown, take_outcome
from charsu.orders.terminals.terminal import Outcome, Terminal

WAIT = Setting(
    "orders.terminal_seconds",
    int,
    180,
    "Seconds that a terminal waits for a card before the hub takes the amount back from it.",
)

AGAIN = timedelta(seconds=1)  # from one look at a terminal to the next
AFTER_A_CUT = timedelta(seconds=5)
STILL_THERE = timedelta(seconds=30)


def _show(hub: Hub, running: Running) -> None:
    """Show the amount; a second attempt asks first what became of the one before."""
    one, now = _read(hub, running)
    if one.cancel_asked_at and running.attempt == 1:
        _note(hub, running, Outcome(state="canceled"))
        return
    terminal, sale = _terminal(one), one.sale(now)
    try:
        outcome = terminal.look(sale) if running.attempt > 1 else terminal.show(sale)
        if running.attempt > 1 and _may_show_again(one, outcome, now):
            outcome = terminal.show(sale)
    except Outside:
        with hub.writing("orders.terminal_silent") as tx:
            _lost(tx, running)
            advance(tx, running, "look", after=AFTER_A_CUT)
        return
    _note(hub, running, outcome)


def _may_show_again(one: TerminalPayment, outcome: Outcome, now: datetime) -> bool:
    """Whether it was never heard of, and the customer is still there. By then nobody can be at the
    terminal with the attempt before: that has ended, or its lease has run out long after this."""
    is_soon = now - one.asked_at < STILL_THERE
    return outcome.state == "unheard" and is_soon and one.cancel_asked_at is None


def _look(hub: Hub, running: Running) -> None:
    """Ask what became of it; take it back where the till wants it, or nobody comes."""
    one, now = _read(hub, running)
    patience = hub.read(lambda tx: tx.setting(WAIT))
    is_over = (now - one.asked_at).total_seconds() >= patience
    try:
        ask = _terminal(one).give_up if one.cancel_asked_at or is_over else _terminal(one).look
        outcome = ask(one.sale(now))
    except Outside:
        with hub.writing("orders.terminal_silent") as tx:
            _lost(tx, running)
        raise
    if is_over and outcome.state == "canceled" and not one.cancel_asked_at:
        outcome = structs.replace(outcome, reason="too_late")
    _note(hub, running, outcome)


def _note(hub: Hub, running: Running, outcome: Outcome) -> None:
    with hub.writing("orders.terminal_told") as tx:
        one = take_outcome(tx, running.subject_id, outcome)
        if one.is_open:
            advance(tx, running, "look", after=AGAIN)


def _lost(tx: Tx, running: Running) -> None:
    load(tx, find_terminal_payment(tx, running.subject_id).order_id)
    become_unknown(tx, lock_terminal_payment(tx, running.subject_id), "no_answer")


def _give_back(hub: Hub, running: Running) -> None:
    one, _ = _read(hub, running)
    assert one.reference is not None, "what was taken has a reference"
    answer = _terminal(one).refund(
        key=running.key,
        reference=one.reference,
        amount_minor=one.amount_minor,
        currency=one.currency,
    )
    if isinstance(answer, Declined):
        raise Outside(f"it does not go back: {answer.reason}")
    with hub.writing("orders.terminal_given_back") as tx:
        load(tx, one.order_id)
        one = lock_terminal_payment(tx, one.id)
        if finish(tx, running, failed=True):
            fact = TerminalPaymentGivenBack(amount_minor=one.amount_minor, currency=one.currency)
            store(tx, structs.replace(one, state="given_back"), fact)


def _read(hub: Hub, running: Running) -> tuple[TerminalPayment, datetime]:
    return hub.read(lambda tx: (find_terminal_payment(tx, running.subject_id), tx.now))


def _terminal(one: TerminalPayment) -> Terminal:
    if (terminal := terminal_of(one)) is None:
        raise Outside(f"nobody here speaks to terminals of the kind {one.kind}")
    return terminal


TERMINAL = Process(
    "orders.terminal_payment", {"show": _show, "look": _look, "give_back": _give_back}
)
