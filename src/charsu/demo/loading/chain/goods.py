"""The chain's products, what each channel shows of them, and what they cost there."""

from typing import LiteralString
from uuid import UUID

from charsu.catalog import (
    RecountWords,
    SetListing,
    put_many_products,
    recount_words,
    set_listing,
)
from charsu.demo.chain import Product, draft, products, variants
from charsu.demo.loading.chain.opening import Opened
from charsu.demo.loading.progress import Progress
from charsu.kernel import SYSTEM, Hub, Tx
from charsu.pricing import PriceDraft, put_many_prices

_VARIANTS: LiteralString = "SELECT sku, id FROM catalog.variants"


def put_goods(hub: Hub, opened: Opened, progress: Progress) -> None:
    """Store the products with texts, pictures, listings and prices."""
    every = products()
    with hub.writing("demo.load") as tx:
        report = put_many_products(tx, [draft(product) for product in every])
    assert not report.count("refused"), "the chain's products are sound"
    with hub.writing("demo.load") as tx:
        for product in every:
            _list(tx, product, opened)
    with hub.writing("demo.load") as tx:
        _put_prices(tx, every, opened)
    hub.run(recount_words, RecountWords(), actor=SYSTEM)
    progress("products", len(every), len(every))


def variant_ids(tx: Tx) -> dict[str, UUID]:
    """The ids of all variants by SKU."""
    return {row.sku: row.id for row in tx.all(_VARIANTS)}


def _list(tx: Tx, product: Product, opened: Opened) -> None:
    """The marketplace shows what is listed; what only stores sell is kept from the others."""
    shown = {channel.code: True for channel in opened.shop.channels if channel.kind == "store"}
    if product.sold == "in_store":
        away = [code for code in opened.channels if code not in shown]
        for code in away:
            ask = SetListing(handle=product.handle, channel=code, is_published=False)
            set_listing(tx, ask)
    elif product.category in opened.shop.marketplace_categories:
        set_listing(tx, SetListing(handle=product.handle, channel="marketplace", is_published=True))


def _put_prices(tx: Tx, every: list[Product], opened: Opened) -> None:
    ids = variant_ids(tx)
    for channel in opened.shop.channels:
        prices = [
            PriceDraft(variant_id=ids[variant.sku], amount_minor=variant.prices[channel.currency])
            for product in every
            for variant in variants(product)
        ]
        put_many_prices(tx, opened.channels[channel.code], channel.currency, prices)
