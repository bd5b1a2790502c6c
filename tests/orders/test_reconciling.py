"""A provider's statements against the books: every difference is shown, none is invented."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from msgspec import structs

from charsu.kernel import SYSTEM, Hub, NotFound
from charsu.kernel.processes import Outside, run_due
from charsu.kernel.setup.operations import ChangeSetting, change_setting
from charsu.orders import CancelOrder, cancel_order
from charsu.orders.checks import CHECKS
from charsu.orders.chores import forget_old_statements, reconcile
from charsu.orders.errors import WrongStep
from charsu.orders.operations.resolve_difference import ResolveDifference, resolve_difference
from charsu.orders.payments import PROVIDERS, Declined, Statement, Statements
from charsu.orders.queries.payment_differences import (
    AskPaymentDifferences,
    PaymentDifference,
    PaymentDifferences,
    payment_differences,
)
from charsu.orders.reconciling import reading
from charsu.orders.reconciling.model import Figures, kind_of
from tests.bank import Bank, Promise
from tests.shop import Shop
from tests.shopping.driver import facts_of, open_market, problems_of_all
from tests.shopping.till import KINDS, TOTAL, pays, ready, standing, work

pytestmark = pytest.mark.slow

ALL = {**KINDS, reading.RECONCILE.kind: reading.RECONCILE}
Lie = Callable[[Statement], Statement]


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch) -> Bank:
    bank = Bank()
    monkeypatch.setitem(PROVIDERS, "bank", bank)
    return bank


@pytest.fixture
def shop(open_shop: Callable[..., Hub], bank: Bank) -> Iterator[Shop]:
    shop = open_market(open_shop())
    yield shop
    assert problems_of_all(shop) == []


def ordered(shop: Shop) -> UUID:
    one = ready(shop)
    pays(one)
    work(shop)
    order = standing(one).order_id
    assert order is not None
    return order


def sent(shop: Shop, pieces: int = 2) -> UUID:
    order = ordered(shop)
    shop.ships(shop.order(order), pieces=pieces)
    work(shop)
    return order


def cancels(shop: Shop, order: UUID) -> None:
    shop.hub.run(cancel_order, CancelOrder(order_id=order, reason="changed_mind"), actor=SYSTEM)


def reads(shop: Shop, *, hours: int = 25) -> None:
    """The next day: what is due is begun, and workers do it."""
    shop.hub.offset += timedelta(hours=hours)
    while reconcile.do(shop.hub):
        pass
    while run_due(shop.hub, ALL):
        pass


def listed(shop: Shop, **more: Any) -> PaymentDifferences:
    return shop.hub.run(payment_differences, AskPaymentDifferences(**more), actor=SYSTEM)


def kinds(shop: Shop, **more: Any) -> list[str]:
    return [one.kind for one in listed(shop, **more).items]


def resolves(shop: Shop, one: PaymentDifference, note: str = "paid by bank transfer") -> Any:
    ask = ResolveDifference(difference_id=one.id, note=note)
    return shop.hub.run(resolve_difference, ask, actor=SYSTEM)


def a_day_of_everything(shop: Shop, bank: Bank) -> None:
    """Promised, taken in part and whole, refunded, canceled, declined, given up."""
    ordered(shop)
    sent(shop, pieces=1)
    shop.refunds(sent(shop), 700)
    cancels(shop, ordered(shop))
    bank.answers["tok_no"] = Declined("no")
    pays(ready(shop), token="tok_no")
    work(shop)


def test_where_both_sides_say_the_same_there_is_no_difference(shop: Shop, bank: Bank) -> None:
    a_day_of_everything(shop, bank)
    bank.page = 2

    reads(shop)

    seen = listed(shop)
    assert (seen.items, seen.open) == ((), 0)
    [last] = seen.readings
    assert (last.provider, last.state, last.statements) == ("bank", "done", 4)
    assert bank.asked == [None, "2"]


def the(field: str, value: Any) -> Lie:
    return lambda row: structs.replace(row, **{field: value})


@pytest.mark.parametrize(
    ("lie", "kind"),
    [
        (the("taken_minor", TOTAL - 1), "other_amount"),
        (the("taken_minor", 2 * TOTAL), "other_amount"),
        (the("promised_minor", 1), "other_amount"),
        (the("given_back_minor", 700), "other_amount"),
        (the("currency", "RSD"), "other_currency"),
        (the("reference", "of-nobody"), "missing_at_provider"),
    ],
)
def test_each_lie_of_a_provider_is_a_difference_with_an_owner(
    shop: Shop, bank: Bank, lie: Lie, kind: str
) -> None:
    order = sent(shop)
    bank.lies = lambda rows: [lie(row) for row in rows]

    reads(shop)

    found = [one for one in listed(shop).items if one.kind != "missing_in_books"]
    [one] = found
    assert (one.kind, one.owner, one.state, one.order_id) == (kind, "manager", "open", order)
    assert one.our_taken_minor == TOTAL


def test_what_the_books_do_not_know_is_a_difference(shop: Shop, bank: Bank) -> None:
    bank.promises[str(uuid4())] = Promise("stray", 900, taken=900)
    bank.promises[str(uuid4())] = Promise("came-to-nothing", 900, is_free=True)

    reads(shop)

    [one] = listed(shop).items
    assert (one.kind, one.reference, one.our_currency) == ("missing_in_books", "stray", None)
    assert (one.their_taken_minor, one.their_currency) == (900, "EUR")


def test_a_customer_who_was_charged_twice_is_found(shop: Shop, bank: Bank) -> None:
    sent(shop)
    [[key, first]] = bank.promises.items()
    bank.promises[f"{key}:again"] = Promise("second", first.amount, taken=first.amount)

    reads(shop)

    assert kinds(shop) == ["missing_in_books"]


def test_money_kept_ready_for_what_was_given_up_is_found(shop: Shop, bank: Bank) -> None:
    cancels(shop, ordered(shop))
    work(shop)
    [promise] = bank.promises.values()
    assert promise.is_free
    promise.is_free = False

    reads(shop)

    [one] = listed(shop).items
    assert (one.kind, one.our_promised_minor, one.their_promised_minor) == (
        "other_amount",
        0,
        TOTAL,
    )


def test_a_taking_whose_booking_is_stuck_is_found(shop: Shop, bank: Bank, database: str) -> None:
    order = ordered(shop)
    shop.ships(shop.order(order))
    [promise] = bank.promises.values()
    promise.taken = TOTAL  # it was taken, and the answer was never booked
    with psycopg.connect(database) as connection:
        connection.execute(
            "UPDATE kernel.processes SET state = 'stuck', last_problem = 'no answer'"
            " WHERE kind = 'orders.capture'"
        )

    reads(shop)

    [one] = listed(shop).items
    assert (one.kind, one.our_taken_minor, one.their_taken_minor) == ("other_amount", 0, TOTAL)


def test_a_payment_of_another_system_is_none_of_ours_where_the_account_is_shared(
    shop: Shop, bank: Bank
) -> None:
    sent(shop)
    other = Statement(
        reference="elsewhere",
        authorization_id=None,
        currency="EUR",
        promised_minor=0,
        taken_minor=500,
        given_back_minor=0,
    )
    bank.lies = lambda rows: [*rows, other]
    on = ChangeSetting(name="orders.shared_provider_accounts", value=True)
    shop.hub.run(change_setting, on, actor=SYSTEM)
    reads(shop)
    assert kinds(shop) == []

    off = ChangeSetting(name="orders.shared_provider_accounts", value=False)
    shop.hub.run(change_setting, off, actor=SYSTEM)
    reads(shop)
    assert kinds(shop) == ["missing_in_books"]


def test_read_again_it_is_the_same_difference_and_gone_when_it_is_gone(
    shop: Shop, bank: Bank
) -> None:
    sent(shop)
    bank.lies = lambda rows: [the("taken_minor", 1)(row) for row in rows]
    reads(shop)
    [first] = listed(shop).items
    reads(shop)
    assert [one.id for one in listed(shop).items] == [first.id]
    assert facts_of(shop, "orders.payment_differs") == 1

    bank.lies = lambda rows: rows
    reads(shop)

    assert listed(shop).open == 0
    assert kinds(shop, state="gone") == ["other_amount"]
    assert facts_of(shop, "orders.difference_gone") == 1


def test_what_was_resolved_comes_back_only_when_something_new_is_said(
    shop: Shop, bank: Bank
) -> None:
    sent(shop)
    bank.lies = lambda rows: [the("taken_minor", 1)(row) for row in rows]
    reads(shop)
    [one] = listed(shop).items

    assert resolves(shop, one).state == "resolved"
    with pytest.raises(WrongStep):
        resolves(shop, one)
    reads(shop)
    assert listed(shop).open == 0
    [done] = listed(shop, state="resolved").items
    assert (done.note, done.resolved_by) == ("paid by bank transfer", SYSTEM.id)

    bank.lies = lambda rows: [the("taken_minor", 2)(row) for row in rows]
    reads(shop)
    assert kinds(shop) == ["other_amount"]


def test_nobody_resolves_what_is_not_there(shop: Shop) -> None:
    with pytest.raises(NotFound):
        shop.hub.run(
            resolve_difference, ResolveDifference(difference_id=uuid4(), note="?"), actor=SYSTEM
        )


def test_one_difference_is_resolved_by_one_of_many_at_once(shop: Shop, bank: Bank) -> None:
    bank.promises[str(uuid4())] = Promise("stray", 900, taken=900)
    reads(shop)
    [one] = listed(shop).items

    def resolve(number: int) -> Any:
        try:
            return resolves(shop, one, f"by {number}")
        except WrongStep as refused:
            return refused

    with ThreadPoolExecutor(4) as many:
        answers = list(many.map(resolve, range(4)))

    assert sum(isinstance(answer, WrongStep) for answer in answers) == 3
    assert facts_of(shop, "orders.difference_resolved") == 1


def changes_while_the_provider_tells(shop: Shop, bank: Bank) -> None:
    """The parcel leaves, and its money is taken, when the bank has made its statement up."""
    order = shop.order(ordered(shop))

    def ship() -> None:
        bank.telling = lambda: None
        shop.ships(order)
        work(shop)

    bank.telling = ship
    reads(shop)


def test_what_moves_while_the_provider_tells_is_no_difference(shop: Shop, bank: Bank) -> None:
    changes_while_the_provider_tells(shop, bank)
    assert kinds(shop) == []
    reads(shop)
    assert kinds(shop) == []


def test_who_takes_the_time_after_the_answer_invents_a_difference(
    shop: Shop, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the same story, what was read dated by when it is kept."""
    compare = reading.compare_statements

    def late(tx: Any, provider: str, rows: Any, *, read_at: Any) -> None:
        compare(tx, provider, rows, read_at=tx.now)

    monkeypatch.setattr(reading, "compare_statements", late)
    changes_while_the_provider_tells(shop, bank)

    invented = kinds(shop)
    print(f"unsafe control: {len(invented)} invented")
    assert invented == ["other_amount"]


def test_a_reader_that_dies_goes_on_behind_the_last_page_that_it_kept(
    shop: Shop, bank: Bank
) -> None:
    for _ in range(5):
        sent(shop)
    bank.page = 2
    calls = iter(range(100))

    def dies_at_times() -> None:
        if next(calls) % 2:
            raise Outside("the line is dead")

    bank.telling = dies_at_times
    reads(shop)
    for _ in range(4):
        reads(shop, hours=1)

    assert bank.asked == [None, "2", "2", "4", "4"]
    [last] = listed(shop).readings
    assert (last.state, last.statements) == ("done", 5)
    assert kinds(shop) == []


def test_many_readers_at_once_keep_each_page_once(shop: Shop, bank: Bank) -> None:
    for _ in range(4):
        sent(shop)
    bank.page = 1
    shop.hub.offset += timedelta(hours=25)

    with ThreadPoolExecutor(4) as many:
        begun = sum(many.map(lambda _: reconcile.do(shop.hub), range(4)))
        list(many.map(lambda _: [run_due(shop.hub, ALL) for _ in range(12)], range(4)))
    while run_due(shop.hub, ALL):
        pass

    assert begun == 1
    [last] = listed(shop).readings
    assert (last.state, last.statements) == ("done", 4)


@pytest.mark.parametrize(
    "rows",
    [
        [the("taken_minor", -1)],
        [the("taken_minor", 1 << 70)],
        [the("currency", "euro")],
        [the("reference", "")],
        [the("reference", "r" * 300)],
        [the("reference", "a\0b")],
    ],
)
def test_a_statement_without_sense_is_not_believed(shop: Shop, bank: Bank, rows: list[Lie]) -> None:
    sent(shop)
    bank.lies = lambda true: [rows[0](row) for row in true]

    reads(shop)

    seen = listed(shop)
    assert (seen.items, seen.readings[0].state) == ((), "reading")
    bank.lies = lambda true: true
    reads(shop, hours=1)
    assert listed(shop).readings[0].state == "done"


def test_statements_without_end_are_not_read_for_ever(shop: Shop, bank: Bank) -> None:
    sent(shop)
    [row] = bank.statements(*_ever(shop), None).rows
    with pytest.raises(Outside):
        reading.checked(Statements((row,), "same"), "same", pages=3)
    with pytest.raises(Outside):
        reading.checked(Statements((row,), "next"), "same", pages=reading.PAGES_MAX)
    with pytest.raises(Outside):
        reading.checked(Statements((row,) * 1_001, None), None, pages=0)
    assert len(reading.checked(Statements((row, row), None), None, pages=0)) == 1


def _ever(shop: Shop) -> tuple[Any, Any]:
    with shop.hub.reading() as tx:
        return tx.now - timedelta(days=1), tx.now + timedelta(days=1)


def test_a_reading_that_is_stuck_is_given_up_and_the_next_day_is_read(
    shop: Shop, bank: Bank, database: str
) -> None:
    sent(shop)
    bank.telling = _cut
    reads(shop)
    with psycopg.connect(database) as connection:
        connection.execute(
            "UPDATE kernel.processes SET state = 'stuck' WHERE kind = 'orders.reconcile'"
        )
    bank.telling = lambda: None

    reads(shop)

    [last] = listed(shop).readings
    assert (last.state, last.statements) == ("done", 1)


def _cut() -> None:
    raise Outside("the line is dead")


def test_it_is_read_once_a_day_or_as_the_shop_says(shop: Shop, bank: Bank) -> None:
    reads(shop)
    reads(shop, hours=1)
    assert len(bank.asked) == 1
    off = ChangeSetting(name="orders.reconcile_hours", value=0)
    shop.hub.run(change_setting, off, actor=SYSTEM)
    reads(shop, hours=48)
    assert len(bank.asked) == 1


def test_old_statements_are_forgotten_and_differences_stay(shop: Shop, bank: Bank) -> None:
    bank.promises[str(uuid4())] = Promise("stray", 900, taken=900)
    reads(shop)
    assert forget_old_statements.do(shop.hub) == 0
    shop.hub.offset += timedelta(days=71)

    assert (forget_old_statements.do(shop.hub), forget_old_statements.do(shop.hub)) == (1, 0)
    assert listed(shop).open == 1


def test_differences_come_in_pages(shop: Shop, bank: Bank) -> None:
    for number in range(5):
        bank.promises[str(uuid4())] = Promise(f"stray-{number}", 900, taken=900)
    reads(shop)

    first = listed(shop, limit=3, provider="bank")
    second = listed(shop, limit=3, after=first.next)

    assert (len(first.items), len(second.items), second.next) == (3, 2, None)
    assert len({one.id for one in (*first.items, *second.items)}) == 5
    assert listed(shop, provider="other").items == ()


def figures(currency: str = "EUR", **more: int) -> Figures:
    nothing = {"promised_minor": 0, "taken_minor": 0, "given_back_minor": 0}
    return Figures(currency=currency, **nothing | more)


def test_what_went_back_whole_need_not_be_known() -> None:
    whole = figures(taken_minor=5, given_back_minor=5)
    assert kind_of(None, whole) is None
    assert kind_of(whole, None) is None
    assert kind_of(None, None) is None
    assert kind_of(figures("RSD"), figures("EUR")) is None
    assert kind_of(figures(), whole) == "other_amount"
    assert kind_of(None, figures(taken_minor=5, given_back_minor=6)) == "missing_in_books"


PLANTED = {
    "open_differences_differ_and_are_somebodys": (
        "UPDATE orders.payment_differences SET owner = ''",
        "UPDATE orders.payment_differences SET their_taken_minor = our_taken_minor,"
        " their_promised_minor = our_promised_minor WHERE kind = 'other_amount'",
        "UPDATE orders.payment_differences SET kind = 'other_currency' WHERE kind = 'other_amount'",
        "UPDATE orders.payment_differences SET their_taken_minor = their_given_back_minor"
        " WHERE kind = 'missing_in_books'",
    ),
    "readings_go_on_or_have_ended": (
        "UPDATE orders.reconciliations SET state = 'reading', ended_at = NULL",
        "UPDATE kernel.processes SET state = 'running', ended_at = NULL"
        " WHERE kind = 'orders.reconcile'",
        "UPDATE orders.reconciliations SET state = 'failed'",
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_every_planted_corruption_is_found(
    shop: Shop, bank: Bank, database: str, name: str
) -> None:
    sent(shop)
    bank.promises[str(uuid4())] = Promise("stray", 900, taken=900)
    bank.lies = lambda rows: [the("taken_minor", row.taken_minor - 1)(row) for row in rows]
    reads(shop)
    assert sorted(kinds(shop)) == ["missing_in_books", "other_amount"]
    [check] = [one for one in CHECKS if one.name == name]
    for statement in ("", *PLANTED[name]):
        with psycopg.connect(database) as connection:
            if statement:
                assert connection.execute(statement).rowcount > 0, statement
            verdict = [row[0] for row in connection.execute(check.breaks).fetchall()]
            connection.rollback()
        assert bool(verdict) is bool(statement), statement
        assert all(row.startswith(("difference of", "reading of")) for row in verdict)
