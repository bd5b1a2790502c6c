"""Cards at the counter: slow, refused, taken back, cut off, told twice, or never known."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib.metadata import EntryPoint
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from msgspec import structs

from charsu.kernel import SYSTEM, Hub, NotFound
from charsu.kernel.processes import run_due
from charsu.orders import (
    AlreadyPaid,
    BuyLine,
    CancelOrder,
    ExchangeGoods,
    HandOver,
    PayOrder,
    Pieces,
    RefundOrder,
    ReturnLine,
    WrongStep,
    cancel_order,
    exchange_goods,
    hand_over,
    pay_order,
    refund_order,
)
from charsu.orders.card_numbers import has_card_number
from charsu.orders.chores import reconcile
from charsu.orders.errors import (
    CardNumberShown,
    PaymentReferenceTaken,
    ProviderUnknown,
    TerminalAway,
    TerminalBusy,
    TerminalKindUnknown,
    TerminalTaken,
    TotalsNeeded,
)
from charsu.orders.operations import put_terminal
from charsu.orders.operations.terminals.close import PrintedTotals
from charsu.orders.operations.terminals.put import PutTerminal
from charsu.orders.payments import PROVIDERS, EventForged, check_offered
from charsu.orders.queries.payment_differences import (
    AskPaymentDifferences,
    payment_differences,
)
from charsu.orders.terminals import closing, kinds, pretending
from charsu.orders.terminals.kinds import TERMINALS, TEST_KIND, load_kinds
from charsu.web.api.payments import take_message
from tests.orders.store import problems
from tests.orders.till import KINDS, LATER, Till
from tests.shop import Shop
from tests.terminal import SECRET, TillTerminal

pytestmark = pytest.mark.slow


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> TillTerminal:
    terminal = TillTerminal()
    monkeypatch.setitem(PROVIDERS, "till", terminal)
    monkeypatch.setitem(TERMINALS, "till", terminal)
    return terminal


@pytest.fixture
def shop(open_shop: Callable[..., Hub], terminal: TillTerminal) -> Iterator[Shop]:
    shop = Shop(open_shop())
    shop.has("mug", 20, at="north")
    shop.has("jug", 20, at="north")
    shop.costs("mug", 1_000)
    shop.costs("jug", 2_500)
    yield shop
    assert problems(shop) == []


@pytest.fixture
def till(shop: Shop) -> Till:
    return Till(shop, "till")


@pytest.fixture
def trial(shop: Shop) -> Till:
    """A till with the terminal that comes along."""
    return Till(shop, TEST_KIND, code="trial")


class Killed(BaseException):
    """The worker is gone."""


def die(_: str) -> None:
    raise Killed


def at_counter(shop: Shop, **pieces: int) -> Any:
    return shop.buys(kind="counter", location_id=shop.locations["north"], **pieces)


def test_a_card_pays_at_the_counter_and_the_receipt_is_kept(
    shop: Shop, till: Till, terminal: TillTerminal
) -> None:
    placed = at_counter(shop, mug=1)
    payment = till.asks(placed)
    assert till.state(payment) == "asked"

    till.works()

    seen, order = till.seen(payment), shop.order(placed)
    assert (seen.state, seen.amount_minor, seen.currency) == ("paid", 1000, "EUR")
    assert (seen.last_four, seen.scheme, seen.authorization_code) == ("4242", "Visa", "831000")
    assert seen.printed_terminal == "T-1 / 0001"
    assert (order.payment_state, order.payments[0].id) == ("paid", seen.payment_id)
    assert shop.books() == {"clearing:till": 1000, "order": -1000}
    assert terminal.taken == 1000


def test_a_terminal_waits_for_the_card_as_long_as_the_customer_needs(
    shop: Shop, till: Till, terminal: TillTerminal
) -> None:
    terminal.customer = "shown"
    payment = till.asks(at_counter(shop, mug=1))
    states = []
    for _ in range(3):
        till.works(timedelta(seconds=2))
        states.append(till.state(payment))
    terminal.pays(str(payment))
    till.works(timedelta(seconds=2))

    assert states == ["shown"] * 3
    assert till.state(payment) == "paid"
    assert terminal.shown == [str(payment)]


@pytest.mark.parametrize(
    ("does", "reason"), [("declined", "insufficient funds"), ("canceled", "customer")]
)
def test_a_card_that_is_refused_leaves_the_order_to_be_paid(
    shop: Shop, till: Till, terminal: TillTerminal, does: str, reason: str
) -> None:
    terminal.customer = does
    placed = at_counter(shop, mug=1)
    payment = till.asks(placed)
    till.works()

    assert (till.state(payment), till.seen(payment).reason) == (does, reason)
    assert shop.order(placed).payment_state == "pending"
    terminal.customer = "paid"
    again = till.asks(placed)
    till.works()
    assert till.state(again) == "paid"


def test_who_takes_an_amount_back_from_the_terminal_is_told_when_the_card_was_faster(
    shop: Shop, till: Till, terminal: TillTerminal
) -> None:
    terminal.customer = "shown"
    placed = at_counter(shop, mug=1)
    slow, fast = till.asks(placed), None
    till.works()
    till.takes_back(slow)
    till.works(timedelta(seconds=2))
    assert (till.state(slow), till.seen(slow).reason) == ("canceled", "cashier")

    fast = till.asks(placed)
    till.works()
    terminal.pays(str(fast))
    till.takes_back(fast)
    till.takes_back(fast)
    till.works(timedelta(seconds=2))

    assert till.state(fast) == "paid"
    with pytest.raises(WrongStep):
        till.takes_back(fast)
    assert shop.order(placed).captured_minor == 1000


def test_an_amount_taken_back_before_it_was_shown_is_never_shown(
    shop: Shop, till: Till, terminal: TillTerminal
) -> None:
    payment = till.asks(at_counter(shop, mug=1))
    till.takes_back(payment)
    till.works()

    assert (till.state(payment), terminal.shown) == ("canceled", [])


def test_a_terminal_at_which_nobody_stands_is_free_again_after_a_while(
    shop: Shop, till: Till, terminal: TillTerminal
) -> None:
    terminal.customer = "shown"
    payment = till.asks(at_counter(shop, mug=1))
    till.works()
    till.works(timedelta(minutes=3))

    assert (till.state(payment), till.seen(payment).reason) == ("canceled", "too_late")


def test_a_line_cut_after_the_card_was_shown_is_resolved_by_asking_and_charges_once(
    shop: Shop, till: Till, terminal: TillTerminal
) -> None:
    terminal.loses = 3
    placed = at_counter(shop, mug=1)
    payment = till.asks(placed)
    till.works()
    assert (till.state(payment), till.seen(payment).reason) == ("unknown", "no_answer")
    assert shop.order(placed).payment_state == "pending"
    with pytest.raises(AlreadyPaid):  # nobody is asked for money that she may have paid
        shop.pays_cash(placed.order_id, 1_000)

    for _ in range(4):
        till.works(LATER)

    assert till.state(payment) == "paid"
    assert (terminal.shown, terminal.taken) == ([str(payment)], 1000)
    assert shop.order(placed).captured_minor == 1000


def test_a_terminal_that_was_never_reached_is_not_asked_for_the_money_again(
    shop: Shop, till: Till, terminal: TillTerminal
) -> None:
    """It may come back when the customer has left; whoever is there begins anew."""
    terminal.is_deaf = True
    payment = till.asks(at_counter(shop, mug=1))
    till.works()
    assert till.state(payment) == "unknown"

    terminal.is_deaf = False
    till.works(LATER)

    assert (till.state(payment), terminal.shown) == ("failed", [])


@pytest.mark.parametrize(("seconds", "state"), [(3, "paid"), (40, "failed")])
def test_a_worker_that_fails_before_the_terminal_shows_it_while_the_customer_is_there(
    shop: Shop, till: Till, terminal: TillTerminal, seconds: int, state: str
) -> None:
    payment = till.asks(at_counter(shop, mug=1))
    show, terminal.show = terminal.show, lambda _: 1 / 0  # type: ignore[method-assign]
    till.works()
    terminal.show = show  # type: ignore[method-assign]
    till.works(timedelta(seconds=seconds))

    assert till.state(payment) == state
    assert terminal.shown == ([str(payment)] if state == "paid" else [])


def test_a_worker_that_dies_at_the_terminal_is_taken_over_by_one_that_only_asks(
    shop: Shop, till: Till, terminal: TillTerminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = till.asks(at_counter(shop, mug=1))
    terminal.meanwhile = die
    with pytest.raises(Killed):
        run_due(shop.hub, KINDS)
    terminal.meanwhile = lambda _: None
    till.works(timedelta(minutes=3))

    assert (till.state(payment), terminal.shown) == ("paid", [str(payment)])


def test_whoever_waits_for_a_worker_that_died_is_told_how_long_and_by_whom_the_terminal_is_held(
    shop: Shop, till: Till, terminal: TillTerminal
) -> None:
    placed = at_counter(shop, mug=1)
    payment = till.asks(placed)
    assert till.seen(payment).asked_again_by == till.seen(payment).asked_at
    terminal.meanwhile = die
    with pytest.raises(Killed):
        run_due(shop.hub, KINDS)
    terminal.meanwhile = lambda _: None

    by = till.seen(payment).asked_again_by
    with pytest.raises(TerminalBusy) as refused:
        till.asks(at_counter(shop, mug=1))
    till.takes_back(payment)
    with shop.hub.reading() as tx:
        left = by - tx.now
    till.works(left - timedelta(seconds=5))
    assert (till.state(payment), till.seen(payment).asked_again_by) == ("asked", by)
    till.works(timedelta(seconds=6))

    assert timedelta(seconds=90) < left <= timedelta(minutes=2)
    number = shop.order(placed).number
    assert str(refused.value).startswith(f"Terminal till-1 is busy with order {number};")
    assert refused.value.data["terminal_payment_id"] == str(payment)
    assert refused.value.data["asked_again_by"] == by.isoformat().replace("+00:00", "Z")
    assert (till.state(payment), till.seen(payment).asked_again_by) == ("paid", None)
    assert terminal.shown == [str(payment)]


def test_where_nobody_asks_the_terminal_any_more_no_time_is_told(
    shop: Shop, till: Till, terminal: TillTerminal
) -> None:
    terminal.is_deaf = True
    payment = till.asks(at_counter(shop, mug=1))
    for _ in range(30):
        till.works(timedelta(hours=2))

    seen = till.seen(payment)
    assert (seen.state, seen.asked_again_by) == ("unknown", None)
    with pytest.raises(TerminalBusy) as refused:
        till.asks(at_counter(shop, mug=1))
    assert refused.value.data["asked_again_by"] is None


def test_a_terminal_that_has_forgotten_what_it_showed_leaves_it_to_a_person(
    shop: Shop, till: Till, terminal: TillTerminal
) -> None:
    terminal.customer = "shown"
    placed = at_counter(shop, mug=1)
    payment = till.asks(placed)
    till.works()
    terminal.forgets = True
    till.works(timedelta(seconds=2))
    assert (till.state(payment), till.seen(payment).reason) == ("unknown", "forgotten")

    till.knows(payment, was_paid=True, reference="slip 17", last_four="1881")

    seen = till.seen(payment)
    assert (seen.state, seen.reference, seen.last_four) == ("paid", "slip 17", "1881")
    assert shop.order(placed).payment_state == "paid"
    with pytest.raises(WrongStep):
        till.knows(payment, was_paid=False)


def test_who_sees_that_nothing_was_paid_frees_terminal_and_order(
    shop: Shop, till: Till, terminal: TillTerminal
) -> None:
    terminal.is_deaf = True
    placed = at_counter(shop, mug=1)
    payment = till.asks(placed)
    with pytest.raises(WrongStep):  # it may still be on its way
        till.knows(payment, was_paid=False)
    till.works()
    till.knows(payment, was_paid=False)

    assert (till.state(payment), till.seen(payment).reason) == ("declined", "by_hand")
    shop.pays_cash(placed.order_id, 1_000)


def test_money_of_which_the_terminal_tells_after_somebody_said_no_is_not_lost(
    shop: Shop, till: Till, terminal: TillTerminal
) -> None:
    terminal.loses = 1
    placed, other = at_counter(shop, mug=1), at_counter(shop, mug=1)
    wanted = till.asks(placed)
    till.works()
    till.knows(wanted, was_paid=False)
    terminal.loses = 1
    unwanted = till.asks(other)
    till.works()
    till.knows(unwanted, was_paid=False)
    shop.pays_cash(other.order_id, 1_000)

    for payment in (wanted, unwanted):
        tells(shop, payment)
    till.works()

    assert [till.state(one) for one in (wanted, unwanted)] == ["paid", "given_back"]
    assert list(terminal.back.values()) == [1000]
    assert [shop.order(one).captured_minor for one in (placed, other)] == [1000, 1000]


def tells(shop: Shop, payment: Any, *, event: str | None = None, secret: str = SECRET) -> None:
    """The terminal's gateway says by itself how a payment stands."""
    body = f'{{"event_id": "{event or uuid4()}", "key": "{payment}"}}'.encode()
    take_message(shop.hub, "till", {"terminal-secret": secret}, body)


def test_a_message_before_the_answer_books_the_money_once(
    shop: Shop, till: Till, terminal: TillTerminal
) -> None:
    terminal.meanwhile = lambda key: tells(shop, key, event=f"of-{key}")
    placed = at_counter(shop, mug=1)
    payment = till.asks(placed)
    till.works()
    tells(shop, payment, event=f"of-{payment}")
    tells(shop, payment)
    till.works(LATER)

    assert till.state(payment) == "paid"
    assert shop.order(placed).captured_minor == terminal.taken == 1000


def test_a_message_that_proves_nothing_or_is_of_nobody_changes_nothing(
    shop: Shop, till: Till, terminal: TillTerminal
) -> None:
    terminal.loses = 9
    payment = till.asks(at_counter(shop, mug=1))
    till.works()
    with pytest.raises(EventForged):
        tells(shop, payment, secret="guessed")
    tells(shop, uuid4())
    tells(shop, "not ours")

    assert till.state(payment) == "unknown"
    till.knows(payment, was_paid=True)


def test_a_message_with_a_whole_card_number_is_refused_unread(shop: Shop, till: Till) -> None:
    body = b'{"event_id": "1", "key": "x", "pan": "4111 1111 1111 1111"}'
    with pytest.raises(CardNumberShown) as refused:
        take_message(shop.hub, "till", {"terminal-secret": SECRET}, body)
    assert "4111" not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        *("4111111111111111", "4111 1111 1111 1111", "card 5555-5555-5555-4444!"),
        *("378282246310005", "30569309025904", "6011111111111117", "3530111333300000"),
        *("2223003122003222", "6799990100000000019"),
    ],
)
def test_whole_card_numbers_are_known_however_they_are_written(text: str) -> None:
    assert has_card_number(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "4242", "till-1:000017", "4111111111111112", "pi_4111111111111111"),
        *("1764390000000", "8600000000000000", "0190f3a4-1111-7111-8111-411111111111"),
        *("41111111111111111111", "9781617294136", "4111.1111.1111"),
    ],
)
def test_other_numbers_are_no_card_numbers(text: str) -> None:
    assert not has_card_number(text)


def test_a_card_number_is_kept_nowhere(
    shop: Shop, till: Till, terminal: TillTerminal, database: str
) -> None:
    number = "4111111111111111"
    placed = at_counter(shop, mug=1)
    with pytest.raises(CardNumberShown):
        ask = PayOrder(
            order_id=placed.order_id, amount_minor=1, method="card", reference=f"no {number}"
        )
        shop.hub.run(pay_order, ask, actor=SYSTEM)
    with pytest.raises(CardNumberShown):
        till.sets_up(number=number)
    terminal.receipt = structs.replace(
        terminal.receipt, last_four=number, scheme=number, authorization_code=number[:16]
    )
    terminal.reference = lambda _: number
    payment = till.asks(placed)
    till.works()

    seen = till.seen(payment)
    assert (seen.state, seen.last_four, seen.scheme) == ("paid", "1111", "")
    assert (seen.reference, seen.authorization_code) == (str(payment), "")
    assert everywhere(database, number) == []
    assert everywhere(database, str(payment))


def everywhere(database: str, text: str) -> list[str]:
    """Tables in whose rows a text stands."""
    with psycopg.connect(database) as connection:
        tables = connection.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
            " WHERE schemaname IN ('orders', 'kernel', 'ledger')"
        ).fetchall()
        return [
            name
            for (name,) in tables
            if connection.execute(
                f"SELECT FROM {name} t WHERE t::text LIKE %s LIMIT 1", [f"%{text}%"]
            ).fetchall()
        ]


def test_two_customers_share_an_order_and_neither_pays_for_the_other(
    shop: Shop, till: Till, terminal: TillTerminal
) -> None:
    second = Till(shop, "till", code="till-2")
    terminal.customer = "shown"
    placed = at_counter(shop, mug=1)
    hers, his = till.asks(placed, 600), second.asks(placed)
    assert till.seen(his).amount_minor == 400
    with pytest.raises(AlreadyPaid) as refused:
        Till(shop, "till", code="till-3").asks(placed)
    assert refused.value.data["left"] == 0
    with pytest.raises(TerminalBusy):
        till.asks(at_counter(shop, mug=1))

    till.works()
    for payment in (hers, his):
        terminal.pays(str(payment))
    till.works(timedelta(seconds=2))

    assert shop.order(placed).payment_state == "paid"


@pytest.mark.parametrize("meanwhile", ["canceled", "canceled in part"])
def test_money_that_the_order_no_longer_wants_goes_back_to_the_card(
    shop: Shop, till: Till, terminal: TillTerminal, meanwhile: str
) -> None:
    terminal.customer = "shown"
    placed = at_counter(shop, mug=2)
    payment = till.asks(placed)
    till.works()
    if meanwhile == "canceled":
        ask = CancelOrder(order_id=placed.order_id, reason="test")
        shop.hub.run(cancel_order, ask, actor=SYSTEM)
    else:
        line = Pieces(line_id=shop.order(placed).lines[0].id, quantity=1)
        one = CancelOrder(order_id=placed.order_id, reason="test", lines=(line,))
        shop.hub.run(cancel_order, one, actor=SYSTEM)
    terminal.pays(str(payment))
    terminal.refuses_refunds = "try later"
    till.works(timedelta(seconds=2))
    till.works()
    assert till.state(payment) == "unwanted"

    terminal.refuses_refunds = ""
    till.works(LATER)

    assert till.state(payment) == "given_back"
    assert list(terminal.back.values()) == [2000]
    assert shop.order(placed).captured_minor == 0


def test_a_refund_goes_back_to_the_same_card_by_its_reference(
    shop: Shop, till: Till, terminal: TillTerminal
) -> None:
    placed = at_counter(shop, mug=2)
    till.asks(placed)
    till.works()
    ask = RefundOrder(order_id=placed.order_id, goods_minor=700, reason="kindness")
    refund = shop.hub.run(refund_order, ask, actor=SYSTEM).refund_ids[0]
    till.works()

    assert terminal.back == {f"{refund}:give_back": 700}
    assert shop.order(placed).refunded_minor == 700


def test_the_difference_of_an_exchange_is_paid_on_the_terminal_and_goes_back_the_same_way(
    shop: Shop, till: Till, terminal: TillTerminal
) -> None:
    placed = at_counter(shop, mug=1)
    till.asks(placed)
    till.works()
    hands_over(shop, placed.order_id)
    dearer = exchange(shop, placed.order_id, takes="jug")
    assert dearer.left_minor == 1_500

    payment = till.asks(dearer.new_order_id)
    till.works()
    assert till.seen(payment).amount_minor == 1_500
    hands_over(shop, dearer.new_order_id)
    cheaper = exchange(shop, dearer.new_order_id, takes="mug")
    till.works()

    assert cheaper.surplus_minor == 1_500
    assert list(terminal.back.values()) == [1_500]
    assert till.ends_the_day().state == "asked"
    till.works()
    assert differences(shop) == []


def hands_over(shop: Shop, order_id: Any) -> None:
    (task,) = shop.order(order_id).fulfillments
    shop.hub.run(hand_over, HandOver(fulfillment_id=task.id), actor=SYSTEM)


def exchange(shop: Shop, order_id: Any, *, takes: str) -> Any:
    (line,) = shop.order(order_id).lines
    ask = ExchangeGoods(
        order_id=order_id,
        location_id=shop.locations["north"],
        lines=(ReturnLine(line_id=line.id, quantity=1, condition="on_hand"),),
        takes=(BuyLine(variant_id=shop.variants[takes], quantity=1),),
        reason="other",
    )
    return shop.hub.run(exchange_goods, ask, actor=SYSTEM)


def test_the_last_transaction_of_somebody_else_is_never_booked_for_this_one(
    shop: Shop, till: Till, terminal: TillTerminal
) -> None:
    terminal.reference = lambda _: "rrn-1"  # it tells of its last one, whatever it is asked
    first, second = at_counter(shop, mug=1), at_counter(shop, mug=1)
    till.asks(first)
    till.works()
    payment = till.asks(second)
    till.works()

    assert (till.state(payment), till.seen(payment).reason) == ("unknown", "reference_taken")
    assert shop.order(second).captured_minor == 0
    with pytest.raises(PaymentReferenceTaken):
        till.knows(payment, was_paid=True, reference="rrn-1")
    till.knows(payment, was_paid=True, reference="rrn-2")
    assert shop.order(second).captured_minor == 1000


def test_a_day_that_ends_as_the_books_say_leaves_nothing_to_do(
    shop: Shop, till: Till, terminal: TillTerminal
) -> None:
    for pieces in (1, 2):
        till.asks(at_counter(shop, mug=pieces))
        till.works()
    terminal.loses = 2  # the totals are told once, however often it is asked
    assert till.ends_the_day().number == 1
    with pytest.raises(TerminalBusy):
        till.ends_the_day()
    for _ in range(3):
        till.works(LATER)
    till.asks(at_counter(shop, jug=1))
    till.works()
    assert till.ends_the_day().number == 2
    till.works()

    assert differences(shop) == []
    assert totals(shop) == [[3000, 3000], [2500, 2500]]


def differences(shop: Shop) -> list[Any]:
    ask = AskPaymentDifferences()
    return list(shop.hub.run(payment_differences, ask, actor=SYSTEM).items)


def totals(shop: Shop) -> list[list[int]]:
    with shop.hub.reading() as tx:
        rows = tx.all(
            """
            SELECT (totals -> 0 ->> 'our_taken_minor')::int AS ours,
                   (totals -> 0 ->> 'their_taken_minor')::int AS theirs
            FROM orders.terminal_closings ORDER BY number
            """
        )
    return [[row.ours, row.theirs] for row in rows]


def test_what_a_terminal_took_without_our_knowing_is_a_difference_of_its_day(
    shop: Shop, till: Till, terminal: TillTerminal
) -> None:
    terminal.loses = 1
    payment = till.asks(at_counter(shop, mug=1))
    till.works()
    with pytest.raises(TerminalBusy):
        till.ends_the_day()
    till.knows(payment, was_paid=False)  # the cashier has not looked well
    till.ends_the_day()
    till.works()

    (found,) = differences(shop)
    assert (found.kind, found.provider, found.reference) == (
        "other_amount",
        "till",
        "T-till-1/1/EUR",
    )
    assert (found.our_taken_minor, found.their_taken_minor) == (0, 1000)
    tells(shop, payment)  # it belongs to the next day of the books
    assert till.ends_the_day().number == 2
    till.works()
    assert totals(shop) == [[0, 1000], [1000, 0]]


def test_each_payment_on_a_terminal_is_compared_with_its_statement(
    shop: Shop, till: Till, terminal: TillTerminal
) -> None:
    till.asks(at_counter(shop, mug=1))
    till.works()
    till.works(timedelta(hours=3))
    reconcile.do(shop.hub)
    for _ in range(3):
        till.works()
    assert differences(shop) == []
    terminal.customer = "paid"
    terminal.loses = 1
    lost = till.asks(at_counter(shop, mug=1))
    till.works()
    till.knows(lost, was_paid=False)
    till.works(timedelta(hours=25))
    reconcile.do(shop.hub)
    for _ in range(3):
        till.works()

    assert [one.reference for one in differences(shop)] == [f"rrn-{lost}"]


def test_totals_are_typed_in_where_the_terminal_tells_none(
    shop: Shop, till: Till, terminal: TillTerminal
) -> None:
    terminal.tells_totals = False
    till.asks(at_counter(shop, mug=1))
    till.works()
    with pytest.raises(TotalsNeeded):
        till.ends_the_day()
    printed = PrintedTotals(currency="EUR", taken_minor=1_000, given_back_minor=5)
    ended = till.ends_the_day((printed,))

    assert (ended.state, ended.totals[0].our_taken_minor) == ("done", 1_000)
    assert [one.their_given_back_minor for one in differences(shop)] == [5]


def test_a_person_ends_the_day_of_a_terminal_that_answers_no_more(
    shop: Shop, till: Till, terminal: TillTerminal
) -> None:
    till.asks(at_counter(shop, mug=1))
    till.works()
    terminal.is_deaf = True
    till.ends_the_day()
    till.works()
    with pytest.raises(TerminalBusy):
        till.asks(at_counter(shop, mug=1))
    printed = PrintedTotals(currency="EUR", taken_minor=1_000)
    assert till.ends_the_day((printed,)).state == "done"
    terminal.is_deaf = False
    till.works(LATER)

    assert (differences(shop), totals(shop)) == ([], [[1000, 1000]])


def test_a_terminal_is_set_up_once_and_not_moved_while_money_moves(
    shop: Shop, till: Till, terminal: TillTerminal
) -> None:
    terminal.customer = "shown"
    with pytest.raises(TerminalTaken):
        till.sets_up(code="other")
    with pytest.raises(NotFound):
        till.sets_up(code="other", number="2", location_id=uuid4())
    with pytest.raises(TerminalKindUnknown):
        till.sets_up(kind="abacus")
    payment = till.asks(at_counter(shop, mug=1))
    with pytest.raises(TerminalBusy):
        till.sets_up(is_active=False)
    till.takes_back(payment)
    till.works()
    till.sets_up(is_active=False)
    with pytest.raises(TerminalAway):
        till.asks(at_counter(shop, mug=1))


def test_customers_cannot_choose_a_terminal_from_afar(shop: Shop, till: Till) -> None:
    with shop.hub.reading() as tx, pytest.raises(ProviderUnknown):
        check_offered(tx, "till")


@pytest.mark.parametrize(
    ("ending", "states", "paid"),
    [
        (0, ["shown", "paid"], True),
        (pretending.DECLINED, ["shown", "declined"], False),
        (pretending.GIVEN_UP, ["shown", "canceled"], False),
        (pretending.SLOW, ["shown", "shown", "paid"], True),
        (pretending.CUT, ["unknown", "unknown", "paid"], True),
        (pretending.CUT_IN_VAIN, ["unknown", "unknown", "failed"], False),
        (pretending.LOST, ["unknown", "unknown", "unknown"], False),
        (pretending.WAITING, ["shown", "shown", "shown"], False),
    ],
)
def test_the_amount_tells_the_test_terminal_what_is_to_happen(
    shop: Shop, trial: Till, ending: int, states: list[str], paid: bool
) -> None:
    placed = at_counter(shop, mug=1)
    payment = trial.asks(placed, 500 + ending)
    seen = []
    for seconds in (0, 6, 30)[: len(states)]:
        trial.works(timedelta(seconds=seconds))
        seen.append(trial.state(payment))

    assert seen == states
    assert shop.order(placed).captured_minor == (500 + ending if paid else 0)


def test_test_terminals_are_for_shops_that_try_only(shop: Shop) -> None:
    with pytest.raises(TerminalKindUnknown):
        ask = PutTerminal(
            code="t", name="t", location_id=shop.locations["north"], kind=TEST_KIND, number="1"
        )
        shop.hub.run(put_terminal, ask, actor=SYSTEM)


def test_a_plug_in_brings_its_kind_of_terminal_and_a_broken_one_is_left_out() -> None:
    found = load_kinds(
        [
            point("zvt", "tests.terminal:TillTerminal"),
            point("counter", "tests.terminal:TillTerminal"),
            point("broken", "tests.terminal:RECEIPT.last_four"),
            point("missing", "tests.nowhere:Terminal"),
            point("half", "charsu.orders.payments.pretending:TestProvider"),
        ],
        taken=kinds.OTHERS,
    )
    assert list(found) == ["zvt"]
    assert isinstance(found["zvt"], TillTerminal)
    assert closing.CLOSE.first == "ask"


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name=name, value=value, group=kinds.GROUP)
