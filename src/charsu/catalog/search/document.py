"""What the index keeps of a product: its words, where they stand, and its facets.

One document serves every language and channel, so that a query finds a product whatever language
it is typed in. Facets are words of the document too (``brand:Muscat``), which lets one index
answer words and filters together; a word that people type never contains a colon.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal
from uuid import UUID
from zlib import crc32

from msgspec import Struct

from charsu.catalog.model import ListingText, ProductDraft, ProductText
from charsu.catalog.search.words import compounds_of, words_of

Weight = Literal["A", "B", "C", "D"]
"""A title, B brand and subtitle, C category, options and attributes, D description."""

WORDS_MAX = 600  # of one document; a longer description is searched by its beginning


class CategoryPlace(Struct, frozen=True):
    """Where a category stands, with the titles of all above it."""

    id: UUID
    path: Sequence[str]  # codes from the root down
    titles: Sequence[dict[str, str]]  # by language, one for each code


class ChannelWords(Struct, frozen=True):
    """How one channel lists a product."""

    channel: str  # its code
    is_published: bool
    texts: dict[str, ListingText]  # by language


class Entry(Struct, frozen=True):
    """A product as the index holds it."""

    document: str  # a tsvector in text form
    facets: tuple[str, ...]
    words: frozenset[str]
    title_words: int
    title_number: int  # the same for the same titles


def entry_of(
    draft: ProductDraft, place: CategoryPlace | None, listed: Sequence[ChannelWords]
) -> Entry:
    """The entry of an active product."""
    titles = [text.title for text in draft.texts.values()]
    weights: dict[str, Weight] = {}
    for weight, texts in _texts(draft, place, listed, titles):
        for text in texts:
            for word in (*words_of(text), *compounds_of(text)):
                if len(weights) < WORDS_MAX:
                    weights.setdefault(word, weight)
    facets = tuple(dict.fromkeys(facets_of(draft, place)))
    marks = (*facets, *listing_marks(listed))
    lexemes = [f"'{word}':1{weight}" for word, weight in weights.items()]
    lexemes += [f"{quoted(mark)}:1" for mark in dict.fromkeys(marks)]
    return Entry(
        " ".join(lexemes),
        facets,
        frozenset(weights),
        min(len(set(words_of(title))) for title in titles),
        _number_of(titles),
    )


def _number_of(titles: Iterable[str]) -> int:
    """A number of 32 bits with sign; two titles share one by chance at most rarely, at no harm."""
    words = sorted(" ".join(words_of(title)) for title in titles)
    return crc32("\n".join(words).encode()) - 2**31


def facets_of(draft: ProductDraft, place: CategoryPlace | None) -> Iterator[str]:
    """``brand:…``, ``type:…``, a ``category:…`` for each level, ``option.size:…`` as offered."""
    if draft.brand:
        yield f"brand:{draft.brand}"
    if draft.product_type:
        yield f"type:{draft.product_type}"
    for code in place.path if place else ():
        yield f"category:{code}"
    for variant in draft.variants:
        for name, value in variant.options.items():
            yield f"option.{name}:{value}"


def listing_marks(listed: Sequence[ChannelWords]) -> Iterator[str]:
    """``listed:web`` or ``unlisted:web`` for each channel that was decided for this product."""
    for listing in listed:
        yield f"{'listed' if listing.is_published else 'unlisted'}:{listing.channel}"


def quoted(lexeme: str) -> str:
    """A lexeme as PostgreSQL's text forms of tsvector and tsquery want it."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def _texts(
    draft: ProductDraft,
    place: CategoryPlace | None,
    listed: Sequence[ChannelWords],
    titles: Iterable[str],
) -> Iterator[tuple[Weight, Iterator[str]]]:
    own = [text for one in listed for text in one.texts.values()]
    texts: list[ProductText | ListingText] = [*draft.texts.values(), *own]
    yield "A", iter((*titles, *(text.title or "" for text in own)))
    yield "B", iter((draft.brand or "", *(text.subtitle or "" for text in texts)))
    yield "C", _kinds(draft, place)
    yield "D", (text.description or "" for text in texts)


def _kinds(draft: ProductDraft, place: CategoryPlace | None) -> Iterator[str]:
    yield draft.product_type or ""
    for titles in place.titles if place else ():
        yield from titles.values()
    for option in draft.options:
        for value in option.values:
            yield value.value
            yield from value.labels.values()
    for attribute in draft.attributes.values():
        if isinstance(attribute, list):
            yield from attribute
        elif isinstance(attribute, str):
            yield attribute
