"""Čaršija, the invented chain that the stories and the demo play in.

Fashion, cosmetics, home goods and coffee bars; stores in Belgrade, Warsaw and Baku, a warehouse, a
web shop, an app and a marketplace; five languages and four currencies. All of it is invented, down
to the house numbers. ``products``, ``shop``, ``stock`` and ``synonyms`` read the files beside this
one; ``draft`` and ``variants`` unfold a product; ``pictures`` makes the files to serve.
"""

from charsu.demo.chain.goods import Variant, draft, gtin, variants
from charsu.demo.chain.model import (
    CURRENCIES,
    LANGUAGES,
    Product,
    Shop,
    products,
    shop,
    synonyms,
)
from charsu.demo.chain.pictures import draw, pictures
from charsu.demo.chain.shelves import Level, stock

__all__ = [
    "CURRENCIES",
    "LANGUAGES",
    "Level",
    "Product",
    "Shop",
    "Variant",
    "draft",
    "draw",
    "gtin",
    "pictures",
    "products",
    "shop",
    "stock",
    "synonyms",
    "variants",
]
