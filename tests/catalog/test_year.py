"""The catalog with a retailer's whole year in it."""

from collections import Counter
from collections.abc import Iterator

import pytest

from charsu.catalog import (
    ProductDraft,
    ProductText,
    PutCategory,
    RecountWords,
    VariantDraft,
    put_category,
    put_many_products,
    recount_words,
)
from charsu.demo.year.products import categories
from charsu.kernel import SYSTEM
from tests.catalog.shelf import Shelf
from tests.catalog.typed import kept_queries, year_products

pytestmark = [pytest.mark.year, pytest.mark.timeout(600)]
CHUNK = 5000


@pytest.fixture
def year(shelf: Shelf) -> Shelf:
    """A catalog with the year's 92,348 products."""
    drafts = list(year_drafts(shelf))
    with_effects = Counter(put_in_chunks(shelf, drafts))
    assert with_effects == {"created": 92_348}
    shelf.hub.run(recount_words, RecountWords(), actor=SYSTEM)
    return shelf


def test_ninety_five_of_a_hundred_typed_queries_find_what_was_meant(year: Shelf) -> None:
    kept = kept_queries()
    year.synonyms(*kept.synonyms)

    missed = [
        query
        for query in kept.queries
        if query.title not in year.titles(query.text, limit=10, with_facets=False)
    ]

    found = 1 - len(missed) / len(kept.queries)
    print(f"{found:.1%} of {len(kept.queries)} queries; missed: {missed}")
    assert len(kept.queries) == 500
    assert found >= 0.95


def year_drafts(shelf: Shelf) -> Iterator[ProductDraft]:
    frame = year_products()
    for code, parent, name in categories(frame).iter_rows():
        ask = PutCategory(code=code, titles={"en": name}, parent=parent)
        shelf.hub.run(put_category, ask, actor=SYSTEM)
    for row in frame.iter_rows(named=True):
        yield ProductDraft(
            handle=f"year-{row['sku']}",
            texts={"en": ProductText(title=row["title"])},
            brand=row["brand"],
            category=row["category_code"],
            unit=row["unit"],
            quantity_scale=row["scale"],
            variants=(VariantDraft(sku=row["sku"]),),
        )


def put_in_chunks(shelf: Shelf, drafts: list[ProductDraft]) -> Iterator[str]:
    for start in range(0, len(drafts), CHUNK):
        with shelf.hub.writing("test.import") as tx:
            report = put_many_products(tx, drafts[start : start + CHUNK], historical=True)
        yield from (outcome.effect for outcome in report.outcomes)
