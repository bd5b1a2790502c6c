"""Which words the catalog knows: what was typed, what it begins, what was meant, what is the same.

A few small statements, each over all words of a query at once; slips are looked for only where
nothing begins with what was typed, or nothing was found.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import LiteralString

from msgspec import Struct

from charsu.catalog.search.words import shapes_typed, slips, slips_allowed, stem
from charsu.kernel import Tx

MEANT_MAX = 6  # words that one typed word may have meant to be
COMPARED_MAX = 80  # words with a shape in common that are compared letter by letter
TERM_WORDS_MAX = 3  # a longer phrase is a sentence, and has no synonym
_HALF_MIN = 3  # letters of each part of a word that may have lost its blank

_ENTRIES: LiteralString = """
    SELECT word, entries FROM catalog.search_words WHERE word = ANY(%(words)s)
"""

_SHARING_SHAPES: LiteralString = """
    SELECT typed, word, entries
    FROM (SELECT n.typed, w.word, w.entries,
                 row_number() OVER (PARTITION BY n.typed ORDER BY w.entries DESC, w.word) AS place
          FROM (SELECT DISTINCT a.typed, s.word
                FROM unnest(%(typed)s::text[], %(shapes)s::text[]) AS a (typed, shape)
                JOIN catalog.search_shapes AS s ON s.shape = a.shape
                WHERE length(s.word) >= length(a.typed) - 2) AS n
          JOIN catalog.search_words AS w ON w.word = n.word) AS near
    WHERE place <= %(most)s
"""

# In collation C every word that begins with p sorts from p to just before p and the last letter.
_LOOK_UP: LiteralString = """
    SELECT n.typed AS term, NULL AS name,
           (SELECT entries FROM catalog.search_words WHERE word = n.typed) AS exactly,
           (SELECT sum(entries) FROM catalog.search_words
            WHERE word >= n.beginning AND word < n.beginning || U&'\\+10FFFF') AS beginning
    FROM unnest(%(typed)s::text[], %(beginnings)s::text[]) AS n (typed, beginning)
    UNION ALL
    SELECT a.term, b.term, NULL, NULL
    FROM catalog.search_synonyms AS a
    JOIN catalog.search_synonyms AS b
      ON b.language = a.language AND b.group_number = a.group_number AND b.term <> a.term
    WHERE a.term = ANY(%(runs)s)
    UNION ALL
    SELECT n.pair, w.word, NULL, NULL
    FROM unnest(%(pairs)s::text[], %(joined)s::text[]) AS n (pair, joined)
    JOIN catalog.search_words AS w ON w.word = n.joined
"""


class Known(Struct, frozen=True):
    """In how many entries a typed word stands itself, and words that begin with its stem."""

    exactly: int
    beginning: int


class Meant(Struct, frozen=True, order=True):
    """A word of the catalog that a typed word may have been meant to be; the best sorts first."""

    slips: int
    rarity: int  # entries, negative
    word: str


class Knowledge(Struct, frozen=True):
    """What the catalog knows of typed words.

    words  how well it knows each
    names  for each run of one to three words that has them: its synonyms, and a pair as one word
    """

    words: dict[str, Known]
    names: dict[str, list[str]]


def look_up(tx: Tx, words: Sequence[str]) -> Knowledge:
    """What the catalog knows of these words, in their order."""
    typed = list(dict.fromkeys(words))
    lengths = range(1, TERM_WORDS_MAX + 1)
    pairs = [" ".join(pair) for pair in _runs(words, 2) if all(map(str.isalpha, pair))]
    rows = tx.all(
        _LOOK_UP,
        typed=typed,
        beginnings=[stem(word) for word in typed],
        runs=[" ".join(run) for length in lengths for run in _runs(words, length)],
        pairs=pairs,
        joined=[pair.replace(" ", "") for pair in pairs],
    )
    names: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.name is not None:
            names[row.term].add(row.name)
    return Knowledge(
        {r.term: Known(r.exactly or 0, int(r.beginning or 0)) for r in rows if r.name is None},
        {term: sorted(found) for term, found in names.items()},
    )


def entries_with(tx: Tx, lexemes: Iterable[str]) -> dict[str, int]:
    """In how many entries each of these stands, at the last count; ``""`` stands in all."""
    return {row.word: row.entries for row in tx.all(_ENTRIES, words=list(lexemes))}


def meant(tx: Tx, words: Iterable[str]) -> dict[str, list[str]]:
    """The words of the catalog fewest slips away from each word, the common ones first."""
    typed = [word for word in dict.fromkeys(words) if slips_allowed(word)]
    pairs = [(word, shape) for word in typed for shape in shapes_typed(word)]
    if not pairs:
        return {}
    of_words, shapes = map(list, zip(*pairs, strict=True))
    found: defaultdict[str, list[Meant]] = defaultdict(list)
    for row in tx.all(_SHARING_SHAPES, typed=of_words, shapes=shapes, most=COMPARED_MAX):
        away = _slips(row.typed, row.word)
        if 0 < away <= slips_allowed(row.typed):
            found[row.typed].append(Meant(away, -row.entries, row.word))
    return {word: _nearest(candidates) for word, candidates in found.items()}


def _slips(typed: str, word: str) -> int:
    """Slips between two words, or to the beginning of a longer word that is still being typed."""
    fewest = slips(typed, word[: len(typed)])
    return min(fewest, slips(typed, word)) if len(word) > len(typed) else fewest


def _nearest(candidates: list[Meant]) -> list[str]:
    fewest = min(candidate.slips for candidate in candidates)
    near = sorted(candidate for candidate in candidates if candidate.slips == fewest)
    return [candidate.word for candidate in near[:MEANT_MAX]]


def _runs(words: Sequence[str], length: int) -> Iterator[Sequence[str]]:
    return (words[at : at + length] for at in range(len(words) - length + 1))


def halves(tx: Tx, words: Iterable[str]) -> dict[str, list[str]]:
    """Words that are two known words without the blank between: ``applejuice``."""
    cuts = {
        (word[:at], word[at:]): word
        for word in words
        for at in range(_HALF_MIN, len(word) - _HALF_MIN + 1)
    }
    if not cuts:
        return {}
    there = entries_with(tx, {half for cut in cuts for half in cut})
    found: defaultdict[str, list[str]] = defaultdict(list)
    for (left, right), word in cuts.items():
        if left in there and right in there:
            found[word].append(f"{left} {right}")
    return dict(found)
