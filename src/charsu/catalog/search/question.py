"""From typed words to what the index is asked: pure, so that every choice can be read and tested.

A query is a row of terms, all of which a product should have. A term is a word, or a run of
words with another name, and says what it may stand for; the text of a tsquery comes last.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from msgspec import Struct

from charsu.catalog.search.document import quoted
from charsu.catalog.search.vocabulary import Known
from charsu.catalog.search.words import stem

TERMS_MAX = 8  # of a query; what is typed beyond is not looked at
COMMON = 1000  # entries; gathering all words that begin so would cost more than it finds
MISSING_MAX = 2  # terms that a product may lack when nothing has them all


class Term(Struct, frozen=True):
    """One word of a query, or several that are one term, with all that it may stand for."""

    words: tuple[str, ...]
    known: Known
    is_last: bool  # perhaps still being typed
    synonyms: tuple[str, ...] = ()
    meant: tuple[str, ...] = ()


class Question(Struct, frozen=True):
    """What to ask the index, as texts of a tsquery.

    found   which entries to consider
    ranked  which of the words make an entry better, by how many it has and where
    """

    found: str
    ranked: str


def terms_of(
    words: Sequence[str],
    known: Mapping[str, Known],
    synonyms: Mapping[str, Sequence[str]],
    meant: Mapping[str, Sequence[str]],
) -> list[Term]:
    """The terms of a query; the longest run of words that has another name is one term."""
    terms: list[Term] = []
    at = 0
    while at < len(words):
        length = next((n for n in (3, 2) if " ".join(words[at : at + n]) in synonyms), 1)
        run = tuple(words[at : at + length])
        at += len(run)
        terms.append(
            Term(
                run,
                known[run[0]] if len(run) == 1 else Known(1, 1),
                at >= len(words),
                tuple(synonyms.get(" ".join(run), ())),
                tuple(meant.get(run[0], ())) if len(run) == 1 else (),
            )
        )
    return terms


def strict(terms: Sequence[Term]) -> Question:
    """Every term as typed, begun, or by another name; as a slip only what nothing begins with."""
    found = _all(_any(_as_typed(term)) for term in terms)
    return Question(found, _any(map(_ranked, terms)))


def forgiving(terms: Sequence[Term]) -> Question:
    """Every term, each perhaps a slip: what was typed may be a word that was not meant."""
    found = _all(_any(_as_meant(term)) for term in terms)
    return Question(found, _any(map(_ranked, terms)))


def partly(terms: Sequence[Term], *, missing: int) -> Question:
    """All but ``missing`` of the terms; common words alone would find everything and nothing."""
    kept = list(combinations(terms, len(terms) - missing))
    telling = [some for some in kept if not all(map(_is_common, some))]
    found = _any(_all(_any(_as_meant(term)) for term in some) for some in telling or kept)
    return Question(found, _any(map(_ranked, terms)))


def ladder(terms: Sequence[Term]) -> Iterator[Question]:
    """What to ask in turn, after the strict question had no answer, until one has."""
    yield forgiving(terms)
    for missing in range(1, min(MISSING_MAX, len(terms) // 2) + 1):
        yield partly(terms, missing=missing)


def narrowed(found: str, filters: Iterable[str]) -> str:
    """The question bound to filters, each the text of a tsquery."""
    return _all([found, *filters])


def one_of(lexemes: Iterable[str]) -> str:
    """Any of these facets."""
    return _any(map(quoted, lexemes))


def none_of(lexemes: Iterable[str]) -> str:
    """None of these facets."""
    return f"!({one_of(lexemes)})"


def _as_typed(term: Term) -> Iterator[str]:
    if len(term.words) > 1:
        yield _all(map(quoted, term.words))
    elif term.known.beginning or not term.meant:
        yield _begun(term)
    for other in term.synonyms:
        yield _all(map(quoted, other.split()))
    if not term.known.beginning:
        yield from map(quoted, term.meant)


def _as_meant(term: Term) -> Iterator[str]:
    yield from _as_typed(term)
    if term.known.beginning:
        yield from map(quoted, term.meant)


def _begun(term: Term) -> str:
    """The word with its endings; itself alone where endings would add next to nothing."""
    word, known = term.words[0], term.known
    is_sealed = word[0].isdigit() or (len(word) < 3 and not term.is_last)
    is_common = known.exactly > COMMON and known.exactly > 0.9 * known.beginning
    if known.exactly and (is_sealed or is_common):
        return quoted(word)
    return f"{quoted(stem(word))}:*"


def _is_common(term: Term) -> bool:
    return term.known.beginning > COMMON and not term.synonyms


def _ranked(term: Term) -> str:
    if len(term.words) > 1 or term.known.exactly:
        return _any(map(quoted, term.words))
    if term.known.beginning:
        return f"{quoted(stem(term.words[0]))}:*"
    return _any(map(quoted, term.meant))


def _all(questions: Iterable[str]) -> str:
    parts = [question for question in questions if question]
    return parts[0] if len(parts) == 1 else " & ".join(f"({part})" for part in parts)


def _any(questions: Iterable[str]) -> str:
    parts = [question for question in questions if question]
    return parts[0] if len(parts) == 1 else " | ".join(f"({part})" for part in parts)
