"""Customers are reminded before a pick-up or a choice runs out: once, in time, and not in vain."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from charsu.kernel import SYSTEM, Hub, Tx
from charsu.kernel.setup.operations import ChangeSetting, change_setting
from charsu.orders import CancelOrder, cancel_order, reminding
from charsu.orders.operations.see_to import HandOnException, hand_on_exception
from charsu.orders.reminding import remind, remind_of_choice, remind_of_pickup
from tests.orders.store import Counter, counter_for, later, problems
from tests.orders.test_pickup_races import HANDS, at_once
from tests.shop import Shop

pytestmark = pytest.mark.slow

REMINDED = "pickup_reminded"


@pytest.fixture
def shop(open_shop: Callable[..., Hub]) -> Shop:
    shop = Shop(open_shop(connections=HANDS + 2))
    shop.has("mug", 10, at="north")
    shop.costs("mug", 1_000)
    return shop


def asked(shop: Shop) -> Counter:
    placed = shop.buys(mug=2, kind="pickup", location_id=shop.locations["north"])
    shop.pays_cash(placed.order_id, placed.total_minor)
    return counter_for(shop, placed)


def laid_out(shop: Shop) -> Counter:
    counter = asked(shop)
    counter.prepares()
    return counter


def before_the_end(counter: Counter, **time: float) -> None:
    """It is so long before the pick-up runs out."""
    step_by = counter.task.step_by
    assert step_by is not None
    with counter.hub.reading() as tx:
        counter.hub.offset += step_by - timedelta(**time) - tx.now


def decides(shop: Shop, name: str, value: int) -> None:
    shop.hub.run(change_setting, ChangeSetting(name=f"orders.{name}", value=value), actor=SYSTEM)


def body(counter: Counter, name: str) -> str:
    with counter.hub.reading() as tx:
        return str(
            tx.value(
                """
                SELECT body FROM kernel.facts
                WHERE subject_id = %(id)s AND name = %(name)s
                """,
                id=counter.order_id,
                name=f"orders.{name}",
            )
        )


def test_a_customer_is_reminded_of_a_pickup_once_and_in_time(shop: Shop) -> None:
    counter = laid_out(shop)
    before_the_end(counter, hours=24, minutes=1)
    assert remind(shop.hub) == 0
    before_the_end(counter, hours=23, minutes=59)
    assert [remind(shop.hub) for _ in range(3)] == [1, 0, 0]

    assert counter.told()[-1] == REMINDED
    assert str(counter.task.id) in body(counter, REMINDED)
    later(shop, days=2)
    assert remind(shop.hub) == 0
    assert counter.told().count(REMINDED) == 1
    assert counter.order.state == "canceled"
    assert problems(shop) == []


@pytest.mark.parametrize("end", ["collected", "canceled", "run out", "not laid out"])
def test_nobody_is_reminded_in_vain(shop: Shop, end: str) -> None:
    counter = asked(shop) if end == "not laid out" else laid_out(shop)
    if end == "collected":
        counter.hands_over(proof="document")
    if end == "canceled":
        ask = CancelOrder(order_id=counter.order_id, reason="changed_mind")
        shop.hub.run(cancel_order, ask, actor=SYSTEM)
    shop.hub.offset += timedelta(days=6, hours=12) if end != "run out" else timedelta(days=8)

    assert remind(shop.hub) == 0
    assert REMINDED not in counter.told()


def test_a_reminder_moves_along_with_its_deadline(shop: Shop) -> None:
    """What was said of one deadline is no reminder of another; each is told of once."""
    counter = laid_out(shop)

    def move(days: int) -> None:
        with shop.hub.writing("test.move") as tx:
            tx.run(
                "UPDATE orders.fulfillments SET step_by = step_by + %(by)s WHERE id = %(id)s",
                by=timedelta(days=days),
                id=counter.task.id,
            )

    before_the_end(counter, hours=23)
    move(3)
    assert remind(shop.hub) == 0
    before_the_end(counter, hours=23)
    assert [remind(shop.hub), remind(shop.hub)] == [1, 0]
    move(3)
    assert remind(shop.hub) == 0
    before_the_end(counter, hours=23)
    assert [remind(shop.hub), remind(shop.hub)] == [1, 0]


def test_the_shop_says_when_and_nobody_is_reminded_before_half_the_time(shop: Shop) -> None:
    decides(shop, "pickup_reminder_hours", 0)
    counter = laid_out(shop)
    before_the_end(counter, hours=1)
    assert remind(shop.hub) == 0
    decides(shop, "pickup_reminder_hours", 2)
    assert remind(shop.hub) == 1

    shop.hub.offset = timedelta()
    decides(shop, "pickup_reminder_hours", 500)
    other = laid_out(shop)
    shop.hub.offset += timedelta(days=3)
    assert remind(shop.hub) == 0
    shop.hub.offset += timedelta(days=1)
    assert remind(shop.hub) == 1
    assert other.told().count(REMINDED) == 1


def test_a_customer_is_reminded_of_a_choice_once_and_not_after_she_chose(shop: Shop) -> None:
    silent, quick = asked(shop), asked(shop)
    for counter in (silent, quick):
        counter.rejects("busy")
    shop.hub.offset += timedelta(hours=19)
    assert remind(shop.hub) == 0
    quick.chooses("cancel")
    (one,) = [one for one in silent.exceptions() if one.options.otherwise]
    ask = HandOnException(exception_id=one.id, owner="picker")
    shop.hub.run(hand_on_exception, ask, actor=SYSTEM)
    shop.hub.offset += timedelta(hours=2)

    assert [remind(shop.hub), remind(shop.hub)] == [1, 0]
    assert silent.told()[-1] == "choice_reminded"
    assert "cancel" in body(silent, "choice_reminded")
    assert "choice_reminded" not in quick.told()
    later(shop, hours=4)
    assert (remind(shop.hub), silent.order.state) == (0, "canceled")
    assert problems(shop) == []


def alone(shop: Shop, judge: Callable[[Tx, UUID], bool], row: UUID) -> None:
    with shop.hub.writing("test.remind", is_careful=True) as tx:
        judge(tx, row)


def reminded(shop: Shop) -> int:
    """How often many workers at once remind one customer of one pick-up."""
    counter = laid_out(shop)
    before_the_end(counter, hours=1)

    at_once([partial(alone, shop, remind_of_pickup, counter.task.id)] * HANDS)
    return counter.told().count(REMINDED)


def test_many_workers_remind_her_once(shop: Shop) -> None:
    assert reminded(shop) == 1


def test_without_looking_again_at_the_row_she_is_reminded_by_several(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard = "AND f.reminded_for IS DISTINCT FROM f.step_by"
    assert guard in reminding._REMIND_OF_PICKUP
    monkeypatch.setattr(
        reminding, "_REMIND_OF_PICKUP", reminding._REMIND_OF_PICKUP.replace(guard, "")
    )
    times = reminded(shop)

    print(f"unsafe control: reminded {times} times")
    assert times > 1


def test_of_many_who_remind_and_one_who_chooses_nobody_reminds_after_her(shop: Shop) -> None:
    for _ in range(4):
        shop.hub.offset = timedelta()
        counter = asked(shop)
        counter.rejects("busy")
        shop.hub.offset = timedelta(hours=22)
        (one,) = [one for one in counter.exceptions() if one.options.otherwise]

        work = partial(alone, shop, remind_of_choice, one.id)
        at_once([*[work] * (HANDS - 1), partial(counter.chooses, "cancel")])
        told = counter.told()
        assert told.count("choice_made") == 1
        assert told.count("choice_reminded") <= 1
        if "choice_reminded" in told:
            assert told.index("choice_reminded") < told.index("choice_made")
