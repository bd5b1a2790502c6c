"""The year's shop before its trade: channel, stores, products with prices, households."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import polars as pl
from msgspec import Struct

from charsu.catalog import (
    PutChannel,
    RecountWords,
    put_category,
    put_channel,
    put_many_products,
    recount_words,
)
from charsu.customers import Address, CustomerDraft, put_many_customers
from charsu.demo.loading.parts import put_in_parts
from charsu.demo.loading.progress import Progress
from charsu.demo.year import CURRENCY, Year, category_drafts, product_drafts
from charsu.kernel import SYSTEM, Hub, Tx
from charsu.orders import PutDeliveryMethod, Rate, put_delivery_method
from charsu.pricing import PriceDraft, PutTaxRates, TaxRate, put_many_prices, put_tax_rates
from charsu.stock import Place, PutLocation, ServeChannel, put_location, serve_channel

CHANNEL = "stores"
COUNTRY = "US"
SOURCE = "till"  # the system whose numbers households and baskets carry
CUSTOMERS_AT_ONCE = 1_000
PRODUCTS_AT_ONCE = 2_500
PRICES_AT_ONCE = 5_000


class YearShop(Struct, frozen=True):
    """Where the year's trade takes place, by the source's codes.

    variants   sku, variant_id (text) and title of every product
    stores     store_code, location_id (text)
    customers  household_code, customer_id (text)
    """

    channel_id: UUID
    variants: pl.DataFrame
    stores: pl.DataFrame
    customers: pl.DataFrame


def open_shop(hub: Hub, year: Year, progress: Progress) -> YearShop:
    """Everything that orders speak of, in place."""
    with hub.writing("demo.load") as tx:
        channel = _put_channel(tx)
        stores = _put_stores(tx, channel, year.stores)
    customers = _put_customers(hub, year.households, progress)
    _put_products(hub, year, progress)
    variants = _variants(hub, year.products)
    _put_prices(hub, year, channel, variants, progress)
    return YearShop(channel, variants, stores, customers)


def _put_channel(tx: Tx) -> UUID:
    """The stores as one channel. The source knows no taxes, so the rate is nought."""
    opened = put_channel(
        tx,
        PutChannel(code=CHANNEL, name="Stores", kind="store", currency=CURRENCY, tax_mode="added"),
    )
    put_tax_rates(
        tx, PutTaxRates(country=COUNTRY, rates=(TaxRate(tax_class="standard", rate_ppm=0),))
    )
    parcel = Rate(currency=CURRENCY, amount_minor=499, free_from_minor=5_000)
    put_delivery_method(
        tx,
        PutDeliveryMethod(
            code="parcel",
            titles={"en": "Parcel"},
            kind="ship",
            rates=(parcel,),
            countries=(COUNTRY,),
            days_min=1,
            days_max=3,
        ),
    )
    return opened.channel_id


def _put_stores(tx: Tx, channel: UUID, stores: pl.DataFrame) -> pl.DataFrame:
    ids = [put_location(tx, _store(row)).location_id for row in stores.iter_rows(named=True)]
    serve_channel(tx, ServeChannel(channel_id=channel, location_ids=tuple(ids)))
    return pl.DataFrame({"store_code": stores["code"], "location_id": [str(id_) for id_ in ids]})


def _store(row: dict[str, Any]) -> PutLocation:
    day = ((row["opens"], row["closes"]),)
    return PutLocation(
        code=row["code"],
        name=row["name"],
        kind="store",
        country=row["country"],
        time_zone=row["time_zone"],
        town=row["town"],
        place=Place(row["latitude"], row["longitude"]),
        hours=(day,) * 7,
        offers_pickup=not row["is_minor"],
        ships=not row["is_minor"],
    )


def _put_customers(hub: Hub, households: pl.DataFrame, progress: Progress) -> pl.DataFrame:
    drafts = [_customer(row) for row in households.iter_rows(named=True)]

    def put(some: Sequence[CustomerDraft]) -> list[str]:
        with hub.writing("demo.load") as tx:
            outcomes = put_many_customers(tx, some, historical=True)
        return [str(outcome.customer_id) for outcome in outcomes]

    ids: list[str] = []
    for _, done in put_in_parts(drafts, CUSTOMERS_AT_ONCE, put):
        ids += done
        progress("customers", len(ids), len(drafts))
    return pl.DataFrame({"household_code": households["code"], "customer_id": ids})


def _customer(row: dict[str, Any]) -> CustomerDraft:
    home = Address(
        street=row["street"], town=row["town"], region=row["region"], country=row["country"]
    )
    return CustomerDraft(
        source=SOURCE,
        external_id=row["code"],
        email=row["email"],
        phone=row["phone"],
        given_name=row["given_name"],
        family_name=row["family_name"],
        language="en",
        addresses=(home,),
        is_invented=True,
    )


def _put_products(hub: Hub, year: Year, progress: Progress) -> None:
    with hub.writing("demo.load") as tx:
        for ask in category_drafts(year.categories):
            put_category(tx, ask)

    def put(part: Sequence[int]) -> None:
        drafts = list(product_drafts(year.products.slice(part[0], len(part))))
        with hub.writing("demo.load") as tx:
            report = put_many_products(tx, drafts, historical=True)
        assert not report.count("refused"), "the year's products are sound"

    for part, _ in put_in_parts(range(year.products.height), PRODUCTS_AT_ONCE, put):
        progress("products", part[-1] + 1, year.products.height)
    hub.run(recount_words, RecountWords(), actor=SYSTEM)


_VARIANTS: LiteralString = "SELECT sku, id::text AS variant_id FROM catalog.variants"


def _variants(hub: Hub, products: pl.DataFrame) -> pl.DataFrame:
    with hub.reading() as tx:
        rows = tx.all(_VARIANTS)
    schema = {"sku": pl.String, "variant_id": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row").join(
        products.select("sku", "title"), on="sku"
    )


def _put_prices(
    hub: Hub, year: Year, channel: UUID, variants: pl.DataFrame, progress: Progress
) -> None:
    """The usual price of each product that was ever sold, in force since the year began."""
    priced = year.products.join(variants, on="sku").drop_nulls("price_minor")
    since = _first_day(year)
    drafts = [
        PriceDraft(variant_id=UUID(variant), amount_minor=price, valid_from=since)
        for variant, price in priced.select("variant_id", "price_minor").iter_rows()
    ]
    done = 0

    def put(some: Sequence[PriceDraft]) -> None:
        with hub.writing("demo.load") as tx:
            put_many_prices(tx, channel, CURRENCY, some, historical=True)

    for some, _ in put_in_parts(drafts, PRICES_AT_ONCE, put):
        done += len(some)
        progress("prices", done, len(drafts))


def _first_day(year: Year) -> datetime:
    opened: datetime = year.levels["opened_at"].min()  # type: ignore[assignment]
    return opened
