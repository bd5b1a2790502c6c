"""What one transaction needs again and again it reads once, and never beyond its time."""

from typing import Any

import pytest

from charsu.kernel import Hub, Tx
from charsu.orders import channel_of, deliveries
from charsu.stock import on_offer, pieces_by_variant
from tests.shop import Shop


def _asks(tx: Tx, answers: list[str]) -> str:
    return tx.once("what", lambda: answers.pop(0))


def test_it_is_read_once_in_a_transaction_and_anew_in_the_next(hub: Hub) -> None:
    answers = ["first", "second"]

    with hub.reading() as tx:
        assert [_asks(tx, answers) for _ in range(3)] == ["first"] * 3
    with hub.reading() as tx:
        assert _asks(tx, answers) == "second"


def test_nothing_at_all_is_an_answer_too(hub: Hub) -> None:
    calls: list[int] = []

    with hub.reading() as tx:
        for _ in range(2):
            assert tx.once("what", lambda: calls.append(1)) is None

    assert len(calls) == 1


def test_who_changes_it_lets_it_be_read_anew(hub: Hub) -> None:
    with hub.writing("test") as tx:
        _asks(tx, answers := ["before", "after"])
        tx.forget("what")
        assert _asks(tx, answers) == "after"


def test_what_was_read_from_what_is_undone_is_forgotten(hub: Hub) -> None:
    answers = ["of what is undone", "as it stands"]

    with hub.writing("test") as tx:
        with pytest.raises(ZeroDivisionError), tx.savepoint():
            _asks(tx, answers)
            raise ZeroDivisionError
        assert _asks(tx, answers) == "as it stands"


def test_who_wrote_it_need_not_read_it(hub: Hub) -> None:
    with hub.writing("test") as tx:
        assert tx.known("what") is None
        tx.know("what", "written")
        assert _asks(tx, []) == tx.known("what") == "written"


def test_goods_on_offer_are_read_once_and_anew_after_some_were_promised(hub: Hub) -> None:
    shop = Shop(hub)
    shop.has("mug", 5, at="store")
    mug = shop.variants["mug"]

    def on_sale(tx: Tx) -> int:
        return pieces_by_variant(on_offer(tx, [mug], channel=shop.channel()))[mug]

    wants = shop.wants(mug=2)
    with hub.writing("test", is_careful=True) as tx:
        asked: list[str] = []
        tx._before_call = asked.append
        assert [on_sale(tx), on_sale(tx)] == [5, 5]
        assert len(asked) == 1
        shop.hold(tx, wants, owner=tx.new_id())
        assert on_sale(tx) == 3


def test_the_channel_and_its_deliveries_are_asked_once(hub: Hub) -> None:
    shop = Shop(hub)
    channel = shop.channel()
    asked: list[str] = []

    with hub.reading() as tx:
        tx._before_call = asked.append
        for _ in range(3):
            ways: Any = deliveries(tx, channel="web", country="RS", currency="EUR")
            assert (channel_of(tx, channel).code, ways) == ("web", [])

    assert len(asked) == 2
