"""The demo as a newcomer finds it: two businesses, sound, with something to sell and to do."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from charsu.assembly import checks, open_hub, prepare
from charsu.demo.chain import stock
from charsu.demo.loading import DemoSummary, LoadedShop, databases, load_demo
from charsu.demo.loading.chain.trouble import STORE, scarce_sku
from charsu.insights import sold_out
from charsu.kernel.access import SignInRefused, account_for_session, sign_in
from charsu.kernel.check import run_checks
from tests.conftest import in_database

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def stages() -> dict[str, tuple[int, int]]:
    return {}


@pytest.fixture(scope="module")
def demo(server: str, stages: dict[str, tuple[int, int]]) -> Iterator[DemoSummary]:
    """The small demo, loaded once for all these tests."""
    conninfo = in_database(server, "demo")
    databases.create(conninfo)
    prepare(conninfo)

    def told(stage: str, done: int, total: int) -> None:
        stages[stage] = (done, total)

    yield load_demo(conninfo, size="small", progress=told)
    databases.drop(databases.beside(conninfo, "year"))
    databases.drop(conninfo)


def both(demo: DemoSummary) -> list[LoadedShop]:
    assert demo.year is not None, demo.year_left_out
    return [demo.chain, demo.year]


def value(shop: LoadedShop, statement: str) -> Any:
    with psycopg.connect(shop.conninfo) as connection:
        row = connection.execute(sql.SQL(statement)).fetchone()  # type: ignore[arg-type]
    return None if row is None else row[0]


def column(shop: LoadedShop, statement: str) -> list[Any]:
    with psycopg.connect(shop.conninfo) as connection:
        return [row[0] for row in connection.execute(sql.SQL(statement))]  # type: ignore[arg-type]


def test_everything_that_must_be_true_of_a_shop_is_true_of_both(demo: DemoSummary) -> None:
    for shop in both(demo):
        with psycopg.connect(shop.conninfo) as connection:
            verdicts = run_checks(connection, checks())
        assert [(v.name, v.findings) for v in verdicts if not v.is_clean] == []


def test_progress_is_told_to_the_end_of_every_stage(
    demo: DemoSummary, stages: dict[str, tuple[int, int]]
) -> None:
    assert demo.year is not None
    assert {stage.split(":")[0] for stage in stages} == {"chain", "year"}
    assert all(done == total for done, total in stages.values()), stages
    assert {stage for stage in stages if "orders" in stage} == {"year: orders"}
    assert stages["year: orders"][0] == value(demo.year, "SELECT count(*) FROM orders.orders")


def test_the_chain_has_orders_in_every_state(demo: DemoSummary) -> None:
    states = column(demo.chain, "SELECT DISTINCT state FROM orders.orders")
    kinds = column(demo.chain, "SELECT DISTINCT kind FROM orders.orders")

    assert {"open", "fulfilled", "canceled"} <= set(states)
    assert set(kinds) == {"ship", "pickup", "counter"}
    assert 150 <= value(demo.chain, "SELECT count(*) FROM orders.orders") <= 400
    assert value(demo.chain, "SELECT count(*) FROM orders.returns") > 0
    assert value(demo.chain, "SELECT sum(refunded_minor) FROM orders.orders") > 0


def test_no_order_lies_in_the_future_or_before_the_chain_opened(demo: DemoSummary) -> None:
    ages = column(
        demo.chain, "SELECT extract(epoch FROM now() - placed_at) / 86400 FROM orders.orders"
    )
    assert 0 < min(ages) < 2
    assert 20 < max(ages) < 31


def test_a_promise_that_a_shelf_cannot_keep_waits_for_staff(demo: DemoSummary) -> None:
    open_ones = column(
        demo.chain,
        """
        SELECT v.sku || ' ' || l.code || ' ' || e.missing FROM stock.exceptions e
        JOIN catalog.variants v ON v.id = e.variant_id
        JOIN stock.locations l ON l.id = e.location_id WHERE e.state = 'open'
        """,
    )
    assert open_ones == [f"{scarce_sku()} {STORE} 1"]


def test_every_store_has_a_terminal_to_try(demo: DemoSummary) -> None:
    stores = column(demo.chain, "SELECT id FROM stock.locations WHERE kind = 'store' ORDER BY id")
    terminals = column(
        demo.chain,
        "SELECT location_id FROM orders.terminals WHERE kind = 'test_terminal'"
        " AND is_active ORDER BY location_id",
    )
    assert terminals == stores != []


def test_every_location_has_what_the_chains_file_says(demo: DemoSummary) -> None:
    with psycopg.connect(demo.chain.conninfo) as connection:
        lying = {
            (row[0], row[1]): row[2]
            for row in connection.execute(
                """
                SELECT v.sku, l.code, sum(b.posted) FROM ledger.balances b
                JOIN catalog.variants v ON v.id = b.thing_id
                JOIN stock.locations l ON l.id = b.place_id
                WHERE b.kind = 'on_hand' GROUP BY v.sku, l.code
                """
            )
        }
    short = [
        level
        for level in stock()
        if lying.get((level.sku, level.location), 0) < level.on_hand
        and (level.sku, level.location) != (scarce_sku(), STORE)
    ]
    assert short == []


def test_some_things_sold_out_and_the_overview_says_what_is_missed(demo: DemoSummary) -> None:
    hub = open_hub(demo.chain.conninfo)
    try:
        with hub.reading() as tx:
            gone = sold_out(tx, languages=["en"])
    finally:
        hub.close()

    assert 0.02 < gone.count / gone.kept < 0.04
    assert all(one.sold_before > 0 and one.since for one in gone.items)


def test_the_year_is_history_that_nothing_reacts_to(demo: DemoSummary) -> None:
    assert demo.year is not None
    assert value(demo.year, "SELECT count(*) FROM orders.orders") == 3_569
    assert value(demo.year, "SELECT count(*) FROM orders.order_lines") == 32_595
    assert value(demo.year, "SELECT count(*) FROM pricing.redemptions") == 52
    assert value(demo.year, "SELECT count(*) FROM orders.orders WHERE NOT is_historical") == 0
    told = """
        SELECT count(*) FROM kernel.facts
        WHERE name IN ('orders.order_placed', 'stock.stock_moved') AND NOT is_historical
    """
    assert value(demo.year, told) == 0


def test_every_coupon_of_the_year_is_there_on_the_days_of_its_campaign(demo: DemoSummary) -> None:
    assert demo.year is not None
    campaigns = """
        SELECT count(DISTINCT split_part(code, '-', 1)) FROM pricing.coupons
        WHERE valid_from < valid_until AND NOT is_active
    """
    days = """
        SELECT bool_and(valid_from AT TIME ZONE 'America/New_York' = date_trunc(
            'day', valid_from AT TIME ZONE 'America/New_York')) FROM pricing.coupons
    """
    assert value(demo.year, "SELECT count(*) FROM pricing.coupons") == 933
    assert value(demo.year, campaigns) == 26
    assert value(demo.year, days) is True


def test_the_year_ends_with_stock_to_sell_and_some_of_it_sold_out(demo: DemoSummary) -> None:
    assert demo.year is not None
    out = value(demo.year, "SELECT avg((posted = 0)::int) FROM ledger.balances")
    assert 0.02 < out < 0.04


def test_the_passwords_that_are_told_let_people_in(demo: DemoSummary) -> None:
    assert [one.role for one in demo.chain.sign_ins].count("cashier") == 3
    with open_hub(demo.chain.conninfo, connections=1) as hub:
        for one in demo.chain.sign_ins:
            session = sign_in(hub, email=one.email, password=one.password, address="127.0.0.1")
            account = account_for_session(hub, session.token)
            assert account.actor.may("access.me")
        with pytest.raises(SignInRefused):
            sign_in(hub, email="admin@example.com", password="a wrong one", address="127.0.0.1")


def test_a_demo_that_is_there_is_left_alone(demo: DemoSummary) -> None:
    before = [value(shop, "SELECT count(*) FROM kernel.facts") for shop in both(demo)]

    again = load_demo(demo.chain.conninfo, size="small")

    assert [shop.sign_ins for shop in both(again)] == [(), ()]
    assert [value(shop, "SELECT count(*) FROM kernel.facts") for shop in both(again)] == before
