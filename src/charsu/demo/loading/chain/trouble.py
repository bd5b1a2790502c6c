"""Something for staff to mend: a promise that a shelf cannot keep."""

from uuid import UUID

from charsu.demo.chain import Product, products, shop, stock, variants
from charsu.demo.loading.chain.opening import Opened
from charsu.kernel import SYSTEM, Hub
from charsu.orders import BuyLine, PlaceOrder, Recipient, place_order
from charsu.stock import CountedLine, CountStock, count_stock

STORE = "belgrade-vracar"


def make_trouble(hub: Hub, opened: Opened, ids: dict[str, UUID]) -> None:
    """Somebody reserves a piece for pick-up, and the shelf turns out to be empty."""
    sku = scarce_sku()
    mila = next(one for one in shop().customers if one.code == "mila")
    reserved = PlaceOrder(
        channel_id=opened.channels["web"],
        lines=(BuyLine(variant_id=ids[sku], quantity=1),),
        country=mila.country,
        kind="pickup",
        location_id=opened.locations[STORE],
        delivery_method="pickup",
        customer_id=opened.customers[mila.code],
        recipient=Recipient(name=f"{mila.given_name} {mila.family_name}", email=mila.email),
    )
    hub.run(place_order, reserved, actor=SYSTEM, key="demo/trouble/order")
    counted = CountStock(
        location_id=opened.locations[STORE], lines=(CountedLine(sku=sku, on_hand=0),)
    )
    hub.run(count_stock, counted, actor=SYSTEM, key="demo/trouble/count")


def scarce_sku() -> str:
    """Something of which the store has two: one to sell and one that the web shop leaves."""
    sold = {v.sku for product in products() if _is_online(product) for v in variants(product)}
    return next(
        level.sku
        for level in stock()
        if level.location == STORE and level.on_hand == 2 and level.sku in sold
    )


def _is_online(product: Product) -> bool:
    return product.sold == "everywhere" and product.quantity_scale == 0
