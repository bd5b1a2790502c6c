"""A process whose calls to the database fail is taken up again, and nothing happens twice."""

import itertools
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from charsu.kernel import SYSTEM, Hub
from charsu.kernel.check import Verdict
from charsu.kernel.processes import run_due
from charsu.orders import CancelOrder, cancel_order
from charsu.orders.charging import CHARGE
from charsu.orders.operations import close_terminal
from charsu.orders.operations.terminals.close import CloseTerminal
from charsu.orders.payments import PROVIDERS
from charsu.orders.reconciling.reading import RECONCILE
from charsu.orders.reconciling.reading import _begin as begin_reading
from charsu.orders.terminals.closing import CLOSE
from charsu.orders.terminals.kept import find_terminal_payment
from charsu.orders.terminals.paying import TERMINAL
from charsu.shopping import AskCart, read_cart
from tests.bank import Bank, Promise
from tests.faults import payments
from tests.faults.breaking import KINDS, Breaking, changed, growth
from tests.faults.payments import KINDS as KINDS_OF_PAYMENTS
from tests.faults.requests import Bazaar
from tests.faults.terminals import begun, put_a_terminal
from tests.terminal import TillTerminal

pytestmark = pytest.mark.torture

PROCESSES = {
    **{one.kind: one for one in (CHARGE, CLOSE, RECONCILE, TERMINAL)},
    **KINDS_OF_PAYMENTS,
}
LATER = timedelta(minutes=3)  # whoever had it is given up, and every pause is over
ALWAYS = 10**6

Begin = Callable[[Bazaar], None]


def charge(bazaar: Bazaar) -> None:
    bazaar.charge().made_to(bazaar.hub)


def charge_in_vain(bazaar: Bazaar) -> None:
    """The order is canceled before the money comes."""
    charging = bazaar.charge()
    charging.made_to(bazaar.hub)
    ask = CancelOrder(order_id=charging.ask.order_id, reason="changed_mind")
    bazaar.hub.run(cancel_order, ask, actor=SYSTEM)


def pay(bazaar: Bazaar) -> None:
    payments.pay_a_cart(bazaar).made_to(bazaar.hub)


def pay_in_vain(bazaar: Bazaar) -> None:
    """The price moves before the provider has answered."""
    request = payments.pay_a_cart(bazaar)
    request.made_to(bazaar.hub)
    (line,) = bazaar.hub.run(
        read_cart, AskCart(cart_id=request.ask.cart_id), actor=request.actor
    ).lines
    bazaar.shop.costs(line.sku or "", 1)


def capture(bazaar: Bazaar) -> None:
    payments.ship_what_is_promised(bazaar).made_to(bazaar.hub)


def void(bazaar: Bazaar) -> None:
    payments.cancel_what_is_promised(bazaar).made_to(bazaar.hub)


def refund(bazaar: Bazaar) -> None:
    payments.refund_to_a_card(bazaar).made_to(bazaar.hub)


def free_an_orphan(bazaar: Bazaar) -> None:
    payments.note_an_orphan(bazaar).made_to(bazaar.hub)


def reconcile(bazaar: Bazaar) -> None:
    """The bank has a payment that the books do not know."""
    bank = PROVIDERS["bank"]
    assert isinstance(bank, Bank)
    key = str(bazaar.new_id())
    bank.promises[key] = Promise(f"stray-{key}", 900, taken=900)
    with bazaar.hub.writing("test.reconcile") as tx:
        assert begin_reading(tx, "bank", tx.now)


def close_a_terminal(bazaar: Bazaar) -> None:
    terminal = put_a_terminal(bazaar).made_to(bazaar.hub).terminal_id
    bazaar.hub.run(close_terminal, CloseTerminal(terminal_id=terminal), actor=SYSTEM)


# Their steps look before they ask outside. A look that fails once is taken again at once, and the
# step goes on; that it is then done whole shows at the end.
LOOKING_FIRST = [pay, pay_in_vain, capture, void, refund, free_an_orphan, reconcile]
EVERY_BEGINNING = [charge, charge_in_vain, close_a_terminal, *LOOKING_FIRST]


def work_off(hub: Hub) -> None:
    """As workers do: take what is due, and what failed again later."""
    for _ in range(4):
        hub.offset += LATER
        with suppress(psycopg.OperationalError):  # connections that were cut before
            while run_due(hub, PROCESSES):
                pass


@pytest.mark.parametrize("begin", EVERY_BEGINNING, ids=lambda begin: begin.__name__)
@pytest.mark.parametrize("times", [1, ALWAYS], ids=["once", "from then on"])
def test_a_step_whose_call_fails_is_taken_again_and_nothing_is_done_twice(
    times: int,
    begin: Begin,
    bazaar: Bazaar,
    hub: Hub,
    breaking: Breaking,
    look: Callable[[], dict[str, tuple[int, str]]],
    problems: Callable[[], list[Verdict]],
) -> None:
    for _ in range(2):  # the first also opens accounts that all share
        begin(bazaar)
        before = look()
        work_off(hub)
    undisturbed = growth(before, look())

    for number in itertools.count(1):
        begin(bazaar)
        before = at_first = look()
        breaking.arm(KINDS[number % len(KINDS)], at_call=number, times=times)
        taken = 1
        while taken and not breaking.failures:
            before, taken = look(), 0
            with suppress(psycopg.OperationalError):
                taken = run_due(hub, PROCESSES, limit=1)
        failed = breaking.failures
        breaking.disarm()
        if not failed:
            break
        if times > 1 or begin not in LOOKING_FIRST:
            assert changed(before, look()) <= {"kernel.processes"}, f"call {number} failed"
        work_off(hub)
        assert growth(at_first, look()) == undisturbed

    print(f"{number - 1} calls failed")
    assert number > 4
    assert problems() == []


def paid(bazaar: Bazaar) -> UUID:
    return begun(bazaar)


def paid_in_vain(bazaar: Bazaar) -> UUID:
    """The order is canceled while the amount is on its way to the terminal."""
    payment = begun(bazaar)
    with bazaar.hub.reading() as tx:
        order = find_terminal_payment(tx, payment).order_id
    ask = CancelOrder(order_id=order, reason="changed_mind")
    bazaar.hub.run(cancel_order, ask, actor=SYSTEM)
    return payment


@pytest.mark.parametrize(("begin", "well"), [(paid, "paid"), (paid_in_vain, "given_back")])
@pytest.mark.parametrize("times", [1, ALWAYS], ids=["once", "from then on"])
def test_whatever_fails_at_a_terminal_the_customer_is_charged_once_or_not_at_all(
    times: int,
    begin: Callable[[Bazaar], UUID],
    well: str,
    bazaar: Bazaar,
    terminal: TillTerminal,
    hub: Hub,
    breaking: Breaking,
    problems: Callable[[], list[Verdict]],
) -> None:
    ends: Counter[str] = Counter()
    for number in itertools.count(1):
        payment = begin(bazaar)
        breaking.arm(KINDS[number % len(KINDS)], at_call=number, times=times)
        with suppress(psycopg.OperationalError):
            while run_due(hub, PROCESSES):
                pass
        failed = breaking.failures
        breaking.disarm()
        work_off(hub)
        with hub.reading() as tx:
            one = find_terminal_payment(tx, payment)
        ends[one.state] += 1
        assert terminal.shown.count(str(payment)) == (0 if one.state == "failed" else 1)
        assert one.state in {well, "failed"}
        if not failed:
            break

    print(f"{number - 1} calls failed: {dict(ends)}")
    assert ends[well] > number // 2
    assert sum(terminal.back.values()) == (terminal.taken if well == "given_back" else 0)
    assert problems() == []
