"""Counting what found products have in common: brands, categories, sizes, colours."""

from collections import defaultdict
from collections.abc import Sequence
from typing import LiteralString

from msgspec import Struct

from charsu.kernel import Tx

VALUES_MAX = 30  # of one facet, the most frequent ones

_COUNT: LiteralString = """
    SELECT n.name, n.value, n.count, c.titles
    FROM (
        SELECT split_part(facet, ':', 1) AS name,
               substr(facet, position(':' IN facet) + 1) AS value, count(*) AS count
        FROM catalog.search_entries, unnest(facets) AS facet
        WHERE number = ANY(%(numbers)s::integer[])
        GROUP BY facet ORDER BY count DESC, facet LIMIT 500
    ) AS n
    LEFT JOIN catalog.categories AS c ON n.name = 'category' AND c.code = n.value
    ORDER BY n.count DESC, n.value
"""


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
    found: defaultdict[str, list[FacetValue]] = defaultdict(list)
    for row in tx.all(_COUNT, numbers=numbers) if numbers else ():
        if len(found[row.name]) < VALUES_MAX:
            label = _label(row.titles, languages) or row.value
            found[row.name].append(FacetValue(row.value, label, row.count))
    return [Facet(name, tuple(values)) for name, values in sorted(found.items())]


def _label(titles: dict[str, str] | None, languages: Sequence[str]) -> str | None:
    if not titles:
        return None
    best = (titles[language] for language in languages if language in titles)
    return next(best, None) or next(iter(titles.values()))
