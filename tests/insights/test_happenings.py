"""What happened last, as a person reads it."""

from charsu.insights import happenings
from charsu.kernel import Hub
from tests.shop import Shop


def newest(hub: Hub, name: str) -> str:
    with hub.reading() as tx:
        return next(one.subject for one in happenings(tx, limit=50) if one.name == name)


def test_a_fact_names_the_order_the_goods_or_the_product_that_it_is_about(hub: Hub) -> None:
    shop = Shop(hub)
    shop.has("mug", 2, at="north")
    shop.costs("mug", 1200)
    placed = shop.buys(mug=1)

    assert newest(hub, "orders.order_placed") == f"#{placed.number}"
    assert newest(hub, "stock.stock_moved") == "mug"
    assert newest(hub, "catalog.product_introduced") == "mug"


def test_what_has_no_name_is_told_by_its_kind_and_the_end_of_its_id(hub: Hub) -> None:
    shop = Shop(hub)
    shop.tax(200_000)
    assert newest(hub, "pricing.tax_rates_put").startswith("tax …")
