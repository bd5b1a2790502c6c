"""Words that customers use for the same thing."""

from typing import Annotated, LiteralString

from msgspec import Meta, Struct

from charsu.catalog.model import Language, Name
from charsu.catalog.search.vocabulary import TERM_WORDS_MAX
from charsu.catalog.search.words import words_of
from charsu.kernel import WHOLE_BUSINESS, Tx, operation

_CLEAR: LiteralString = "DELETE FROM catalog.search_synonyms WHERE language = %(language)s"

_STORE: LiteralString = """
    INSERT INTO catalog.search_synonyms (language, group_number, term)
    SELECT %(language)s, number, term
    FROM unnest(%(numbers)s::integer[], %(terms)s::text[]) AS n (number, term)
    ON CONFLICT DO NOTHING
"""

Term = Annotated[Name, Meta(description="One to three words, in any script")]


class PutSynonyms(Struct, frozen=True, kw_only=True):
    """All groups of words that mean the same in one language: ``ruž, karmin, lipstick``."""

    language: Language
    groups: tuple[Annotated[tuple[Term, ...], Meta(min_length=2, max_length=50)], ...]


class SynonymsStored(Struct, frozen=True):
    """How many terms are known in this language now."""

    terms: int


@operation(
    "catalog.put_synonyms",
    permission="catalog.edit",
    at=WHOLE_BUSINESS,
    http="PUT /v1/synonyms/{language}",
)
def put_synonyms(tx: Tx, ask: PutSynonyms) -> SynonymsStored:
    """Replace the synonyms of a language; a search for one term finds the others too."""
    pairs = [
        (number, " ".join(words))
        for number, group in enumerate(ask.groups)
        for term in group
        if 0 < len(words := words_of(term)) <= TERM_WORDS_MAX
    ]
    tx.run(_CLEAR, language=ask.language)
    numbers, terms = [number for number, _ in pairs], [term for _, term in pairs]
    stored = tx.run(_STORE, language=ask.language, numbers=numbers, terms=terms)
    return SynonymsStored(stored)
