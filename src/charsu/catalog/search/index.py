"""Keeping the index: written in the transaction that changes the product.

So a product is found from the commit that stores it, and an index that disagrees with the catalog
cannot exist; a consumer of the log would lag and could stop. The price is the GIN insert, about
a tenth of storing a product. Only the counts behind the ranking of corrections are left for later
(``recount_words``), since counting in place would make all writers queue for the commonest words.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import LiteralString
from uuid import UUID

import msgspec

from charsu.catalog.model import ListingText
from charsu.catalog.search.document import CategoryPlace, ChannelWords, Entry
from charsu.catalog.search.words import shapes_of
from charsu.kernel import Tx

_SEPARATOR = "\x1f"

_STORE: LiteralString = """
    INSERT INTO catalog.search_entries AS e 
        (product_id, document, facets, title_words, title_number)
    SELECT id, document::tsvector, string_to_array(facets, %(separator)s), title_words,
           title_number
    FROM unnest(%(ids)s::uuid[], %(documents)s::text[], %(facets)s::text[],
                %(title_words)s::smallint[], %(title_numbers)s::integer[])
         AS n (id, document, facets, title_words, title_number)
    ON CONFLICT (product_id) DO UPDATE
    SET document = excluded.document, facets = excluded.facets,
        title_words = excluded.title_words, title_number = excluded.title_number
    WHERE (e.document, e.facets, e.title_number)
          IS DISTINCT FROM (excluded.document, excluded.facets, excluded.title_number)
"""

_FORGET: LiteralString = "DELETE FROM catalog.search_entries WHERE product_id = ANY(%(ids)s)"

# In the order of the words, so that two writers who meet wait for each other at most one way.
_LEARN: LiteralString = """
    INSERT INTO catalog.search_words (word, entries)
    SELECT word, 1 FROM unnest(%(words)s::text[]) AS n (word) ORDER BY word
    ON CONFLICT (word) DO NOTHING
    RETURNING word
"""

_LEARN_SHAPES: LiteralString = """
    INSERT INTO catalog.search_shapes (shape, word)
    SELECT shape, word FROM unnest(%(shapes)s::text[], %(words)s::text[]) AS n (shape, word)
    ORDER BY word, shape
    ON CONFLICT (shape, word) DO NOTHING
"""

_KNOWN: LiteralString = """
    SELECT n.word FROM unnest(%(words)s::text[]) AS n (word)
    WHERE NOT EXISTS (SELECT FROM catalog.search_words AS w WHERE w.word = n.word)
"""

_COUNT: LiteralString = """
    INSERT INTO catalog.search_words AS w (word, entries)
    SELECT word, entries FROM (
        SELECT word, ndoc AS entries FROM ts_stat('SELECT document FROM catalog.search_entries')
        UNION ALL SELECT '', count(*) FROM catalog.search_entries
    ) AS n ORDER BY word
    ON CONFLICT (word) DO UPDATE SET entries = excluded.entries
    WHERE w.entries <> excluded.entries
"""

_UNUSED: LiteralString = """
    WITH unused AS (
        DELETE FROM catalog.search_words AS w
        WHERE w.word <> '' AND NOT EXISTS (
            SELECT FROM ts_stat('SELECT document FROM catalog.search_entries') AS s
            WHERE s.word = w.word)
        RETURNING word
    )
    DELETE FROM catalog.search_shapes AS s USING unused WHERE s.word = unused.word
"""

_WITHOUT_SHAPES: LiteralString = """
    SELECT word FROM catalog.search_words AS w
    WHERE word <> '' AND position(':' IN word) = 0
      AND NOT EXISTS (SELECT FROM catalog.search_shapes AS s
                      WHERE s.word = w.word AND s.shape = left(w.word, 5))
"""

_LISTED: LiteralString = """
    SELECT l.product_id, c.code, l.is_published, l.texts
    FROM catalog.listings AS l JOIN catalog.channels AS c ON c.id = l.channel_id
    WHERE l.product_id = ANY(%(ids)s) ORDER BY c.code
"""

_PLACES: LiteralString = """
    SELECT c.id, c.code, c.path,
           (SELECT jsonb_agg(a.titles ORDER BY cardinality(a.path))
            FROM catalog.categories AS a WHERE a.code = ANY(c.path)) AS titles
    FROM catalog.categories AS c WHERE c.code = ANY(%(codes)s)
"""


def store_entries(tx: Tx, entries: Mapping[UUID, Entry]) -> None:
    """Put these products' entries into the index, or replace them."""
    if not entries:
        return
    rows = sorted(entries.items(), key=lambda item: item[0].int)
    tx.run(
        _STORE,
        ids=[product for product, _ in rows],
        documents=[entry.document for _, entry in rows],
        facets=[_SEPARATOR.join(entry.facets) for _, entry in rows],
        title_words=[entry.title_words for _, entry in rows],
        title_numbers=[entry.title_number for _, entry in rows],
        separator=_SEPARATOR,
    )
    learn(tx, frozenset().union(*(entry.words for entry in entries.values())))


def forget_entries(tx: Tx, product_ids: Collection[UUID]) -> None:
    """Take products out of the index."""
    if product_ids:
        tx.run(_FORGET, ids=list(product_ids))


def learn(tx: Tx, words: Collection[str]) -> None:
    """Add words to those that a slip of the finger may have meant."""
    unknown = [row.word for row in tx.all(_KNOWN, words=list(words))]
    if unknown:
        _learn_shapes(tx, [row.word for row in tx.all(_LEARN, words=unknown)])


def recount(tx: Tx) -> int:
    """Count anew in how many entries each word stands, and forget words that stand in none."""
    counted = tx.run(_COUNT)
    tx.run(_UNUSED)
    _learn_shapes(tx, [row.word for row in tx.all(_WITHOUT_SHAPES)])
    return counted


def _learn_shapes(tx: Tx, words: Sequence[str]) -> None:
    pairs = [(shape, word) for word in words for shape in shapes_of(word)]
    if pairs:
        shapes, of_words = map(list, zip(*pairs, strict=True))
        tx.run(_LEARN_SHAPES, shapes=shapes, words=of_words)


def channel_words(tx: Tx, product_ids: Collection[UUID]) -> dict[UUID, list[ChannelWords]]:
    """How each channel lists these products; products without a listing are left out."""
    found: dict[UUID, list[ChannelWords]] = {}
    for row in tx.all(_LISTED, ids=list(product_ids)):
        texts = msgspec.convert(row.texts, dict[str, ListingText])
        found.setdefault(row.product_id, []).append(ChannelWords(row.code, row.is_published, texts))
    return found


def category_places(tx: Tx, codes: Collection[str]) -> dict[str, CategoryPlace]:
    """Where these categories stand, by code; unknown codes are left out."""
    return {
        row.code: CategoryPlace(row.id, row.path, row.titles)
        for row in tx.all(_PLACES, codes=list(codes))
    }
