"""Files as a retailer brings them, and what the shop then holds."""

from pathlib import Path
from typing import Any

from charsu.catalog import PutChannel, put_channel
from charsu.imports import Options, run
from charsu.kernel import SYSTEM, Hub
from charsu.kernel.intake import Report
from charsu.stock import put_location
from charsu.stock.operations.locations import PutLocation


class Desk:
    """Where files are handed in."""

    def __init__(self, hub: Hub, folder: Path) -> None:
        self.hub = hub
        self._folder = folder
        web = PutChannel(code="web", name="Web", kind="web", currency="EUR")
        self.channel = hub.run(put_channel, web, actor=SYSTEM).channel_id
        store = PutLocation(
            code="knez", name="Knez", kind="store", country="RS", time_zone="Europe/Belgrade"
        )
        self.location = hub.run(put_location, store, actor=SYSTEM).location_id

    def file(self, content: str, name: str = "file.csv") -> Path:
        path = self._folder / name
        path.write_text(content, "utf-8")
        return path

    def brings(self, target: str, content: str, *, name: str = "file.csv", **more: Any) -> Report:
        options = {"channel": "web"} | more.pop("options", {})
        path = self.file(content, name)
        return run(self.hub, target, path, options=Options(**options), **more)

    def on_hand(self, sku: str) -> int | None:
        with self.hub.reading() as tx:
            return tx.value(
                """
                SELECT b.posted FROM ledger.balances b JOIN catalog.variants v ON v.id = b.thing_id
                WHERE v.sku = %(sku)s AND b.place_id = %(place)s
                """,
                sku=sku,
                place=self.location,
            )

    def price(self, sku: str) -> int | None:
        with self.hub.reading() as tx:
            return tx.value(
                """
                SELECT p.amount_minor FROM pricing.prices p
                JOIN catalog.variants v ON v.id = p.variant_id
                WHERE v.sku = %(sku)s ORDER BY p.valid_from DESC LIMIT 1
                """,
                sku=sku,
            )

    def count(self, table: str) -> int:
        with self.hub.reading() as tx:
            return int(tx.value(f"SELECT count(*) FROM {table}"))
