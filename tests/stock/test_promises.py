"""What stock promises, under real concurrency on a real database; an unsafe control beside each.

Who races are processes, each with a hub of its own; what they do is in ``rushing``.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

import psycopg
import pytest

from charsu.assembly import checks
from charsu.kernel import SYSTEM, Hub
from charsu.kernel.check import run_checks
from charsu.orders import BuyLine, PlaceOrder
from charsu.stock import NotEnoughStock, Want
from charsu.stock.bulk import PastCount
from charsu.stock.queries.availability import AskAvailability, availability
from tests.crowd import SIZE, Crowd, shares
from tests.shop import Shop
from tests.stock import rushing
from tests.stock.rushing import Outcome, Reserve, Sheet

pytestmark = pytest.mark.slow


class Rush:
    """A shop, and the crowd that comes to it."""

    def __init__(self, shop: Shop, crowd: Crowd, database: str) -> None:
        self.shop, self._crowd, self._database = shop, crowd, database
        self._owners = map(UUID, map("{:032x}".format, count(1)))

    def of(self, work: Callable[..., Outcome], asks: Sequence[object], **more: object) -> Outcome:
        """What becomes of all these, a share to each process."""
        outcomes = self._crowd.rush(self._database, work, shares(asks), **more)
        return Outcome(sum(one.done for one in outcomes), sum(one.refused for one in outcomes))

    def each(self, work: Callable[..., int], tasks: Sequence[object], **more: object) -> int:
        """The sum of what becomes of a task for each process."""
        return sum(self._crowd.rush(self._database, work, tasks, **more))

    def orders(self, buyers: int, **pieces: int) -> list[PlaceOrder]:
        lines = tuple(
            BuyLine(variant_id=self.shop.variants[sku], quantity=quantity)
            for sku, quantity in pieces.items()
        )
        ask = PlaceOrder(channel_id=self.shop.channels["web"], country="RS", lines=lines)
        return [ask] * buyers

    def baskets(self, wants: Iterable[Sequence[Want]], **more: int) -> list[Reserve]:
        channel = self.shop.channels["web"]
        return [
            Reserve(owner=next(self._owners), channel=channel, wants=tuple(one), **more)
            for one in wants
        ]

    def placed(self) -> int:
        return int(self._value("SELECT count(*) FROM orders.orders"))

    def in_part(self) -> int:
        """How many owners hold something and not each of their three lines."""
        statement = "SELECT count(*) FROM (%s HAVING count(*) <> 3) AS part"
        return int(self._value(statement % "SELECT owner_id FROM ledger.holds GROUP BY owner_id"))

    def problems(self) -> list[str]:
        with psycopg.connect(self._database) as connection:
            verdicts = run_checks(connection, checks())
        return [f"{found.row}: {found.problem}" for one in verdicts for found in one.findings]

    def now(self) -> datetime:
        moment = self._value("SELECT clock_timestamp()")
        assert isinstance(moment, datetime)
        return moment

    def _value(self, statement: str) -> object:
        with psycopg.connect(self._database) as connection:
            row = connection.execute(statement).fetchone()  # type: ignore[arg-type]
        assert row is not None
        return row[0]


@pytest.fixture
def shop(open_shop: Callable[..., Hub]) -> Shop:
    return Shop(open_shop())


@pytest.fixture
def rush(shop: Shop, crowd: Crowd, database: str) -> Rush:
    return Rush(shop, crowd, database)


# 1. Not one piece more than there is


def twenty_mugs_and_eighty_buyers(rush: Rush, *, guarded: bool) -> Outcome:
    rush.shop.has("mug", 20, at="store")
    rush.shop.costs("mug", 1_000)
    return rush.of(rushing.order, rush.orders(80, mug=1), guarded=guarded)


@pytest.mark.slow
def test_the_last_pieces_go_to_as_many_buyers_as_there_are_pieces(rush: Rush) -> None:
    outcome = twenty_mugs_and_eighty_buyers(rush, guarded=True)

    assert outcome == Outcome(done=20, refused=60)
    assert rush.placed() == 20
    assert rush.shop.stock("mug", at="store") == (20, 20)
    assert rush.problems() == []


def test_without_the_guard_pieces_are_sold_twice(rush: Rush) -> None:
    outcome = twenty_mugs_and_eighty_buyers(rush, guarded=False)

    print(f"unsafe control: {outcome.done} sold of 20")
    assert outcome.done > 20
    assert rush.problems() != []


# 2. Whatever availability says can be held


def everything_is_wanted(rush: Rush, *, looks_again: bool) -> Outcome:
    """Over ten locations lie as many mugs as all buyers want together, two by two at first."""
    for number in range(10):
        rush.shop.has("mug", 2 + number % 3, at=f"store-{number}")
    ask = AskAvailability(
        channel_id=rush.shop.channels["web"], variant_ids=(rush.shop.variants["mug"],)
    )
    (said,) = rush.shop.hub.run(availability, ask, actor=SYSTEM).variants
    assert said.pieces == 29
    sizes = [3, 2] * 5 + [1] * 4
    baskets = rush.baskets(rush.shop.wants(mug=size) for size in sizes)
    outcome = rush.of(rushing.reserve_or_give_up, baskets, looks_again=looks_again)
    assert sum(sizes) == said.pieces
    return outcome


def test_what_availability_says_can_be_held_over_many_locations_while_others_buy(
    rush: Rush,
) -> None:
    outcome = everything_is_wanted(rush, looks_again=True)

    assert outcome == Outcome(done=14, refused=0)
    for number in range(10):
        lying = 2 + number % 3
        assert rush.shop.stock("mug", at=f"store-{number}") == (lying, lying)


def test_who_does_not_look_again_is_refused_what_is_there(rush: Rush) -> None:
    outcome = everything_is_wanted(rush, looks_again=False)

    print(f"unsafe control: {outcome.refused} of 14 refused with enough for all")
    assert outcome.refused > 0


def test_one_piece_more_than_availability_says_cannot_be_held(rush: Rush) -> None:
    for number in range(5):
        rush.shop.has("mug", 2, at=f"store-{number}")
    too_many, all_of_them = rush.baskets(rush.shop.wants(mug=size) for size in (11, 10))

    assert rush.of(rushing.reserve, [too_many]) == Outcome(done=0, refused=1)
    assert rush.of(rushing.reserve, [all_of_them]) == Outcome(done=1, refused=0)
    assert [rush.shop.stock("mug", at=f"store-{n}") for n in range(5)] == [(2, 2)] * 5


# 3. Lines of one product are summed, and a basket is held whole


def sixteen_baskets_of_two_lines_of_mugs_and_a_cup(rush: Rush, *, guarded: bool) -> Outcome:
    rush.shop.has("mug", 10, at="store")
    rush.shop.has("cup", 50, at="store")
    wants = [
        (*rush.shop.wants(mug=2), *rush.shop.wants(mug=1), *rush.shop.wants(cup=1))
        for _ in range(16)
    ]
    return rush.of(rushing.reserve, rush.baskets(wants), guarded=guarded)


def test_lines_of_one_product_are_summed_and_baskets_held_whole_while_others_buy(
    rush: Rush,
) -> None:
    outcome = sixteen_baskets_of_two_lines_of_mugs_and_a_cup(rush, guarded=True)

    assert outcome == Outcome(done=3, refused=13)
    assert rush.in_part() == 0
    assert rush.shop.stock("mug", at="store") == (10, 9)
    assert rush.shop.stock("cup", at="store") == (50, 3)


def test_lines_that_are_taken_one_by_one_leave_baskets_in_part(rush: Rush) -> None:
    sixteen_baskets_of_two_lines_of_mugs_and_a_cup(rush, guarded=False)

    print(f"unsafe control: {rush.in_part()} of 16 baskets held in part")
    assert rush.in_part() > 0


def test_the_refusal_names_the_sum_of_the_lines(rush: Rush) -> None:
    rush.shop.has("mug", 5, at="store")
    rush.shop.has("cup", 1, at="store")
    wants = [*rush.shop.wants(mug=3), *rush.shop.wants(mug=3), *rush.shop.wants(cup=1)]

    with pytest.raises(NotEnoughStock) as refused, rush.shop.hub.writing("test.hold") as tx:
        rush.shop.hold(tx, wants, owner=tx.new_id())

    assert [(s.sku, s.wanted, s.available) for s in refused.value.short] == [("mug", 6, 5)]
    assert rush.shop.stock("mug", at="store") == (5, 0)
    assert rush.shop.stock("cup", at="store") == (1, 0)


# 4. However baskets are shuffled, nobody sees a deadlock


def test_shuffled_baskets_at_once_never_deadlock(rush: Rush) -> None:
    skus = [f"thing-{number}" for number in range(12)]
    for sku in skus:
        rush.shop.has(sku, 1000, at="store")
    chance = random.Random(7)
    baskets = [
        [want for sku in chance.sample(skus, 8) for want in rush.shop.wants(**{sku: 1})]
        for _ in range(100)
    ]

    outcome = rush.of(rushing.reserve_in_order, rush.baskets(baskets), in_order=True)

    assert outcome == Outcome(done=100, refused=0)
    assert sum(rush.shop.stock(sku, at="store")[1] for sku in skus) == 800


def test_baskets_that_lock_in_their_own_order_deadlock(rush: Rush) -> None:
    """Each of the processes begins with a thing that the next one wants second."""
    skus = [f"thing-{number}" for number in range(SIZE)]
    for sku in skus:
        rush.shop.has(sku, 1000, at="store")
    circle = [
        [*rush.shop.wants(**{skus[n]: 1}), *rush.shop.wants(**{skus[(n + 1) % SIZE]: 1})]
        for n in range(SIZE)
    ]

    outcome = rush.of(rushing.reserve_in_order, rush.baskets(circle), in_order=False)

    print(f"unsafe control: {outcome.refused} of {SIZE} met a deadlock")
    assert outcome.refused > 0


# 5. Two takers, one hold that ran out


def test_one_of_many_takers_gets_what_an_expired_hold_leaves(rush: Rush) -> None:
    rush.shop.has("mug", 1, at="store")
    (first,) = rush.baskets([rush.shop.wants(mug=1)], seconds=60)
    assert rush.of(rushing.reserve, [first]) == Outcome(done=1, refused=0)
    takers = rush.baskets(rush.shop.wants(mug=1) for _ in range(12))
    assert rush.of(rushing.reserve, takers) == Outcome(done=0, refused=12)

    later = timedelta(minutes=2)

    assert rush.of(rushing.reserve, takers, ahead=later) == Outcome(done=1, refused=11)
    assert rush.shop.stock("mug", at="store") == (1, 1)
    with rush.shop.hub.reading() as tx:
        states = tx.all("SELECT state, count(*) AS n FROM ledger.holds GROUP BY state")
        told = tx.value("SELECT count(*) FROM kernel.facts WHERE name = 'stock.hold_expired'")
    assert {row.state: row.n for row in states} == {"expired": 1, "live": 1}
    assert told == 1


# 6. A count is of its own time, whatever is sold meanwhile


def count_while_orders_flow(
    rush: Rush, *, order: int = 1, guard_off: str | None = None
) -> tuple[int, int]:
    """The mugs that should lie there in the end, and those that the books say.

    110 mugs lay there when the books said 100; five were sent, and 105 were counted. Now two import
    both counts again and again, one in this order, while two sell. Eight cups are promised, and
    five were found.
    """
    shop = rush.shop
    shop.has("mug", 100, at="store")
    shop.has("cup", 10, at="store")
    for sku in ("mug", "cup"):
        shop.costs(sku, 1_000)
    shop.buys(cup=8)
    early = rush.now()
    shop.ships(shop.order(shop.buys(mug=5)))
    late = rush.now()
    counts = (
        PastCount("mug", "store", 105, late),
        PastCount("cup", "store", 5, late),
        PastCount("mug", "store", 110, early),
    )
    buyers = rush.orders(15, mug=2)
    tasks = [Sheet(counts, 10), Sheet(counts[::order], 10), buyers, buyers]
    sent = rush.each(rushing.sell_or_count, tasks, guard_off=guard_off)
    assert sent == 60 or guard_off
    return 105 - sent, shop.stock("mug", at="store")[0]


@pytest.mark.parametrize("order", [1, -1])
def test_counts_imported_while_orders_flow_count_as_of_their_own_time(
    rush: Rush, order: int
) -> None:
    there, in_the_books = count_while_orders_flow(rush, order=order)

    assert in_the_books == there
    assert rush.shop.stock("cup", at="store") == (5, 8)
    with rush.shop.hub.reading() as tx:
        [missing] = tx.all("SELECT missing, state, owner FROM stock.exceptions")
    assert tuple(missing) == (3, "open", "stockkeeper")
    assert rush.problems() == []


@pytest.mark.parametrize("guard", ["lock", "time"])
def test_without_a_guard_a_count_finds_or_loses_what_it_should_not(rush: Rush, guard: str) -> None:
    there, in_the_books = count_while_orders_flow(rush, guard_off=guard)

    print(f"unsafe control, no {guard}: {in_the_books} in the books, {there} there")
    assert in_the_books != there
