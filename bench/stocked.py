"""A shop with products, prices and plenty of stock, made through public operations."""

from uuid import UUID

from msgspec import Struct

from charsu.assembly import open_hub
from charsu.catalog import (
    ProductDraft,
    ProductText,
    PutChannel,
    PutProduct,
    VariantDraft,
    put_channel,
    put_product,
)
from charsu.kernel import SYSTEM, Hub
from charsu.pricing import (
    OpenPriceList,
    PriceDraft,
    PutPrices,
    PutTaxRates,
    TaxRate,
    open_price_list,
    put_prices,
    put_tax_rates,
)
from charsu.stock import put_location, receive_stock, serve_channel
from charsu.stock.documents import StockLine
from charsu.stock.operations.locations import PutLocation, ServeChannel
from charsu.stock.operations.receive import ReceiveStock

PRODUCTS = 200


class Stocked(Struct, frozen=True):
    """What buyers need to know."""

    channel: UUID
    location: UUID
    variants: list[UUID]


def stock_shop(conninfo: str, *, products: int = PRODUCTS, pieces: int = 10**8) -> Stocked:
    """One channel, one location, and so many products with so many pieces each."""
    with open_hub(conninfo, connections=2) as hub:
        channel = hub.run(
            put_channel,
            PutChannel(code="web", name="Web", kind="web", currency="EUR"),
            actor=SYSTEM,
        ).channel_id
        location = _location(hub, channel)
        variants = [_product(hub, f"sku-{number}") for number in range(products)]
        _prices(hub, channel, variants)
        lines = tuple(StockLine(sku=f"sku-{n}", pieces=pieces) for n in range(products))
        hub.run(receive_stock, ReceiveStock(location_id=location, lines=lines), actor=SYSTEM)
    return Stocked(channel, location, variants)


def _location(hub: Hub, channel: UUID) -> UUID:
    ask = PutLocation(
        code="main", name="Main", kind="warehouse", country="RS", time_zone="UTC", ships=True
    )
    location = hub.run(put_location, ask, actor=SYSTEM).location_id
    hub.run(serve_channel, ServeChannel(channel_id=channel, location_ids=(location,)), actor=SYSTEM)
    return location


def _product(hub: Hub, sku: str) -> UUID:
    draft = ProductDraft(
        handle=sku, texts={"en": ProductText(title=sku)}, variants=(VariantDraft(sku=sku),)
    )
    hub.run(put_product, PutProduct(product=draft), actor=SYSTEM)
    with hub.reading() as tx:
        found: UUID = tx.value("SELECT id FROM catalog.variants WHERE sku = %(sku)s", sku=sku)
    return found


def _prices(hub: Hub, channel: UUID, variants: list[UUID]) -> None:
    hub.run(open_price_list, OpenPriceList(channel_id=channel, currency="EUR"), actor=SYSTEM)
    rates = (TaxRate(tax_class="standard", rate_ppm=200_000),)
    hub.run(put_tax_rates, PutTaxRates(country="RS", rates=rates), actor=SYSTEM)
    prices = tuple(PriceDraft(variant_id=variant, amount_minor=999) for variant in variants)
    hub.run(
        put_prices,
        PutPrices(channel_id=channel, currency="EUR", prices=prices),
        actor=SYSTEM,
    )
