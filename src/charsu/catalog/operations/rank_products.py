"""What others know about products and searches should respect: popularity, and where they are."""

from collections.abc import Collection, Mapping
from typing import LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.catalog.search.index import recount
from charsu.kernel import WHOLE_BUSINESS, Tx, operation

_POPULARITY: LiteralString = """
    UPDATE catalog.search_entries AS e SET popularity = n.popularity
    FROM unnest(%(ids)s::uuid[], %(values)s::real[]) AS n (product_id, popularity)
    WHERE e.product_id = n.product_id AND e.popularity <> n.popularity
"""

_HERE: LiteralString = """
    INSERT INTO catalog.search_places (location_id, product_id)
    SELECT DISTINCT %(location)s::uuid, product_id FROM catalog.variants
    WHERE id = ANY(%(variants)s)
    ORDER BY product_id
    ON CONFLICT DO NOTHING
"""

_GONE: LiteralString = """
    DELETE FROM catalog.search_places
    WHERE location_id = %(location)s AND product_id = ANY(%(products)s)
"""


class RecountWords(Struct, frozen=True, kw_only=True):
    """Nothing to say."""


class WordsCounted(Struct, frozen=True):
    """How many words stand in another number of products than was known."""

    changed: int


def set_popularity(tx: Tx, popularity: Mapping[UUID, float]) -> None:
    """Say how much each product is wanted, 0 to 1; of equal matches the more wanted comes first."""
    assert all(0 <= value <= 1 for value in popularity.values()), "popularity is 0 to 1"
    tx.run(_POPULARITY, ids=list(popularity), values=list(popularity.values()))


def mark_sold_at(tx: Tx, location_id: UUID, variant_ids: Collection[UUID]) -> None:
    """Say that a location has these variants to sell, for searches bound to the location.

    For whoever keeps the stock. A search believes the mark; what a page then promises is asked
    from the stock itself.
    """
    tx.run(_HERE, location=location_id, variants=list(variant_ids))


def mark_gone_from(tx: Tx, location_id: UUID, product_ids: Collection[UUID]) -> None:
    """Say that a location has no variant of these products left."""
    tx.run(_GONE, location=location_id, products=list(product_ids))


@operation(
    "catalog.recount_words",
    permission="catalog.edit",
    at=WHOLE_BUSINESS,
    http="POST /v1/search/recount",
)
def recount_words(tx: Tx, _ask: RecountWords) -> WordsCounted:
    """Count anew how common each word is, so that corrections prefer the common ones.

    Wanted after a large import and now and then; searches are right without it, only corrections
    of typos and the plans for very broad searches are better after it.
    """
    return WordsCounted(recount(tx))
