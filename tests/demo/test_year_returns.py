"""What a till of the past sold comes back, to the cent: baskets of the year with their traps."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import LiteralString
from uuid import UUID

import polars as pl
import psycopg
import pytest

from charsu.assembly import checks, open_hub, prepare
from charsu.demo.loading import databases
from charsu.demo.loading.progress import silent
from charsu.demo.loading.year import load_year
from charsu.demo.year import Year
from charsu.kernel import SYSTEM, Hub
from charsu.kernel.check import run_checks
from charsu.orders import (
    RefundOrder,
    RefundTooLarge,
    ReturnGoods,
    ReturnLine,
    TooMany,
    read_order,
    refund_order,
    return_goods,
)
from charsu.orders.model import Progress, order_state
from charsu.orders.queries.read_order import AskOrder, LineView, OrderView
from tests.conftest import in_database

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

BASKETS = 5  # of each trap

TRAPS = {
    "manufacturers_coupons": """
        SELECT o.id FROM orders.orders o JOIN orders.payments p ON p.order_id = o.id
        WHERE o.refunded_minor = 0 AND p.method = 'coupon' AND o.total_minor > p.captured_minor
        ORDER BY o.id LIMIT %(count)s
    """,
    "lines_of_quantity_0": """
        SELECT DISTINCT o.id FROM orders.orders o JOIN orders.order_lines l ON l.order_id = o.id
        WHERE o.refunded_minor = 0 AND l.quantity = 0 AND o.total_minor > 0
        ORDER BY o.id LIMIT %(count)s
    """,
    "no_price_of_whole_cents": """
        SELECT DISTINCT o.id FROM orders.orders o JOIN orders.order_lines l ON l.order_id = o.id
        WHERE o.refunded_minor = 0 AND o.total_minor > 0 AND l.unit_minor IS NULL
          AND l.quantity BETWEEN 3 AND 99
        ORDER BY o.id LIMIT %(count)s
    """,
}

FOUND_AT: LiteralString = """
    SELECT v.sku, count(*) AS stores
    FROM catalog.search_places p JOIN catalog.variants v USING (product_id) GROUP BY v.sku
"""


@pytest.fixture(scope="module")
def shop(server: str, small: Year) -> Iterator[Hub]:
    """A shop with the small year in it."""
    conninfo = in_database(server, "year_returns")
    databases.create(conninfo)
    prepare(conninfo)
    with open_hub(conninfo, connections=2) as hub:
        load_year(hub, small, silent)
        yield hub
    databases.drop(conninfo)


@pytest.fixture(params=sorted(TRAPS))
def baskets(shop: Hub, request: pytest.FixtureRequest) -> list[OrderView]:
    with shop.reading() as tx:
        ids = [row.id for row in tx.all(TRAPS[request.param], count=BASKETS)]
    assert len(ids) == BASKETS
    return [see(shop, id_) for id_ in ids]


def see(hub: Hub, order: UUID) -> OrderView:
    return hub.run(read_order, AskOrder(order_id=order), actor=SYSTEM)


def bring_back(hub: Hub, order: OrderView, line: LineView, pieces: int) -> int:
    """What is owed for pieces of a line that come back where they were bought."""
    assert order.location_id is not None
    ask = ReturnGoods(
        order_id=order.id,
        location_id=order.location_id,
        lines=(ReturnLine(line_id=line.id, quantity=pieces, condition="quarantine"),),
        reason="unwanted",
    )
    return hub.run(return_goods, ask, actor=SYSTEM).refund_minor


def refund(hub: Hub, order: OrderView, amount: int) -> None:
    ask = RefundOrder(order_id=order.id, reason="returned", goods_minor=amount)
    hub.run(refund_order, ask, actor=SYSTEM)


def share(line: LineView, pieces: int) -> int:
    """What the first pieces of a line are worth, reckoned with decimals: another road."""
    exact = Decimal(line.total_minor) * pieces / line.quantity
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def test_every_piece_of_a_basket_comes_back_in_parts_for_exactly_what_was_paid(
    shop: Hub, baskets: list[OrderView]
) -> None:
    for order in baskets:
        for line in order.lines:
            if line.quantity == 0:
                with pytest.raises(TooMany):
                    bring_back(shop, order, line, 1)
                continue
            first = line.quantity // 2
            owed = bring_back(shop, order, line, first) if first else 0
            assert owed == share(line, first)
            owed += bring_back(shop, order, line, line.quantity - first)
            assert owed == line.total_minor
            if owed:
                refund(shop, order, owed)
        rest = order.total_minor - see(shop, order.id).refunded_minor
        assert rest == sum(line.total_minor for line in order.lines if line.quantity == 0)
        if rest:  # a line of no pieces may have had a price: goodwill
            refund(shop, order, rest)
        with pytest.raises(RefundTooLarge):
            refund(shop, order, 1)

        after = see(shop, order.id)
        assert (after.state, after.payment_state) == ("fulfilled", "refunded")
        assert all(one.refunded_minor == one.captured_minor for one in after.payments)


def test_what_goes_back_is_all_that_the_books_know_of_the_past(shop: Hub) -> None:
    with shop.reading() as tx:
        given = tx.value("SELECT coalesce(sum(amount_minor), 0)::bigint FROM orders.refunds")
        books = {
            row.kind: row.amount
            for row in tx.all(
                """
                SELECT a.kind, sum(CASE WHEN t.to_account_id = a.id THEN t.amount
                                        ELSE -t.amount END)::bigint AS amount
                FROM ledger.accounts a
                JOIN ledger.transfers t ON a.id IN (t.from_account_id, t.to_account_id)
                WHERE a.book = 'money' GROUP BY a.kind
                """
            )
        }
    assert books.get("clearing:history", 0) == -given
    assert books.get("order", 0) == 0
    assert books.get("revenue", 0) == given


def test_a_customer_gets_her_own_money_back_before_the_coupons_part(shop: Hub) -> None:
    with shop.reading() as tx:
        order_id = tx.value(
            """
            SELECT o.id FROM orders.orders o
            JOIN orders.payments p ON p.order_id = o.id AND p.method = 'coupon'
            WHERE o.refunded_minor = 0 AND o.total_minor > p.captured_minor + 10
            ORDER BY o.id DESC LIMIT 1
            """
        )
    order = see(shop, order_id)

    refund(shop, order, 10)

    back = {one.method: one.refunded_minor for one in see(shop, order.id).payments}
    assert back == {"other": 10, "coupon": 0}


def test_every_order_of_the_year_is_in_the_state_that_its_lines_say(shop: Hub) -> None:
    lines: dict[UUID, list[Progress]] = {}
    states: dict[UUID, str] = {}
    with shop.reading() as tx:
        for row in tx.all(
            """
            SELECT o.id, o.state, l.quantity, l.fulfilled, l.canceled
            FROM orders.orders o JOIN orders.order_lines l ON l.order_id = o.id
            """
        ):
            states[row.id] = row.state
            lines.setdefault(row.id, []).append(Progress(row.quantity, row.fulfilled, row.canceled))
    of_nothing = [id_ for id_, some in lines.items() if not any(one.quantity for one in some)]

    assert of_nothing, "the small year has such baskets"
    assert {id_: order_state(some) for id_, some in lines.items()} == states


def test_the_shop_is_sound_with_all_that_came_back(shop: Hub, server: str) -> None:
    with psycopg.connect(in_database(server, "year_returns")) as connection:
        verdicts = run_checks(connection, checks())
    assert [(v.name, v.findings) for v in verdicts if not v.is_clean] == []


def test_searches_find_at_each_store_what_the_year_has_left_there(shop: Hub, small: Year) -> None:
    left = small.levels.filter(pl.col("on_hand") > 0)
    stores_by_sku = dict(left.group_by("sku").len().iter_rows())

    with shop.reading() as tx:
        rows = tx.all(FOUND_AT)

    assert {row.sku: row.stores for row in rows} == stores_by_sku
    assert 0 < left.height < small.levels.height
