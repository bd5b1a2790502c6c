"""A pick-up from the asking to the hand-over, and all that can become of it on the way."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import msgspec
import pytest

from charsu.kernel import SYSTEM, Hub
from charsu.kernel.log.consume import deliver
from charsu.kernel.setup.operations import ChangeSetting, change_setting
from charsu.orders import (
    Address,
    AddressNeeded,
    CancelOrder,
    CodeElsewhere,
    CodeLocked,
    NotOffered,
    Pieces,
    ProofNeeded,
    Recipient,
    TooMany,
    WrongStep,
    cancel_order,
)
from charsu.orders.codes import qr_of
from charsu.orders.reactions import close_recounts
from charsu.stock import CountedLine, CountStock, PutLocation, count_stock, put_location
from tests.orders.store import Counter, counter_for, later, problems
from tests.shop import Shop

HOME = Recipient(name="Ana", street="Nova 1", town="Niš")
ELSEWHERE = Address(name="Ana", street="Stara 2", town="Beograd")


@pytest.fixture
def shop(open_shop: Callable[..., Hub]) -> Iterator[Shop]:
    """Mugs and cups in the north, where the order is to be collected; the books are clean after."""
    shop = Shop(open_shop())
    shop.has("mug", 10, at="north")
    shop.has("cup", 10, at="north")
    shop.location("south")
    shop.costs("mug", 1_000)
    shop.costs("cup", 333)
    yield shop
    assert problems(shop) == []


def asked(shop: Shop, *, paid: bool = True, **more: object) -> Counter:
    """Two mugs and a cup are to be collected in the north."""
    wants = {"mug": 2, "cup": 1} | more
    placed = shop.buys(kind="pickup", location_id=shop.locations["north"], **wants)
    if paid:
        shop.pays_cash(placed.order_id, placed.total_minor)
    return counter_for(shop, placed)


def test_a_pick_up_goes_step_by_step_and_ends_with_the_customer(shop: Shop) -> None:
    counter = asked(shop)
    assert counter.accepts().step == "accepted"
    assert counter.finds().step == "picked"
    assert counter.lays_out().fulfillment_state == "ready"
    assert counter.shows(counter.code.code).is_right
    assert counter.hands_over().order_state == "fulfilled"

    assert shop.stock("mug", at="north") == (8, 0)
    steps = ["fulfillment_accepted", "goods_picked", "pickup_ready", "pickup_code_checked"]
    assert counter.told()[2:] == [*steps, "goods_handed_over"]
    assert counter.exceptions() == []


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 4])
def test_no_step_is_taken_before_its_turn_or_twice(shop: Shop, steps: int) -> None:
    counter = asked(shop)
    way = [counter.accepts, counter.finds, counter.lays_out]
    way += [lambda: counter.hands_over(proof="document")]
    for step in way[:steps]:
        step()

    for number, step in enumerate(way):
        if number != steps:
            with pytest.raises(WrongStep):
                step()
    if steps > 1:
        with pytest.raises(WrongStep):
            counter.rejects()


def test_the_code_of_a_pick_up_is_nowhere_in_the_books(shop: Shop) -> None:
    counter = asked(shop)
    counter.prepares()
    code = counter.code.code
    counter.shows(code)
    counter.hands_over()

    with shop.hub.reading() as tx:
        kept = tx.value(
            """
            SELECT string_agg(body::text, ' ') || (SELECT string_agg(answer::text, ' ')
                                                   FROM kernel.effects)
                   || (SELECT string_agg(f::text, ' ') FROM orders.fulfillments f)
            FROM kernel.facts
            """
        )
    assert str(counter.task.id) in kept and len(code) == 6
    assert code not in kept.upper()


def test_a_code_may_be_typed_badly_and_scanned_but_not_guessed_for_ever(shop: Shop) -> None:
    counter, other = asked(shop), asked(shop)
    counter.prepares()
    other.prepares()
    right, qr = counter.code.code, counter.code.qr
    assert counter.shows(f" {right[:3].lower()}-{right[3:]} ").is_right
    assert counter.shows(qr).is_right
    wrong = [
        other.code.code,
        "",
        "......",
        f"{qr.split('.')[0]}.{other.code.code}",
        f"card.{right}",
    ]

    left = [counter.shows(code or "?").tries_left for code in wrong]

    assert left == [4, 3, 2, 1, 0]
    with pytest.raises(CodeLocked):
        counter.shows(right)
    assert counter.told().count("pickup_code_checked") == 7


def test_the_qr_code_of_another_pick_up_costs_no_try_and_tells_nothing_of_any_code(
    shop: Shop,
) -> None:
    counter, other = asked(shop), asked(shop)
    counter.prepares()
    other.prepares()
    right, hers = counter.code.code, other.code.code
    nobody = uuid4()
    shown = [(other.task.id, letters) for letters in (hers, right, "000000", "?")]
    shown += [(nobody, letters) for letters in (hers, right, "000000", "?")]
    before = counter.told(), other.told()

    for named, letters in shown:
        with pytest.raises(CodeElsewhere) as refused:
            counter.shows(qr_of(named, letters))
        assert refused.value.data == {"fulfillment_id": str(named)}

    assert (counter.told(), other.told()) == before
    with pytest.raises(ProofNeeded):
        counter.hands_over()
    assert counter.shows(hers).tries_left == 4, "letters alone are a guess"
    assert counter.shows(qr_of(counter.task.id, hers)).tries_left == 3
    assert counter.shows(counter.code.qr).is_right
    assert other.shows("?").tries_left == 4


def test_nothing_is_handed_over_on_a_wrong_code_and_each_hand_over_asks_again(shop: Shop) -> None:
    counter = asked(shop)
    counter.prepares()
    counter.shows("WRONG")
    with pytest.raises(ProofNeeded):
        counter.hands_over()
    counter.shows(counter.code.code)
    some = (Pieces(line_id=counter.order.lines[0].id, quantity=1),)
    counter.hands_over(lines=some)

    with pytest.raises(ProofNeeded):
        counter.hands_over()
    assert counter.hands_over(proof="document").order_state == "fulfilled"


# What a store cannot give


def test_what_is_not_found_is_off_sale_there_and_sent_by_another(shop: Shop) -> None:
    shop.has("mug", 5, at="south")
    counter = asked(shop, recipient=HOME)
    counter.accepts()
    counter.finds(mug=1, cup=1)

    assert shop.stock("mug", at="north") == (1, 1)  # nobody else is promised what is not there
    assert shop.stock("mug", at="south") == (5, 1)
    here, there = counter.order.fulfillments
    assert (here.kind, here.step, there.kind) == ("pickup", "picked", "ship")
    assert "fulfillment_moved" in counter.told()
    assert [one.kind for one in counter.exceptions()] == ["recount"]
    counter.lays_out()
    counter.hands_over(proof="document")
    assert counter.order.state == "partly_fulfilled"


def test_a_rejection_of_a_busy_store_leaves_its_goods_on_sale(shop: Shop) -> None:
    shop.has("mug", 5, at="south")
    shop.has("cup", 5, at="south")
    counter = asked(shop, recipient=HOME)
    counter.rejects("busy")

    assert shop.stock("mug", at="north") == (10, 0)
    assert shop.stock("mug", at="south") == (5, 2)
    assert counter.exceptions() == []


def test_what_is_damaged_is_gone_and_another_piece_of_the_store_serves(shop: Shop) -> None:
    counter = asked(shop)
    counter.accepts()
    counter.finds(mug=1, cup=1, reason="damaged")

    assert shop.stock("mug", at="north") == (9, 2)
    assert [task.kind for task in counter.order.fulfillments] == ["pickup", "pickup"]


def test_a_count_closes_what_asked_for_it_and_puts_the_goods_on_sale(shop: Shop) -> None:
    counter = asked(shop)
    counter.rejects("not_found")
    lines = (CountedLine(sku="mug", on_hand=7), CountedLine(sku="cup", on_hand=3))
    for line in lines:
        assert "recount" in {one.kind for one in counter.exceptions()}
        ask = CountStock(location_id=shop.locations["north"], lines=(line,))
        shop.hub.run(count_stock, ask, actor=SYSTEM)
        deliver_counts(shop)

    assert "recount" not in {one.kind for one in counter.exceptions()}
    assert shop.stock("mug", at="north") == (7, 0)


def deliver_counts(shop: Shop) -> None:
    with shop.hub.writing("test.deliver") as tx:
        deliver(tx, shop.hub.consumers[close_recounts.name], limit=1000)


def test_what_nobody_has_is_a_choice_with_a_deadline_and_nothing_is_canceled(shop: Shop) -> None:
    counter = asked(shop)
    counter.accepts()
    counter.finds(mug=1, cup=1)

    (one,) = [one for one in counter.exceptions() if one.kind == "short"]
    assert (one.owner, one.options.otherwise, one.options.can_send) == ("support", "cancel", False)
    assert one.due_by - one.opened_at == timedelta(hours=24)
    assert counter.order.lines[0].canceled == 0
    assert counter.told()[-1] == "choice_offered"


def test_a_customer_may_collect_in_another_store_instead(shop: Shop) -> None:
    shop.has("mug", 5, at="south")
    counter = asked(shop)
    counter.accepts()
    counter.finds(mug=1, cup=1)
    (one,) = [one for one in counter.exceptions() if one.kind == "short"]
    assert one.options.stores == (shop.locations["south"],)
    with pytest.raises(NotOffered):
        counter.chooses("store", store="north")

    counter.chooses("store", store="south")

    moved = counter.order.fulfillments[1]
    assert (moved.kind, moved.step) == ("pickup", "asked")
    assert shop.stock("mug", at="south") == (5, 1)


def test_a_customer_may_have_it_sent_and_says_where(shop: Shop) -> None:
    shop.has("mug", 5, at="south")
    counter = asked(shop)
    counter.accepts()
    counter.finds(mug=1, cup=1)
    with pytest.raises(AddressNeeded):
        counter.chooses("send")

    counter.chooses("send", address=ELSEWHERE)

    assert counter.order.fulfillments[1].kind == "ship"
    assert counter.told()[-1] == "choice_made"


def test_what_a_customer_does_not_want_any_more_is_paid_back_at_once(shop: Shop) -> None:
    counter = asked(shop)
    counter.accepts()
    counter.finds(mug=1, cup=1)
    (one,) = [one for one in counter.exceptions() if one.kind == "short"]
    counter.chooses("cancel")

    assert (counter.order.refunded_minor, counter.order.lines[0].canceled) == (1_000, 1)
    assert [one.kind for one in counter.exceptions()] == ["recount"]
    assert counter.told()[-3:] == ["choice_made", "lines_canceled", "money_refunded"]
    counter.lays_out()
    assert counter.hands_over(proof="document").order_state == "fulfilled"
    assert sum(shop.books().values()) == shop.books().get("order", 0) == 0
    assert one.id not in {one.id for one in counter.exceptions()}


def test_a_customer_who_is_not_asked_in_vain_is_asked_first_where_the_shop_wants_so(
    shop: Shop,
) -> None:
    setting = ChangeSetting(name="orders.rescue_by_sending", value=False)
    shop.hub.run(change_setting, setting, actor=SYSTEM)
    shop.has("mug", 5, at="south")
    counter = asked(shop, recipient=HOME)
    counter.accepts()
    counter.finds(mug=1, cup=1)
    (one,) = [one for one in counter.exceptions() if one.kind == "short"]
    assert one.options.otherwise == "send"

    later(shop, hours=25)

    assert counter.order.fulfillments[1].kind == "ship"
    assert counter.told().count("choice_made") == 1


def test_the_default_of_a_choice_is_canceling_where_the_goods_are_gone_by_then(shop: Shop) -> None:
    counter = asked(shop)
    counter.rejects("not_found")

    later(shop, hours=25)

    assert (counter.order.state, counter.order.payment_state) == ("canceled", "refunded")
    assert shop.books() == {}


def test_canceling_takes_first_what_no_location_sees_to(shop: Shop) -> None:
    counter = asked(shop)
    counter.accepts()
    counter.finds(mug=1, cup=1)
    some = (Pieces(line_id=counter.order.lines[0].id, quantity=1),)
    ask = CancelOrder(order_id=counter.order_id, reason="changed_mind", lines=some)
    shop.hub.run(cancel_order, ask, actor=SYSTEM)

    assert [one.kind for one in counter.exceptions()] == ["recount"]
    assert shop.stock("mug", at="north") == (1, 1)


def test_a_parcel_that_a_store_cannot_send_is_sent_by_another_or_asked_about(shop: Shop) -> None:
    counter = counter_for(shop, shop.buys(mug=4))
    shop.has("mug", 5, at="south")
    counter.rejects("damaged")
    assert shop.stock("mug", at="south") == (5, 4)

    alone = counter_for(shop, shop.buys(cup=8))
    alone.rejects("not_found")
    (one,) = [one for one in alone.exceptions() if one.kind == "rejected"]
    assert (one.options.stores, one.options.can_send, one.options.otherwise) == ((), False, "send")
    shop.has("cup", 8, at="south")
    later(shop, hours=25)
    assert shop.stock("cup", at="south") == (8, 8)
    assert alone.order.state == "open"


def test_nobody_finds_more_than_was_asked(shop: Shop) -> None:
    counter = asked(shop)
    counter.accepts()
    with pytest.raises(TooMany):
        counter.finds(mug=3)


# Time


def test_a_store_that_does_not_accept_is_late_and_then_the_managers(shop: Shop) -> None:
    counter = asked(shop)
    later(shop, minutes=29)
    assert counter.exceptions() == []
    later(shop, minutes=2)
    assert [(one.kind, one.owner) for one in counter.exceptions()] == [("late", "picker")]
    later(shop, hours=5)
    assert [(one.kind, one.owner) for one in counter.exceptions()] == [("late", "manager")]

    counter.accepts()

    assert counter.exceptions() == []
    assert counter.told()[-3:] == [
        "fulfillment_late",
        "exception_escalated",
        "fulfillment_accepted",
    ]


def test_a_parcel_that_does_not_leave_is_late_until_it_does(shop: Shop) -> None:
    counter = counter_for(shop, shop.buys(mug=1))
    later(shop, hours=25)
    assert [one.kind for one in counter.exceptions()] == ["late"]
    shop.ships(counter.order)
    assert counter.exceptions() == []


def test_what_nobody_collects_is_on_sale_again_and_paid_back(shop: Shop) -> None:
    counter = asked(shop)
    counter.prepares()
    later(shop, days=6)
    assert counter.order.state == "open"
    later(shop, days=2)

    assert (counter.order.state, counter.order.payment_state) == ("canceled", "refunded")
    assert shop.stock("mug", at="north") == (10, 0)
    assert shop.books() == {}
    assert [one.kind for one in counter.exceptions()] == ["uncollected"]
    with pytest.raises(WrongStep):
        counter.hands_over(proof="document")
    counter.puts_back()
    with pytest.raises(WrongStep):
        counter.puts_back()
    assert counter.exceptions() == []


def test_what_was_collected_in_part_is_kept_and_the_rest_paid_back(shop: Shop) -> None:
    counter = asked(shop)
    counter.prepares()
    some = (Pieces(line_id=counter.order.lines[0].id, quantity=1),)
    counter.hands_over(lines=some, proof="document")
    later(shop, days=8)

    assert (counter.order.state, counter.order.refunded_minor) == ("fulfilled", 1_333)
    assert shop.books().get("order", 0) == 0


def test_nobody_is_late_while_the_store_is_closed(shop: Shop) -> None:
    hours = ((("09:00", "10:00"),),) * 7  # an hour a day
    ask = PutLocation(
        code="north",
        name="north",
        kind="store",
        country="RS",
        time_zone="UTC",
        hours=hours,
        offers_pickup=True,
        ships=True,
    )
    shop.hub.run(put_location, ask, actor=SYSTEM)
    with shop.hub.reading() as tx:
        now = tx.now
    midnight = datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=1)
    shop.hub.offset = midnight - now
    counter = asked(shop)

    assert counter.task.due_by == midnight + timedelta(days=1, hours=10)  # two open hours
    assert counter.task.step_by == midnight + timedelta(hours=9, minutes=30)
    later(shop, hours=9, minutes=29)
    assert counter.exceptions() == []


TASK = {"fulfillment_id": str(UUID(int=1))}


@pytest.mark.parametrize(
    ("verb", "named"),
    [
        ("pick", TASK),
        ("hand_over", TASK),
        ("ship", TASK | {"carrier": "post"}),
        ("book_parcel", TASK | {"carrier": "test"}),
        ("cancel", {"order_id": str(UUID(int=1)), "reason": "not wanted"}),
    ],
)
def test_an_empty_list_of_lines_does_not_mean_all(
    shop: Shop, verb: str, named: dict[str, object]
) -> None:
    """A till on which nothing was ticked sends one."""
    kind = shop.hub.operations[f"orders.{verb}"].ask_type

    assert msgspec.convert(named, kind).lines is None
    with pytest.raises(msgspec.ValidationError, match=r"length >= 1 - at `\$.lines`"):
        msgspec.convert(named | {"lines": []}, kind)
