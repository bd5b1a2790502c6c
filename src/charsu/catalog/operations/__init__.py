"""What changes the catalog, one verb a file."""

from charsu.catalog.operations.archive_product import archive_product
from charsu.catalog.operations.put_category import put_category
from charsu.catalog.operations.put_channel import put_channel
from charsu.catalog.operations.put_product import put_product
from charsu.catalog.operations.put_synonyms import put_synonyms
from charsu.catalog.operations.rank_products import recount_words
from charsu.catalog.operations.set_listing import set_listing

__all__ = [
    "archive_product",
    "put_category",
    "put_channel",
    "put_product",
    "put_synonyms",
    "recount_words",
    "set_listing",
]
