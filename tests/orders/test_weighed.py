"""Goods that are sold by weight: a quantity counts steps, a price is for the main unit."""

import pytest

from charsu.assembly import checks
from charsu.kernel import Hub
from charsu.kernel.check import run_checks
from tests.shop import Shop


@pytest.mark.parametrize(
    ("grams", "total"),
    [(1_000, 1_999), (333, 666), (1, 2), (250, 500)],  # 665.667, 1.999 and 499.75, half up
)
def test_cheese_costs_what_its_grams_cost_and_the_books_agree(
    hub: Hub, grams: int, total: int
) -> None:
    shop = Shop(hub)
    shop.product("cheese", unit="KGM", quantity_scale=3)
    shop.has("cheese", 5_000, at="store")
    shop.costs("cheese", 1_999)

    placed = shop.buys(cheese=grams)
    order = shop.order(placed)
    shop.pays_cash(placed.order_id, order.total_minor)
    shop.ships(order)

    assert order.lines[0].subtotal_minor == total
    with hub.pool.connection() as connection:
        assert [one for one in run_checks(connection, checks()) if not one.is_clean] == []
