"""Writing the entries of stored products anew, after something around them has changed."""

from collections.abc import Sequence
from uuid import UUID

from charsu.catalog.search.document import entry_of
from charsu.catalog.search.index import (
    category_places,
    channel_words,
    forget_entries,
    store_entries,
)
from charsu.catalog.stored import stored_products
from charsu.kernel import Tx

CHUNK = 2000


def reindex(tx: Tx, product_ids: Sequence[UUID]) -> None:
    """Bring the entries of these products up to what is stored."""
    for start in range(0, len(product_ids), CHUNK):
        _reindex(tx, product_ids[start : start + CHUNK])


def _reindex(tx: Tx, product_ids: Sequence[UUID]) -> None:
    products = stored_products(tx, product_ids)
    places = category_places(tx, {p.draft.category for p in products if p.draft.category})
    listed = channel_words(tx, product_ids)
    entries = {
        product.id: entry_of(
            product.draft, places.get(product.draft.category or ""), listed.get(product.id, ())
        )
        for product in products
        if product.draft.status == "active"
    }
    store_entries(tx, entries)
    forget_entries(tx, [id_ for id_ in product_ids if id_ not in entries])
