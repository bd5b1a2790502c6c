"""Many hands on one pick-up, and the clock among them; with the lock off the same goes wrong."""

import sys
import threading
from collections import Counter as Tally
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from charsu.kernel import Hub, HubError
from charsu.orders import Pieces, loaded, watching
from charsu.orders.codes import WRONG_MAX, make_key
from charsu.orders.operations import accept as accepting
from charsu.orders.operations import hand_over as handing_over
from charsu.orders.watching import step_ran_out
from tests.orders.store import Counter, counter_for, problems
from tests.shop import Shop

pytestmark = pytest.mark.slow

HANDS = 6
BOUNDS = (
    ("fulfillment_lines", "fulfillment_lines_no_more_than_was_asked"),
    ("order_lines", "order_lines_no_more_than_was_ordered"),
)


@pytest.fixture
def shop(open_shop: Callable[..., Hub]) -> Shop:
    shop = Shop(open_shop(connections=HANDS + 2))
    shop.has("mug", 10, at="north")
    shop.costs("mug", 1_000)
    return shop


def asked(shop: Shop) -> Counter:
    placed = shop.buys(mug=3, kind="pickup", location_id=shop.locations["north"])
    shop.pays_cash(placed.order_id, placed.total_minor)
    return counter_for(shop, placed)


def at_once(attempts: Sequence[Callable[[], Any]]) -> Tally[str]:
    """How attempts that begin together end: done, or the code of the refusal."""
    barrier = threading.Barrier(len(attempts))

    def attempt(go: Callable[[], Any]) -> str:
        barrier.wait(30)
        try:
            go()
        except HubError as refusal:
            return refusal.code
        except psycopg.Error as problem:
            return type(problem).__name__
        return "done"

    with ThreadPoolExecutor(len(attempts)) as threads:
        return Tally(threads.map(attempt, attempts))


Unlock = Callable[[int], None]


@pytest.fixture
def unlock(monkeypatch: pytest.MonkeyPatch) -> Unlock:
    """From when it is called, orders and fulfillments are read without a lock, and so many hands
    have read before anybody writes."""

    def take_away(hands: int) -> None:
        barrier, load_task = threading.Barrier(hands), loaded.load_task
        monkeypatch.setattr(loaded, "_ORDER", loaded._ORDER.replace("FOR UPDATE OF o", ""))
        monkeypatch.setattr(loaded, "_TASK", loaded._TASK.replace("FOR UPDATE OF f, p", ""))

        def load(*given: Any) -> Any:
            found = load_task(*given)
            barrier.wait(30)
            return found

        for module in (module_of(accepting), module_of(handing_over), watching):
            monkeypatch.setattr(module, "load_task", load)

    return take_away


@pytest.fixture
def unlocked(unlock: Unlock) -> None:
    unlock(HANDS)


def module_of(operation: Any) -> Any:
    return sys.modules[operation.__module__]


def accepted(shop: Shop) -> int:
    """How often one pick-up was accepted by so many at once."""
    counter = asked(shop)
    at_once([counter.accepts] * HANDS)
    return counter.told().count("fulfillment_accepted")


def test_of_many_who_accept_at_once_one_does(shop: Shop) -> None:
    assert accepted(shop) == 1
    assert problems(shop) == []


def test_without_the_lock_several_accept(shop: Shop, unlocked: None) -> None:
    times = accepted(shop)

    print(f"unsafe control: accepted {times} times")
    assert times > 1


def guesses(shop: Shop) -> int:
    """How many wrong codes of so many at once, each twice, were counted."""
    counter = asked(shop)
    with shop.hub.writing("test.all_but_locked") as tx:
        tx.run(
            """
            UPDATE orders.fulfillments
            SET state = 'ready', accepted_at = %(now)s, picked_at = %(now)s, step_by = %(by)s
            WHERE id = %(id)s
            """,
            id=counter.task.id,
            now=tx.now,
            by=tx.now + timedelta(days=1),
        )
        make_key(tx)
    at_once([lambda: counter.shows("000000")] * HANDS)
    with shop.hub.reading() as tx:
        return int(
            tx.value(
                "SELECT wrong_codes FROM orders.fulfillments WHERE id = %(id)s", id=counter.task.id
            )
        )


def test_wrong_codes_at_once_are_counted_like_wrong_codes_in_a_row(shop: Shop) -> None:
    assert guesses(shop) == WRONG_MAX < HANDS


def test_without_the_lock_a_guesser_has_more_tries_than_are_counted(
    shop: Shop, unlocked: None
) -> None:
    counted = guesses(shop)

    print(f"unsafe control: {counted} counted of {HANDS}")
    assert counted < WRONG_MAX


@pytest.mark.parametrize("step", ["accept", "pick", "lay out", "reject"])
def test_every_step_taken_by_many_at_once_is_taken_once(shop: Shop, step: str) -> None:
    counter = asked(shop)
    before = {"accept": 0, "reject": 0, "pick": 1, "lay out": 2}[step]
    for go in (counter.accepts, counter.finds)[:before]:
        go()
    verb = {
        "accept": counter.accepts,
        "pick": lambda: counter.finds(mug=1),
        "lay out": counter.lays_out,
        "reject": lambda: counter.rejects("not_found"),
    }[step]

    assert at_once([verb] * HANDS) == {"done": 1, "wrong_step": HANDS - 1}
    assert problems(shop) == []


def test_what_is_handed_over_by_many_at_once_leaves_once(shop: Shop) -> None:
    counter = asked(shop)
    counter.prepares()
    counter.shows(counter.code.code)

    ends = at_once([counter.hands_over] * HANDS)

    assert ends["done"] == 1
    assert shop.stock("mug", at="north") == (7, 0)
    assert problems(shop) == []


def collected_on_one_code(shop: Shop, meanwhile: Callable[[], object]) -> Tally[str]:
    """How it ends when so many take a piece each, at once, on a code that was shown once."""
    counter = asked(shop)
    counter.prepares()
    counter.shows(counter.code.code)
    (line,) = counter.order.lines
    one = (Pieces(line_id=line.id, quantity=1),)
    meanwhile()
    return at_once([lambda: counter.hands_over(lines=one)] * HANDS)


def test_a_code_that_was_shown_once_hands_goods_over_once(shop: Shop) -> None:
    assert collected_on_one_code(shop, lambda: None) == {"done": 1, "proof_needed": HANDS - 1}
    assert problems(shop) == []


def test_without_the_lock_one_code_hands_goods_over_several_times(
    shop: Shop, unlock: Unlock
) -> None:
    ends = collected_on_one_code(shop, lambda: unlock(HANDS))

    print(f"unsafe control: {dict(ends)}")
    assert ends["done"] > 1


def test_who_comes_in_the_last_moment_and_the_clock_do_not_both_win(shop: Shop) -> None:
    """Whoever is first has it: the goods are with the customer or on sale, the money likewise."""
    ends = Tally[str]()
    for number in range(6):
        counter = asked(shop)
        shop.hub.offset = timedelta()
        counter.prepares()
        shop.hub.offset = timedelta(days=8)
        customer = [lambda one=counter: one.hands_over(proof="document")]
        clock = [lambda one=counter: run_out(shop, one)]
        at_once(customer + clock if number % 2 else clock + customer)

        order = counter.order
        ends[order.state] += 1
        assert (order.state, order.refunded_minor) in {("fulfilled", 0), ("canceled", 3_000)}
        shop.has("mug", 3, at="north")
    print(f"who won: {dict(ends)}")
    assert problems(shop) == []


def test_without_the_lock_and_the_ledger_both_win(
    shop: Shop, unlock: Unlock, monkeypatch: pytest.MonkeyPatch, database: str
) -> None:
    """The customer has the goods and her money as well. Holds in the ledger, and what lines may add
    up to, would still let one of the two win; here nobody asks them."""
    counter = asked(shop)
    counter.prepares()
    shop.hub.offset = timedelta(days=8)
    with psycopg.connect(database) as connection:
        for table, constraint in BOUNDS:
            connection.execute(f"ALTER TABLE orders.{table} DROP CONSTRAINT {constraint}")
    unlock(2)
    monkeypatch.setattr(watching, "take_back", lambda *_: None)
    ends = at_once([lambda: counter.hands_over(proof="document"), lambda: run_out(shop, counter)])
    wrong = problems(shop)

    print(f"unsafe control: {dict(ends)}, {wrong}")
    assert ends["done"] == 2
    assert wrong


def run_out(shop: Shop, counter: Counter) -> None:
    with shop.hub.writing("test.watch", is_careful=True) as tx:
        step_ran_out(tx, counter.task.id)


def test_a_choice_and_its_deadline_are_settled_once(shop: Shop) -> None:
    counter = asked(shop)
    counter.rejects("not_found")
    (one,) = [one for one in counter.exceptions() if one.options.otherwise]

    ends = at_once([lambda: counter.chooses("cancel")] * HANDS)

    assert ends["done"] == 1
    assert counter.told().count("choice_made") == 1
    assert counter.order.refunded_minor == 3_000
    assert one.id not in {open_one.id for open_one in counter.exceptions()}
