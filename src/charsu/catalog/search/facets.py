"""Counting what found products have in common: brands, categories, sizes, colours."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, LiteralString

from msgspec import Struct

from charsu.catalog.model import in_words
from charsu.kernel import Tx

VALUES_MAX = 30  # of one facet, the most frequent ones

_COUNT: LiteralString = """
    SELECT n.name, n.value, n.count, n.samples, c.titles
    FROM (
        SELECT split_part(facet, ':', 1) AS name,
               substr(facet, position(':' IN facet) + 1) AS value, count(*) AS count,
               ARRAY[min(number), max(number)] AS samples
        FROM catalog.search_entries, unnest(facets) AS facet
        WHERE number = ANY(%(numbers)s::integer[])
        GROUP BY facet ORDER BY count DESC, facet LIMIT 500
    ) AS n
    LEFT JOIN catalog.categories AS c ON n.name = 'category' AND c.code = n.value
    ORDER BY n.count DESC, n.value
"""

# The words for a choice stand with the products that offer it: two of them are asked.
_CHOICES: LiteralString = """
    SELECT DISTINCT ON (name, value)
           option->>'name' AS name, choice->>'value' AS value, choice->'labels' AS labels
    FROM catalog.search_entries e
    JOIN catalog.products p ON p.id = e.product_id
    CROSS JOIN LATERAL jsonb_array_elements(p.options) option
    CROSS JOIN LATERAL jsonb_array_elements(option->'values') choice
    WHERE e.number = ANY(%(samples)s::integer[]) AND choice->'labels' IS NOT NULL
    ORDER BY name, value, e.number
"""

_OPTION = "option."


class FacetValue(Struct, frozen=True):
    """One value and how many of the found products have it; ``label`` is what to show."""

    value: str
    label: str
    count: int


class Facet(Struct, frozen=True):
    """A common trait: ``brand``, ``category``, ``type``, ``option.size``, …"""

    name: str
    values: tuple[FacetValue, ...]


def count_facets(tx: Tx, numbers: Sequence[int], languages: Sequence[str]) -> list[Facet]:
    """The facets of these entries, each with its most frequent values first."""
    shown: defaultdict[str, list[Any]] = defaultdict(list)
    for row in tx.all(_COUNT, numbers=numbers) if numbers else ():
        if len(shown[row.name]) < VALUES_MAX:
            shown[row.name].append(row)
    words = _choices(tx, [row for rows in shown.values() for row in rows])
    return [
        Facet(name, tuple(_value(row, words.get((name, row.value)), languages) for row in rows))
        for name, rows in sorted(shown.items())
    ]


def _choices(tx: Tx, rows: Sequence[Any]) -> dict[tuple[str, str], dict[str, str]]:
    """What the values of options are called, by facet and value."""
    samples = {one for row in rows if row.name.startswith(_OPTION) for one in row.samples}
    found = tx.all(_CHOICES, samples=sorted(samples)) if samples else ()
    return {(_OPTION + row.name, row.value): row.labels for row in found}


def _value(row: Any, choice: dict[str, str] | None, languages: Sequence[str]) -> FacetValue:
    titles: dict[str, str] = row.titles or {}  # a code says less than a title in any language
    label = in_words(titles or choice or {}, languages) or next(iter(titles.values()), row.value)
    return FacetValue(row.value, label, row.count)
