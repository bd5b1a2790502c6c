"""Searching and browsing as people type."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.catalog.model import WRITABLE, Code, Language, languages_for, normal_gtin, sku_key
from charsu.catalog.search.answering import answer, asked, understood
from charsu.catalog.search.candidates import CANDIDATES_MAX, Scope
from charsu.catalog.search.facets import Facet, count_facets
from charsu.catalog.search.question import narrowed, none_of, one_of
from charsu.catalog.search.vocabulary import entries_with
from charsu.kernel import Mark, NotFound, PageUnknown, Tx, query, read_mark, write_mark

Filter = Annotated[str, Meta(pattern=r"^[^:\x00]{1,80}:[^\x00]+$", max_length=300)]
_CODE_LENGTH_MIN = 4  # of a typed beginning of an SKU

_ASSORTMENT: LiteralString = "SELECT assortment FROM catalog.channels WHERE code = %(code)s"

_BY_CODE: LiteralString = """
    SELECT e.number FROM catalog.variants AS v
    JOIN catalog.search_entries AS e ON e.product_id = v.product_id
    WHERE NOT v.is_archived
      AND (v.gtin = %(gtin)s OR v.sku_key >= %(key)s AND v.sku_key < %(key)s || U&'\\+10FFFF')
      AND (%(found)s = '' OR e.document @@ %(found)s::tsquery)
      AND (%(location)s::uuid IS NULL OR EXISTS (
          SELECT FROM catalog.search_places AS p
          WHERE p.location_id = %(location)s AND p.product_id = e.product_id))
    GROUP BY e.number ORDER BY min(v.sku_key), e.number LIMIT 20
"""

_SHOW: LiteralString = """
    SELECT p.id, p.handle, p.brand, t.title, t.subtitle, l.texts,
           (SELECT m.url FROM catalog.media AS m
            WHERE m.product_id = p.id AND m.kind = 'image' ORDER BY m.position LIMIT 1) AS image,
           array(SELECT v.id FROM catalog.variants AS v
                 WHERE v.product_id = p.id AND NOT v.is_archived ORDER BY v.position) AS variants
    FROM unnest(%(numbers)s::integer[]) WITH ORDINALITY AS n (number, place)
    JOIN catalog.search_entries AS e ON e.number = n.number
    JOIN catalog.products AS p ON p.id = e.product_id
    CROSS JOIN LATERAL (
        SELECT title, subtitle FROM catalog.product_texts AS t WHERE t.product_id = p.id
        ORDER BY array_position(%(languages)s::text[], t.language), t.language LIMIT 1
    ) AS t
    LEFT JOIN catalog.listings AS l ON l.product_id = p.id AND l.channel_id = (
        SELECT id FROM catalog.channels WHERE code = %(channel)s)
    ORDER BY n.place
"""


# By rank, which every word typed changes: the one list whose mark is a count.
_Start = Annotated[int, Meta(ge=0, le=10**9)]


class SearchProducts(Struct, frozen=True, kw_only=True):
    """What somebody typed and chose.

    where        facets as the answer gave them, ``brand:Muscat``; values of one facet widen each
                 other, facets narrow each other
    location_id  only what this location has to sell
    """

    text: Annotated[str, Meta(max_length=200, pattern=WRITABLE)] = ""
    channel: Code | None = None
    language: Language = "en"
    location_id: UUID | None = None
    where: Annotated[tuple[Filter, ...], Meta(max_length=20)] = ()
    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    after: Mark | None = None
    with_facets: bool = True


class FoundProduct(Struct, frozen=True):
    """A product as a list of results shows it; prices and stock are asked for by variant."""

    product_id: UUID
    handle: str
    title: str
    subtitle: str
    brand: str | None
    image: str | None
    variant_ids: tuple[UUID, ...]


class SearchAnswer(Struct, frozen=True):
    """What was found, the best first.

    total           how many; at least so many where ``is_total_exact`` is false
    instead         for words that nothing has: what was looked for instead
    """

    items: tuple[FoundProduct, ...]
    facets: tuple[Facet, ...]
    total: int
    is_total_exact: bool
    instead: dict[str, tuple[str, ...]]
    next: str | None


@query(
    "catalog.search",
    permission="catalog.read",
    http="GET /v1/search",
    raises=(NotFound, PageUnknown),
)
def search_products(tx: Tx, ask: SearchProducts) -> SearchAnswer:
    """Find products as people type: typos, beginnings, synonyms, any script, marks or none."""
    start = read_mark(ask.after, _Start)[0] or 0
    chosen = _chosen(ask.where)
    visible = _visible(tx, ask.channel)
    counts = entries_with(tx, ["", *ask.where])
    scope = _scope(ask, chosen, visible, counts)
    terms = understood(tx, ask.text)
    answered = answer(tx, terms, scope)
    numbers = list(dict.fromkeys([*_by_code(tx, ask.text, scope), *answered.numbers]))
    end = start + ask.limit
    facets: dict[str, Facet] = {}
    if ask.with_facets:
        facets = _facets(tx, ask, numbers)
        for name in chosen:  # what else could be chosen, were nothing of this facet chosen yet
            others = {other: facet for other, facet in chosen.items() if other != name}
            wider = asked(tx, answered.questions, terms, _scope(ask, others, visible, counts))
            facets[name] = _facets(tx, ask, wider.numbers).get(name, Facet(name, ()))
    return SearchAnswer(
        items=tuple(_show(tx, numbers[start:end], ask)),
        facets=tuple(facets[name] for name in sorted(facets)),
        total=len(numbers),
        is_total_exact=len(answered.numbers) < CANDIDATES_MAX,
        instead={t.words[0]: t.meant for t in terms if t.meant},
        next=write_mark(end) if end < len(numbers) else None,
    )


def _chosen(where: Sequence[str]) -> dict[str, list[str]]:
    """The chosen facets by their names."""
    chosen: defaultdict[str, list[str]] = defaultdict(list)
    for facet in where:
        chosen[facet.partition(":")[0]].append(facet)
    return dict(chosen)


def _visible(tx: Tx, channel: str | None) -> str:
    """What an entry must have or lack to be shown in a channel, as the text of a tsquery."""
    if channel is None:
        return ""
    assortment = tx.value(_ASSORTMENT, code=channel)
    if assortment is None:
        raise NotFound("channel", channel)
    if assortment == "listed":
        return one_of([f"listed:{channel}"])
    return none_of([f"unlisted:{channel}"])


def _scope(
    ask: SearchProducts,
    chosen: Mapping[str, Sequence[str]],
    visible: str,
    counts: Mapping[str, int],
) -> Scope:
    entries = counts.get("", 0)
    shares = [sum(counts.get(facet, 0) for facet in facets) for facets in chosen.values()]
    return Scope(
        filters=(visible, *map(one_of, chosen.values())),
        shares=tuple(min(1.0, share / entries) if entries else 0.0 for share in shares),
        entries=entries,
        location_id=ask.location_id,
    )


def _by_code(tx: Tx, text: str, scope: Scope) -> list[int]:
    """Entries with this GTIN, or an SKU that begins so, where the text may be one."""
    key = sku_key(text)
    if len(key) < _CODE_LENGTH_MIN or " " in key or not any(map(str.isdigit, key)):
        return []
    found = narrowed("", scope.filters)
    rows = tx.all(
        _BY_CODE, key=key, gtin=normal_gtin(text), found=found, location=scope.location_id
    )
    return [row.number for row in rows]


def _facets(tx: Tx, ask: SearchProducts, numbers: Sequence[int]) -> dict[str, Facet]:
    return {facet.name: facet for facet in count_facets(tx, numbers, languages_for(ask.language))}


def _show(tx: Tx, numbers: Sequence[int], ask: SearchProducts) -> Iterator[FoundProduct]:
    languages = languages_for(ask.language)
    for row in tx.all(_SHOW, numbers=numbers, languages=languages, channel=ask.channel):
        own = _own_words(row.texts, languages)
        yield FoundProduct(
            product_id=row.id,
            handle=row.handle,
            title=own.get("title") or row.title,
            subtitle=own.get("subtitle") or row.subtitle,
            brand=row.brand,
            image=row.image,
            variant_ids=tuple(row.variants),
        )


def _own_words(texts: dict[str, Any] | None, languages: Sequence[str]) -> dict[str, Any]:
    """The channel's own words in the best language that it has some in."""
    own = (texts[language] for language in languages if texts and language in texts)
    return next(own, {})
