"""A small shop for suites to buy in: everything that they ask for by name, and little more."""

from dataclasses import dataclass
from uuid import UUID

from charsu.catalog import (
    Option,
    OptionValue,
    ProductDraft,
    ProductText,
    PutChannel,
    PutProduct,
    VariantDraft,
    put_channel,
    put_product,
)
from charsu.channels.ucp import ADDRESS, CHANNEL, CONTINUE_URL, ORDER_URL, SIGNED
from charsu.kernel import SYSTEM, Hub, Setting, show_id
from charsu.kernel.setup.operations import ChangeSetting, change_setting
from charsu.orders import PutDeliveryMethod, Rate, put_delivery_method
from charsu.pricing import (
    CouponDraft,
    CouponTerms,
    OpenPriceList,
    PriceDraft,
    PutCoupon,
    PutPrices,
    PutTaxRates,
    TaxRate,
    open_price_list,
    put_coupon,
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

CURRENCY = "USD"
COUNTRY = "US"
LAMPS = 24


@dataclass
class Market:
    """The shop's hub, and its variants by SKU."""

    hub: Hub
    channel: UUID
    variants: dict[str, UUID]

    def item(self, sku: str) -> str:
        """What platforms call this variant."""
        return show_id("var", self.variants[sku])

    def set(self, setting: Setting[object], value: object) -> None:
        """Change a setting of the shop."""
        ask = ChangeSetting(name=setting.name, value=value)
        self.hub.run(change_setting, ask, actor=SYSTEM)


def open_market(hub: Hub, *, address: str = "") -> Market:
    """Mugs, cups, shirts in three sizes, many lamps, and vases that are sold out; two stores."""
    ask = PutChannel(code="web", name="Web", kind="web", currency=CURRENCY)
    channel = hub.run(put_channel, ask, actor=SYSTEM).channel_id
    hub.run(open_price_list, OpenPriceList(channel_id=channel, currency=CURRENCY), actor=SYSTEM)
    market = Market(hub, channel, {})
    _settings(market, address)
    _taxes(hub)
    _deliveries(hub)
    _coupons(hub)
    _goods(market)
    _stores(market)
    return market


def _settings(market: Market, address: str) -> None:
    market.set(CHANNEL, "web")
    market.set(ADDRESS, address)
    market.set(SIGNED, False)
    market.set(CONTINUE_URL, "https://shop.example/checkout/{id}")
    market.set(ORDER_URL, "https://shop.example/orders/{number}")
    ask = ChangeSetting(name="shopping.country", value=COUNTRY)
    market.hub.run(change_setting, ask, actor=SYSTEM)


def _taxes(hub: Hub) -> None:
    rates = (TaxRate(tax_class="standard", rate_ppm=80_000),)
    hub.run(put_tax_rates, PutTaxRates(country=COUNTRY, rates=rates), actor=SYSTEM)


def _deliveries(hub: Hub) -> None:
    for code, title, kind, minor in (
        ("std", "Standard", "ship", 500),
        ("express", "Express", "ship", 1_500),
        ("store", "Store pick-up", "pickup", 0),
    ):
        ask = PutDeliveryMethod(
            code=code,
            titles={"en": title},
            kind=kind,  # type: ignore[arg-type]
            rates=(Rate(currency=CURRENCY, amount_minor=minor),),
        )
        hub.run(put_delivery_method, ask, actor=SYSTEM)


def _coupons(hub: Hub) -> None:
    tenth = CouponDraft(code="10OFF", discount_ppm=100_000, combines=True)
    fixed = CouponDraft(
        code="FIXED100", terms=(CouponTerms(currency=CURRENCY, off_minor=100),), combines=True
    )
    for draft in (tenth, fixed):
        hub.run(put_coupon, PutCoupon(coupon=draft), actor=SYSTEM)


def _goods(market: Market) -> None:
    for sku, minor in (("mug", 1_000), ("cup", 1_300), ("vase", 2_500)):
        _product(market, sku, minor, (VariantDraft(sku=sku),))
    sizes = tuple(
        VariantDraft(sku=f"shirt-{size}", options={"size": size.upper()}) for size in "sml"
    )
    values = tuple(OptionValue(value=size) for size in "SML")
    _product(market, "shirt", 3_000, sizes, (Option(name="size", values=values),))
    for number in range(LAMPS):
        _product(market, f"lamp-{number}", 4_000 + number, (VariantDraft(sku=f"lamp-{number}"),))


def _product(
    market: Market,
    handle: str,
    minor: int,
    variants: tuple[VariantDraft, ...],
    options: tuple[Option, ...] = (),
) -> None:
    draft = ProductDraft(
        handle=handle,
        texts={"en": ProductText(title=handle.title().replace("-", " "))},
        variants=variants,
        options=options,
    )
    market.hub.run(put_product, PutProduct(product=draft), actor=SYSTEM)
    with market.hub.reading() as tx:
        rows = tx.all(
            "SELECT id, sku FROM catalog.variants WHERE sku = ANY(%(skus)s)",
            skus=[variant.sku for variant in variants],
        )
    market.variants |= {row.sku: row.id for row in rows}
    prices = tuple(PriceDraft(variant_id=row.id, amount_minor=minor) for row in rows)
    ask = PutPrices(channel_id=market.channel, currency=CURRENCY, prices=prices)
    market.hub.run(put_prices, ask, actor=SYSTEM)


def _stores(market: Market) -> None:
    ids = []
    for code, town in (("north", "Springfield"), ("south", "Shelbyville")):
        ask = PutLocation(
            code=code,
            name=f"Store {code}",
            kind="store",
            country=COUNTRY,
            town=town,
            street="1 Main St",
            time_zone="America/Chicago",
            offers_pickup=True,
            ships=True,
        )
        ids.append(market.hub.run(put_location, ask, actor=SYSTEM).location_id)
    serve = ServeChannel(channel_id=market.channel, location_ids=tuple(ids))
    market.hub.run(serve_channel, serve, actor=SYSTEM)
    lines = tuple(StockLine(sku=sku, pieces=5_000) for sku in market.variants if sku != "vase")
    market.hub.run(receive_stock, ReceiveStock(location_id=ids[0], lines=lines), actor=SYSTEM)
    few = (StockLine(sku="mug", pieces=3),)
    market.hub.run(receive_stock, ReceiveStock(location_id=ids[1], lines=few), actor=SYSTEM)
