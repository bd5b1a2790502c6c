"""What is asked of the catalog, one question a file."""

from charsu.catalog.queries.list_products import list_products
from charsu.catalog.queries.read_categories import list_categories
from charsu.catalog.queries.read_channels import list_channels
from charsu.catalog.queries.read_product import find_variant, read_product
from charsu.catalog.queries.search_products import search_products

__all__ = [
    "find_variant",
    "list_categories",
    "list_channels",
    "list_products",
    "read_product",
    "search_products",
]
