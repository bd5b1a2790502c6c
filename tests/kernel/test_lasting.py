"""What lasts is read once in a process, and anew as soon as somebody has changed it."""

from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest

from charsu.kernel import SYSTEM, Hub, Tx
from charsu.kernel.bulk import copy_csv
from charsu.kernel.lasting import KEPT_MAX, written_by
from charsu.orders import channel_named
from charsu.pricing import (
    Basket,
    BasketLine,
    PriceDraft,
    PutPrices,
    PutTaxRates,
    TaxRate,
    price_basket,
    put_prices,
    put_tax_rates,
)
from tests.shop import Shop

LANGUAGE = "UPDATE catalog.channels SET language = %(to)s WHERE code = 'web'"
NOTES = "SELECT count(*) FROM kernel.lasting_changes"


@pytest.fixture
def shop(hub: Hub) -> Shop:
    made = Shop(hub)
    made.channel()
    return made


def _language(tx: Tx) -> str:
    found = channel_named(tx, "web")
    assert found is not None
    return found.language


def _seen_by(hub: Hub) -> str:
    with hub.reading() as tx:
        return _language(tx)


def _change(hub: Hub, to: str) -> None:
    with hub.writing("test") as tx:
        tx.run(LANGUAGE, to=to)


def test_it_is_read_once_by_many_transactions(shop: Shop) -> None:
    _seen_by(shop.hub)
    asked: list[str] = []

    with shop.hub.reading() as tx:
        tx._before_call = asked.append
        _language(tx)

    assert asked == []


def test_a_change_holds_from_the_next_transaction_on_in_every_process(
    shop: Shop, open_shop: Callable[..., Hub]
) -> None:
    other = open_shop()
    for language in ("pl", "sr"):
        _change(shop.hub, language)
        assert {_seen_by(shop.hub), _seen_by(other)} == {language}


def test_a_change_by_hand_is_noticed_too(shop: Shop, database: str) -> None:
    _seen_by(shop.hub)
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE catalog.channels SET language = 'az'")

    assert _seen_by(shop.hub) == "az"


def test_without_the_note_a_change_would_not_be_noticed(shop: Shop, database: str) -> None:
    """The unsafe control of the tests above."""
    before = _seen_by(shop.hub)
    with psycopg.connect(database) as connection:
        connection.execute("DROP TRIGGER note_lasting_change ON catalog.channels")
        connection.execute("UPDATE catalog.channels SET language = 'az'")

    assert _seen_by(shop.hub) == before != "az"


def test_who_changes_it_sees_the_change_and_nobody_else_does_before_it_is_done(shop: Shop) -> None:
    before = _seen_by(shop.hub)
    with shop.hub.writing("test") as tx:
        assert _language(tx) == before
        tx.run(LANGUAGE, to="pl")
        assert (_language(tx), _seen_by(shop.hub)) == ("pl", before)

    assert _seen_by(shop.hub) == "pl"


def test_what_is_undone_was_never_there(shop: Shop) -> None:
    before = _seen_by(shop.hub)
    with pytest.raises(ZeroDivisionError), shop.hub.writing("test") as tx:
        tx.run(LANGUAGE, to="pl")
        _language(tx)
        raise ZeroDivisionError

    assert _seen_by(shop.hub) == before


def test_one_that_began_before_a_change_gives_nothing_to_those_after_it(shop: Shop) -> None:
    with shop.hub.reading() as early:
        before = _language(early)
        _change(shop.hub, "pl")
        assert _seen_by(shop.hub) == "pl"
        assert _language(early) == before
        early.lasting("another", lambda: "of the early one")

    with shop.hub.reading() as late:
        assert late.lasting("another", lambda: "of the late one") == "of the late one"
        assert _language(late) == "pl"


def test_a_change_under_way_holds_up_no_other_change(shop: Shop, hub: Hub) -> None:
    _change(hub, "az")
    with hub.writing("long import") as tx:
        tx.run("UPDATE catalog.products SET version = version WHERE false")
        with hub.writing("meanwhile") as other:
            other.run("SET LOCAL lock_timeout = '100ms'")
            other.run(LANGUAGE, to="pl")
        assert _seen_by(hub) == "pl"


def test_notes_do_not_gather_and_their_state_never_comes_back(shop: Shop, hub: Hub) -> None:
    states = set()
    for number in range(6):
        _change(hub, "pl" if number % 2 else "sr")
        with hub.reading() as tx:
            states.add(tx.value("SELECT state FROM kernel.lasting_state"))
            assert tx.value(NOTES) == 1

    assert len(states) == 6


def _unit_price(shop: Shop) -> tuple[int, int]:
    """What a mug costs, and the rate of its tax in millionths."""
    line = BasketLine(line_id=shop.variants["mug"], variant_id=shop.variants["mug"], quantity=1)
    basket = Basket(channel_id=shop.channel(), currency="EUR", country="RS", lines=(line,))
    with shop.hub.reading() as tx:
        priced = price_basket(tx, basket).lines[0]
    return priced.unit_minor, priced.tax_rate_ppm


def test_prices_and_rates_begin_and_end_when_they_should(shop: Shop, hub: Hub) -> None:
    shop.costs("mug", 500)
    with hub.reading() as tx:
        first, second, third = (tx.now + timedelta(days=days) for days in (1, 2, 3))
    offer = PriceDraft(
        variant_id=shop.variants["mug"], amount_minor=400, valid_from=first, valid_until=second
    )
    prices = PutPrices(channel_id=shop.channel(), currency="EUR", prices=(offer,))
    hub.run(put_prices, prices, actor=SYSTEM)
    rate = TaxRate(tax_class="standard", rate_ppm=100_000, valid_from=third)
    hub.run(put_tax_rates, PutTaxRates(country="RS", rates=(rate,)), actor=SYSTEM)

    seen = []
    for hours in (0, 1, 25, 26, 49, 50, 73, 74, 0):
        hub.offset = timedelta(hours=hours)
        seen.append(_unit_price(shop))

    before, offered, taxed = (500, 200_000), (400, 200_000), (500, 100_000)
    assert seen == [before, before, offered, offered, before, before, taxed, taxed, before]


def test_only_what_is_not_kept_is_read(shop: Shop) -> None:
    asked: list[list[str]] = []

    def read(keys: list[str]) -> dict[str, str]:
        asked.append(keys)
        return {key: key.upper() for key in keys if key != "unknown"}

    for keys in ("ab", "abc", ("c", "unknown"), ("unknown",)):
        with shop.hub.reading() as tx:
            found = tx.lasting_each("letters", keys, read)
            assert found == {key: key.upper() for key in keys if key != "unknown"}

    assert asked == [["a", "b"], ["c"], ["unknown"], ["unknown"]]


def test_what_is_kept_is_bounded(shop: Shop) -> None:
    with shop.hub.reading() as tx:
        tx.lasting_each("numbers", range(KEPT_MAX + 1), lambda keys: dict.fromkeys(keys, 0))
    with shop.hub.reading() as tx:
        assert tx.lasting_each("numbers", [1], lambda keys: dict.fromkeys(keys, 1)) == {1: 1}


@pytest.mark.parametrize(
    ("statement", "tables"),
    [
        ("SELECT 1 FROM a.b WHERE c.d FOR UPDATE OF b", set()),
        ("WITH x AS (DELETE FROM a.b USING c.d) INSERT INTO e.f AS g SELECT 1", {"a.b", "e.f"}),
        ("UPDATE a.b AS x SET y = 1 FROM c.d", {"a.b"}),
        ("INSERT INTO a.b VALUES (1) ON CONFLICT (y) DO UPDATE SET z = excluded.z", {"a.b"}),
        ("MERGE INTO a.b USING c.d ON true WHEN MATCHED THEN DELETE", {"a.b"}),
        ("TRUNCATE a.b", {"a.b"}),
    ],
)
def test_a_statement_says_what_it_writes(statement: str, tables: set[str]) -> None:
    assert written_by(statement) == tables


def test_each_way_of_writing_rows_is_noticed(shop: Shop) -> None:
    columns = ("product_id", "channel_id", "is_published")
    with shop.hub.writing("copied") as tx:
        assert not tx._has_changed_what_lasts()
        tx.copy_in("catalog.listings", columns, [])
        assert tx._has_changed_what_lasts()
    with shop.hub.writing("handed on") as tx:
        copy_csv(tx, "catalog.listings", columns, [])
        assert tx._has_changed_what_lasts()
