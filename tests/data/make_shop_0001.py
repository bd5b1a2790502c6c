"""How ``shop_0001.dump`` was made: a shop of the first step, with orders in every state of life.

    python -m tests.data.make_shop_0001 FILE

It is kept as a file because later code can no longer make it.
"""

import sys
import tempfile
from pathlib import Path

from charsu.assembly import open_hub, rooms
from charsu.kernel import SYSTEM
from charsu.kernel.log import open_epoch, register
from charsu.kernel.server import dump, open_server
from charsu.migrations import upgrade
from charsu.orders import PayOrder, Pieces, ShipParcel, pay_order, ship_parcel
from tests.shop import Shop


def make(file: Path) -> None:
    """Write the shop into a file."""
    with tempfile.TemporaryDirectory() as folder, open_server(Path(folder) / "data") as server:
        list(rooms("tables"))
        upgrade(server.dsn, "0001")
        with open_hub(server.dsn, connections=2) as hub:
            with hub.writing("test") as tx:
                open_epoch(tx)
                register(tx, hub.consumers.values())
            _trade(Shop(hub))
        dump(server.dsn, file)


def _trade(shop: Shop) -> None:
    for sku in ("mug", "cup"):
        shop.has(sku, 20, at="north")
        shop.costs(sku, 1_000)
    shop.buys(mug=1)
    paid = shop.order(shop.buys(mug=2, cup=3))
    pay = PayOrder(order_id=paid.id, amount_minor=5_000, method="card", reference="till-7")
    shop.hub.run(pay_order, pay, actor=SYSTEM)
    some = (Pieces(line_id=paid.lines[1].id, quantity=2),)
    parcel = ShipParcel(fulfillment_id=paid.fulfillments[0].id, carrier="post", lines=some)
    shop.hub.run(ship_parcel, parcel, actor=SYSTEM)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
