"""The shop that is tortured: one channel, three locations, and more goods than anybody buys."""

from uuid import UUID

from msgspec import Struct

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
from charsu.kernel.access import IssueKey, KeyRole, digest_of, issue_key, new_token
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
from charsu.stock import (
    PutLocation,
    ReceiveStock,
    ServeChannel,
    StockLine,
    put_location,
    receive_stock,
    serve_channel,
)

PRODUCTS = 24
PIECES = 100_000  # of each product at each location
STORES = ("north", "south", "east")


class Goods(Struct, frozen=True):
    """What buyers need to know.

    secret  of an API key that may do everything
    """

    channel_id: UUID
    variant_ids: tuple[UUID, ...]
    secret: str
    pieces: int  # received in all


def furnish(hub: Hub) -> Goods:
    """Make an empty shop ready to sell."""
    channel = _channel(hub)
    locations = tuple(_location(hub, code) for code in STORES)
    hub.run(serve_channel, ServeChannel(channel_id=channel, location_ids=locations), actor=SYSTEM)
    skus = [f"thing-{number}" for number in range(PRODUCTS)]
    variants = tuple(_product(hub, sku) for sku in skus)
    prices = tuple(
        PriceDraft(variant_id=variant, amount_minor=333 + 100 * number)
        for number, variant in enumerate(variants)
    )
    ask = PutPrices(channel_id=channel, currency="EUR", prices=prices)
    hub.run(put_prices, ask, actor=SYSTEM)
    for location in locations:
        lines = tuple(StockLine(sku=sku, pieces=PIECES) for sku in skus)
        hub.run(receive_stock, ReceiveStock(location_id=location, lines=lines), actor=SYSTEM)
    return Goods(channel, variants, _key(hub), PIECES * len(skus) * len(locations))


def _channel(hub: Hub) -> UUID:
    ask = PutChannel(code="web", name="Web shop", kind="web", currency="EUR")
    channel = hub.run(put_channel, ask, actor=SYSTEM).channel_id
    hub.run(open_price_list, OpenPriceList(channel_id=channel, currency="EUR"), actor=SYSTEM)
    rates = (TaxRate(tax_class="standard", rate_ppm=200_000),)
    hub.run(put_tax_rates, PutTaxRates(country="RS", rates=rates), actor=SYSTEM)
    return channel


def _location(hub: Hub, code: str) -> UUID:
    ask = PutLocation(
        code=code,
        name=code.title(),
        kind="store",
        country="RS",
        time_zone="Europe/Belgrade",
        ships=True,
    )
    return hub.run(put_location, ask, actor=SYSTEM).location_id


def _product(hub: Hub, sku: str) -> UUID:
    texts = {"en": ProductText(title=sku.title())}
    draft = ProductDraft(handle=sku, texts=texts, variants=(VariantDraft(sku=sku),))
    hub.run(put_product, PutProduct(product=draft), actor=SYSTEM)
    with hub.reading() as tx:
        variant: UUID = tx.value("SELECT id FROM catalog.variants WHERE sku = %(sku)s", sku=sku)
    return variant


def _key(hub: Hub) -> str:
    secret = new_token("key")
    roles = (KeyRole(role="admin"),)
    ask = IssueKey(label="torture", digest=digest_of(secret).hex(), roles=roles)
    hub.run(issue_key, ask, actor=SYSTEM)
    return secret
