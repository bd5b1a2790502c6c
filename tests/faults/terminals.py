"""One request to each operation on card terminals and exceptions, on an order of its own."""

from uuid import UUID

from charsu.orders.operations import (
    cancel_terminal_payment,
    close_terminal,
    hand_on_exception,
    note_terminal_payment,
    put_terminal,
    resolve_terminal_payment,
    start_terminal_payment,
    take_exception,
)
from charsu.orders.operations.see_to import HandOnException, TakeException
from charsu.orders.operations.terminals.cancel import CancelTerminalPayment
from charsu.orders.operations.terminals.close import CloseTerminal, PrintedTotals
from charsu.orders.operations.terminals.note import NoteTerminalPayment
from charsu.orders.operations.terminals.put import PutTerminal
from charsu.orders.operations.terminals.resolve import ResolveTerminalPayment
from charsu.orders.operations.terminals.start import StartTerminalPayment
from charsu.orders.payments import Outcome
from charsu.orders.terminals.kept import lock_terminal_payment
from charsu.orders.terminals.outcomes import become_unknown
from tests.faults.requests import Bazaar, Request
from tests.orders.store import Counter, counter_for

KIND = "till"


def put_a_terminal(bazaar: Bazaar) -> Request:
    name = str(bazaar.new_id())
    place = bazaar.shop.location("north")
    ask = PutTerminal(code=name, name="Till", location_id=place, kind=KIND, number=name)
    return Request(put_terminal, ask)


def start_on_a_terminal(bazaar: Bazaar) -> Request:
    order = bazaar.place().made_to(bazaar.hub).order_id
    terminal = put_a_terminal(bazaar).made_to(bazaar.hub).terminal_id
    return Request(
        start_terminal_payment, StartTerminalPayment(order_id=order, terminal_id=terminal)
    )


def begun(bazaar: Bazaar) -> UUID:
    payment: UUID = start_on_a_terminal(bazaar).made_to(bazaar.hub).terminal_payment_id
    return payment


def lost(bazaar: Bazaar) -> UUID:
    """Nobody knows whether it was paid."""
    payment = begun(bazaar)
    with bazaar.hub.writing("test.silence") as tx:
        become_unknown(tx, lock_terminal_payment(tx, payment), "no_answer")
    return payment


def take_it_back(bazaar: Bazaar) -> Request:
    ask = CancelTerminalPayment(terminal_payment_id=begun(bazaar))
    return Request(cancel_terminal_payment, ask)


def know_that_it_was_paid(bazaar: Bazaar) -> Request:
    ask = ResolveTerminalPayment(terminal_payment_id=lost(bazaar), was_paid=True)
    return Request(resolve_terminal_payment, ask)


def hear_that_it_was_paid(bazaar: Bazaar) -> Request:
    payment = begun(bazaar)
    said = Outcome(state="paid", reference=f"rrn-{payment}")
    ask = NoteTerminalPayment(terminal_payment_id=payment, kind=KIND, outcome=said)
    return Request(note_terminal_payment, ask)


def end_the_day(bazaar: Bazaar) -> Request:
    """The terminal prints more than the books say."""
    terminal = put_a_terminal(bazaar).made_to(bazaar.hub).terminal_id
    printed = (PrintedTotals(currency="EUR", taken_minor=5),)
    return Request(close_terminal, CloseTerminal(terminal_id=terminal, totals=printed))


def missing(bazaar: Bazaar) -> Counter:
    """A pick-up that the store did not find."""
    (sku,) = bazaar.goods(1)
    place = bazaar.shop.locations["north"]
    counter = counter_for(
        bazaar.shop, bazaar.shop.buys(**{sku: 1}, kind="pickup", location_id=place)
    )
    counter.rejects("not_found")
    return counter


def take_an_exception(bazaar: Bazaar) -> Request:
    return Request(take_exception, TakeException(exception_id=missing(bazaar).exceptions()[0].id))


def hand_an_exception_on(bazaar: Bazaar) -> Request:
    one = missing(bazaar).exceptions()[0].id
    return Request(hand_on_exception, HandOnException(exception_id=one, owner="manager"))


TERMINAL_CASES = {
    case.__name__: case
    for case in (
        put_a_terminal,
        start_on_a_terminal,
        take_it_back,
        know_that_it_was_paid,
        hear_that_it_was_paid,
        end_the_day,
        take_an_exception,
        hand_an_exception_on,
    )
}
