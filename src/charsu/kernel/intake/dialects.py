"""Whose export a product sheet is, told by columns that no other system has."""

from collections.abc import Sequence
from typing import Any

from .shape import Shape
from .shopify import shopify_products
from .spree import spree_products

SHOPIFY = ({"handle", "variant price"}, {"url handle", "option1 value"})
SPREE = ({"slug", "option1_value", "inventory_count"},)


def product_sheet(columns: Sequence[str]) -> Shape[Any] | None:
    """The shape for a known system's product sheet, or None where the columns show none."""
    found = {column.casefold() for column in columns}
    if any(signs <= found for signs in SHOPIFY):
        return shopify_products()
    if any(signs <= found for signs in SPREE):
        return spree_products()
    return None
