"""Several hands at the terminals of one store; with a guard taken away the same goes wrong."""

import threading
from collections import Counter as Tally
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from charsu.kernel import Hub
from charsu.kernel.processes import run_due
from charsu.orders import loaded
from charsu.orders.operations import pay as paying
from charsu.orders.payments import PROVIDERS
from charsu.orders.terminals import kept, outcomes
from charsu.orders.terminals.kinds import TERMINALS
from charsu.web.api.payments import take_message
from tests.orders.store import problems
from tests.orders.test_pickup_races import at_once
from tests.orders.till import KINDS, Till
from tests.shop import Shop
from tests.terminal import SECRET, TillTerminal

pytestmark = pytest.mark.slow

HANDS = 4
LOOK = timedelta(seconds=2)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> TillTerminal:
    terminal = TillTerminal(customer="shown")
    monkeypatch.setitem(PROVIDERS, "till", terminal)
    monkeypatch.setitem(TERMINALS, "till", terminal)
    return terminal


@pytest.fixture
def shop(open_shop: Callable[..., Hub], terminal: TillTerminal) -> Shop:
    shop = Shop(open_shop(connections=HANDS + 2))
    shop.has("mug", 20, at="north")
    shop.costs("mug", 1_000)
    return shop


def buys(shop: Shop) -> Any:
    return shop.buys(mug=1, kind="counter", location_id=shop.locations["north"])


def asked_at_once(shop: Shop, tills: Sequence[Till], orders: Sequence[Any]) -> Tally[str]:
    """How it ends when each till asks for the money of its order, all at once."""
    pairs = zip(tills, orders, strict=True)
    return at_once([lambda till=till, order=order: till.asks(order) for till, order in pairs])


def test_of_cashiers_at_one_terminal_one_has_it(shop: Shop) -> None:
    till = Till(shop, "till")
    ends = asked_at_once(shop, [till] * HANDS, [buys(shop) for _ in range(HANDS)])

    assert ends == {"done": 1, "terminal_busy": HANDS - 1}
    assert problems(shop) == []


def test_without_the_index_one_terminal_shows_several_amounts(shop: Shop, database: str) -> None:
    till = Till(shop, "till")
    with psycopg.connect(database) as connection:
        connection.execute("DROP INDEX orders.one_payment_on_a_terminal_at_a_time")
    ends = asked_at_once(shop, [till] * HANDS, [buys(shop) for _ in range(HANDS)])

    print(f"unsafe control: {ends['done']} amounts on one terminal")
    assert ends["done"] > 1


def charged(shop: Shop, terminal: TillTerminal) -> int:
    """What a customer pays in all for one order whose money several terminals ask for at once."""
    tills = [Till(shop, "till", code=f"till-{number}") for number in range(HANDS)]
    placed = buys(shop)
    asked_at_once(shop, tills, [placed] * HANDS)
    run_due(shop.hub, KINDS)
    for key in list(terminal.shown):
        terminal.pays(key)
    return terminal.taken


def test_one_order_at_several_terminals_is_paid_at_one(shop: Shop, terminal: TillTerminal) -> None:
    assert charged(shop, terminal) == 1000
    for _ in range(3):
        Till(shop, "till", code="till-0").works(LOOK)
    assert problems(shop) == []


def test_without_what_is_on_terminals_a_customer_is_charged_several_times(
    shop: Shop, terminal: TillTerminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paying, "on_terminals", lambda tx, order: 0)
    taken = charged(shop, terminal)

    print(f"unsafe control: {taken} taken of 1000")
    assert taken > 1000


def told_at_once(shop: Shop, terminal: TillTerminal) -> list[str]:
    """What a check finds when the terminal's answer and its messages come at once."""
    till = Till(shop, "till")
    placed = buys(shop)
    payment = till.asks(placed)
    till.works()
    terminal.pays(str(payment))
    shop.hub.offset += LOOK
    message = b'{"event_id": "%s", "key": "%s"}'

    def tells() -> None:
        body = message % (str(uuid4()).encode(), str(payment).encode())
        take_message(shop.hub, "till", {"terminal-secret": SECRET}, body)

    at_once([tells] * (HANDS - 1) + [lambda: run_due(shop.hub, KINDS)])
    wrong = [str(one) for one in problems(shop)]
    if till.state(payment) != "paid" or shop.order(placed).captured_minor != 1000:
        wrong.append("not paid as it was taken")
    return wrong


def test_an_answer_and_messages_at_once_book_the_money_once(
    shop: Shop, terminal: TillTerminal
) -> None:
    assert told_at_once(shop, terminal) == []


def test_without_the_locks_messages_at_once_book_it_wrongly(
    shop: Shop, terminal: TillTerminal, monkeypatch: pytest.MonkeyPatch, database: str
) -> None:
    """The books' own index on references, which would still help, is gone as well."""
    barrier, lock = threading.Barrier(2), kept.lock_terminal_payment

    def read(*given: Any) -> Any:
        found = lock(*given)
        with suppress(threading.BrokenBarrierError):
            barrier.wait(2)
        return found

    till = Till(shop, "till")
    placed = buys(shop)
    payment = till.asks(placed)
    till.works()
    terminal.pays(str(payment))
    monkeypatch.setattr(loaded, "_ORDER", loaded._ORDER.replace("FOR UPDATE OF o", ""))
    monkeypatch.setattr(kept, "_LOCK", kept._LOCK.replace("FOR UPDATE OF p", ""))
    monkeypatch.setattr(outcomes, "lock_terminal_payment", read)
    with psycopg.connect(database) as connection:
        connection.execute(
            "ALTER TABLE orders.payments DROP CONSTRAINT one_order_for_one_payment_reference"
        )

    def tells() -> None:
        body = f'{{"event_id": "{uuid4()}", "key": "{payment}"}}'.encode()
        take_message(shop.hub, "till", {"terminal-secret": SECRET}, body)

    ends = at_once([tells, tells])
    booked = len(shop.order(placed).payments)

    print(f"unsafe control: {dict(ends)}, booked {booked} times, {till.state(payment)}")
    assert ends["done"] < 2 or booked > 1 or till.state(payment) != "paid"
