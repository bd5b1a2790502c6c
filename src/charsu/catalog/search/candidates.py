"""Fetching and ranking the entries that answer a question, in a few milliseconds of the database.

At most CANDIDATES_MAX entries are ranked. A question with more answers than that is too broad
for an order by relevance to mean much, so the most popular ones stand for all, and counts say
"at least". There are two ways to the same answer: by the words (reading every match), and by
popularity (reading entries until enough match). Which is cheaper depends on how broad it is.
"""

from collections.abc import Sequence
from math import prod, sqrt
from typing import LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.catalog.search.question import Question, narrowed
from charsu.kernel import Tx

CANDIDATES_MAX = 500

# How well an entry answers, 0 to 4.5. Words found in a title count 1, in brand or subtitle .6, in
# category or options .4, in a description .1; 1.645 takes back ts_rank's own scale. Then how much
# of the title was asked for, so that a title that says no more than the query comes first.
_SCORE: LiteralString = """
    3 * 1.645 * ts_rank('{0.1, 0.4, 0.6, 1}', document, %(ranked)s::tsquery)
    + least(1.0, %(asked)s::real / greatest(title_words, 1)) + 0.5 * popularity
"""

# Products of the same title take turns with others that answer nearly as well, or ten makers of
# one thing would fill the first page.
_IN_TURN: LiteralString = """
    SELECT array(
        SELECT number FROM (
            SELECT number, score - 0.4 * least(3, row_number() OVER (
                PARTITION BY title_number ORDER BY score DESC, number) - 1) AS score
            FROM matches
        ) AS turns
        ORDER BY score DESC, number
    )
"""

# Statements are put together once, from constants only.
_BY_WORDS: LiteralString = (
    "WITH matches AS (SELECT number, title_number,"  # noqa: S608
    + _SCORE
    + """
        AS score FROM catalog.search_entries AS e
        WHERE document @@ %(found)s::tsquery
          AND (%(location)s::uuid IS NULL OR EXISTS (
              SELECT FROM catalog.search_places AS p
              WHERE p.location_id = %(location)s AND p.product_id = e.product_id))
        ORDER BY score DESC, number LIMIT %(most)s)
    """
    + _IN_TURN
)

# IS NOT FALSE keeps the planner from the words' index, which would read every match.
_BY_POPULARITY: LiteralString = (
    "WITH matches AS (SELECT number, title_number,"  # noqa: S608
    + _SCORE
    + """
        AS score FROM (
            SELECT number, title_number, document, title_words, popularity
            FROM catalog.search_entries
            WHERE (%(found)s = '' OR (document @@ %(found)s::tsquery) IS NOT FALSE)
            ORDER BY popularity DESC, number LIMIT %(most)s
        ) AS popular)
    """
    + _IN_TURN
)

_BY_PLACE: LiteralString = (
    "WITH matches AS (SELECT number, title_number,"  # noqa: S608
    + _SCORE
    + """
        AS score FROM catalog.search_places AS p
        JOIN catalog.search_entries AS e ON e.product_id = p.product_id
        WHERE p.location_id = %(location)s
          AND (%(found)s = '' OR (document @@ %(found)s::tsquery) IS NOT FALSE)
        ORDER BY score DESC, number LIMIT %(most)s)
    """
    + _IN_TURN
)


class Scope(Struct, frozen=True):
    """What a search is bound to besides its words.

    filters        texts of a tsquery, all of which must hold
    shares         what share of all entries each filter lets through, 0 to 1
    entries        how many entries there are
    location_id    a place that must have the product to sell
    """

    filters: tuple[str, ...]
    shares: tuple[float, ...]
    entries: int
    location_id: UUID | None = None


def candidates(tx: Tx, question: Question, scope: Scope, *, asked: int, share: float) -> list[int]:
    """Numbers of the entries that answer best, the best first; at most CANDIDATES_MAX.

    asked   how many words were typed
    share   what share of all entries the words let through, 0 to 1, as far as is known
    """
    found = narrowed(question.found, scope.filters)
    numbers: list[int] = tx.value(
        _way(scope, [share, *scope.shares], found),
        found=found,
        ranked=question.ranked,
        asked=asked,
        location=scope.location_id,
        most=CANDIDATES_MAX,
    )
    return numbers


def _way(scope: Scope, shares: Sequence[float], found: str) -> LiteralString:
    """The statement that reads the least.

    By popularity costs about CANDIDATES_MAX / share entries, by words about entries * share. Two
    narrow conditions together may let nothing through, and only the index sees that cheaply.
    """
    narrow = [share for share in shares if share < 0.5]
    matches = scope.entries * prod(shares)
    if found and (len(narrow) > 1 or matches < sqrt(CANDIDATES_MAX * scope.entries)):
        return _BY_WORDS
    return _BY_POPULARITY if scope.location_id is None else _BY_PLACE
