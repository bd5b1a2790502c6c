"""Parcels with labels of a carrier, sent in parts, followed, and seen to when they are lost."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from charsu.assembly import chores
from charsu.kernel import SYSTEM, Hub, NotFound
from charsu.kernel.setup.operations import ChangeSetting, change_setting
from charsu.orders import CarrierUnknown, Pieces, Recipient, TooMany, WrongStep
from charsu.orders.carriers import CARRIERS, Booking
from charsu.orders.operations import (
    book_parcel,
    close_by_hand,
    note_parcel,
    send_parcel,
)
from charsu.orders.operations.book_parcel import BookParcel, SendParcel
from charsu.orders.operations.note_parcel import CloseException, NoteParcel
from charsu.orders.queries.parcel_label import AskLabel, ParcelLabel, parcel_label
from tests.orders.store import Counter, counter_for, later, problems
from tests.shop import Shop

HOME = Recipient(name="Ana ^XZ", street="Nova 1", town="Niš", postcode="18000")


@pytest.fixture
def shop(open_shop: Callable[..., Hub]) -> Iterator[Shop]:
    shop = Shop(open_shop())
    shop.has("mug", 10, at="north")
    shop.costs("mug", 1_000)
    offer_test_carrier(shop)
    yield shop
    assert problems(shop) == []


def offer_test_carrier(shop: Shop, *, is_offered: bool = True) -> None:
    setting = ChangeSetting(name="orders.test_carrier", value=is_offered)
    shop.hub.run(change_setting, setting, actor=SYSTEM)


def ordered(shop: Shop, recipient: Recipient = HOME) -> Counter:
    return counter_for(shop, shop.buys(mug=3, recipient=recipient))


def work(shop: Shop) -> None:
    (processes,) = [one for one in chores() if one.name == "kernel.run_processes"]
    while processes.do(shop.hub):
        pass


def books(counter: Counter, *, pieces: int | None = None) -> Any:
    line = counter.order.lines[0].id
    lines = () if pieces is None else (Pieces(line_id=line, quantity=pieces),)
    return counter.do(book_parcel, BookParcel, carrier="test", lines=lines).parcel_id


def label(shop: Shop, parcel: Any) -> ParcelLabel:
    return shop.hub.run(parcel_label, AskLabel(parcel_id=parcel), actor=SYSTEM)


def sends(shop: Shop, parcel: Any) -> Any:
    return shop.hub.run(send_parcel, SendParcel(parcel_id=parcel), actor=SYSTEM)


def says(shop: Shop, number: str, event: str) -> str:
    ask = NoteParcel(carrier="test", tracking_number=number, event=event)
    return shop.hub.run(note_parcel, ask, actor=SYSTEM).state


def test_a_parcel_is_labeled_sent_and_followed_to_the_door(shop: Shop) -> None:
    counter = ordered(shop)
    parcel = books(counter)
    with pytest.raises(WrongStep):
        sends(shop, parcel)  # nobody has answered yet
    work(shop)
    made = label(shop, parcel)
    assert (made.state, made.label.count("^XZ"), "Nova 1" in made.label) == ("labeled", 1, True)
    assert shop.stock("mug", at="north") == (10, 3)

    assert sends(shop, parcel).order_state == "fulfilled"
    with pytest.raises(WrongStep):
        sends(shop, parcel)

    states = [says(shop, made.tracking_number, event) for event in ("collected", "delivered")]
    assert states == ["collected", "delivered"]
    (shipment,) = counter.order.shipments
    assert (shipment.id, shipment.tracking_number) == (parcel, made.tracking_number)
    assert shop.stock("mug", at="north") == (7, 0)
    assert label(shop, parcel).label == ""  # nobody needs the address any more
    assert counter.told()[1:] == [
        "parcel_asked",
        "parcel_labeled",
        "parcel_shipped",
        "parcel_noted",
        "parcel_noted",
    ]


def test_a_fulfillment_leaves_in_several_parcels_and_never_more_than_was_asked(shop: Shop) -> None:
    counter = ordered(shop)
    first, rest, too_much = (books(counter, pieces=n) for n in (1, 2, 3))
    work(shop)
    assert sends(shop, first).order_state == "partly_fulfilled"
    with pytest.raises(TooMany):
        sends(shop, too_much)
    assert sends(shop, rest).order_state == "fulfilled"
    numbers = {one.tracking_number for one in counter.order.shipments}
    assert len(numbers) == 2


def test_the_test_carrier_is_refused_where_the_shop_does_not_offer_it(shop: Shop) -> None:
    offer_test_carrier(shop, is_offered=False)
    counter = ordered(shop)
    for carrier in ("test", "stork"):
        with pytest.raises(CarrierUnknown):
            counter.do(book_parcel, BookParcel, carrier=carrier)


def test_an_address_that_the_carrier_does_not_serve_is_refused_and_another_way_is_open(
    shop: Shop,
) -> None:
    counter = ordered(shop, Recipient(name="Ana", street="Nova 1", town="Nowhere"))
    parcel = books(counter)
    work(shop)
    assert (label(shop, parcel).state, label(shop, parcel).reason) == ("refused", "no such address")
    with pytest.raises(WrongStep):
        sends(shop, parcel)
    shop.ships(counter.order)
    assert counter.order.state == "fulfilled"


def test_a_carrier_that_does_not_answer_is_asked_again_and_makes_one_label(shop: Shop) -> None:
    counter = ordered(shop, Recipient(name="Ana", street="Nova 1", town="Silence"))
    parcel = books(counter)
    work(shop)
    assert label(shop, parcel).state == "asked"

    ask = Booking(key="k", order_number=1, from_location="x", to=HOME, country="RS", pieces=1)
    assert CARRIERS["test"].book(ask) == CARRIERS["test"].book(ask)


@pytest.mark.parametrize(
    ("events", "end"),
    [
        (("delivered", "collected"), "delivered"),
        (("delivered", "lost"), "delivered"),
        (("lost", "lost", "collected"), "lost"),
        (("lost", "delivered", "delivered"), "delivered"),
    ],
)
def test_what_a_carrier_says_twice_or_out_of_order_changes_nothing(
    shop: Shop, events: tuple[str, ...], end: str
) -> None:
    counter = ordered(shop)
    parcel = books(counter)
    work(shop)
    sends(shop, parcel)
    number = label(shop, parcel).tracking_number

    for event in events:
        said = says(shop, number, event)

    assert said == end == counter.order.shipments[0].state
    kinds = [one.kind for one in counter.exceptions()]
    assert kinds == (["undeliverable"] if end == "lost" else [])


def test_a_lost_parcel_is_somebodys_until_something_was_done_about_it(shop: Shop) -> None:
    counter = ordered(shop)
    parcel = books(counter)
    work(shop)
    sends(shop, parcel)
    says(shop, label(shop, parcel).tracking_number, "lost")
    (one,) = counter.exceptions()
    assert one.owner == "support"
    later(shop, hours=5)
    assert counter.exceptions()[0].owner == "manager"

    ask = CloseException(exception_id=one.id, outcome="refunded")
    shop.hub.run(close_by_hand, ask, actor=SYSTEM)

    assert counter.exceptions() == []
    with pytest.raises(WrongStep):
        shop.hub.run(close_by_hand, ask, actor=SYSTEM)


def test_a_number_that_nobody_sent_is_unknown(shop: Shop) -> None:
    with pytest.raises(NotFound):
        says(shop, "TEST0", "lost")


def kept_labels(shop: Shop) -> int:
    with shop.hub.reading() as tx:
        return int(tx.value("SELECT count(*) FROM orders.labels"))


def forget(shop: Shop) -> int:
    (chore,) = [one for one in chores() if one.name == "orders.forget_labels"]
    return chore.do(shop.hub)


def test_a_label_goes_with_whom_it_names(shop: Shop) -> None:
    counter = ordered(shop)
    parcel = books(counter)
    work(shop)
    assert "Nova 1" in label(shop, parcel).label

    erase_recipient(shop, counter)

    assert (kept_labels(shop), label(shop, parcel).label) == (0, "")
    assert sends(shop, parcel).order_state == "fulfilled"  # the number stays


def test_a_label_that_comes_after_whom_it_names_was_erased_is_not_kept(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = ordered(shop)
    parcel = books(counter)
    carrier = CARRIERS["test"]

    class Slow:
        def book(self, ask: Booking) -> Any:
            erase_recipient(shop, counter)
            return carrier.book(ask)

    monkeypatch.setitem(CARRIERS, "test", Slow())
    work(shop)

    assert (label(shop, parcel).state, kept_labels(shop)) == ("labeled", 0)


def test_a_label_is_forgotten_in_time_though_no_carrier_says_anything(shop: Shop) -> None:
    parcel = books(ordered(shop))
    work(shop)
    sends(shop, parcel)
    shop.hub.offset += timedelta(days=13)
    assert (forget(shop), kept_labels(shop)) == (0, 1)

    shop.hub.offset += timedelta(days=2)

    assert (forget(shop), kept_labels(shop), forget(shop)) == (1, 0, 0)
    assert label(shop, parcel).state == "sent"


def test_no_address_stands_in_log_effects_or_processes(shop: Shop) -> None:
    """But for the recipient and the label, no table of the shop holds it."""
    parcel = books(ordered(shop))
    work(shop)
    sends(shop, parcel)

    assert tables_with(shop, "Nova 1") == {"orders.labels", "orders.recipients"}


def tables_with(shop: Shop, text: str) -> set[str]:
    """Every table of the shop in which a row says this."""
    with shop.hub.reading() as tx:
        named = tx.all(
            "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        assert len(named) > 50
        return {one.name for one in named if tx.value(_SAYS.format(one.name), text=text)}


_SAYS = "SELECT EXISTS (SELECT FROM {} t WHERE strpos(t::text, %(text)s) > 0)"


def erase_recipient(shop: Shop, counter: Counter) -> None:
    with shop.hub.writing("test.erase") as tx:
        tx.run("DELETE FROM orders.recipients WHERE order_id = %(id)s", id=counter.order_id)
