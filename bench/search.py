"""Searching the products of a retailer's year as people type: how long an answer takes.

Five hundred kept queries with slips, other names and half words, each with the product that was
meant. Every answer comes with its facets, as a page of results needs them.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice

from tests.catalog.typed import kept_queries

from bench.frame import Buyers, Result, fresh_shops
from charsu.assembly import open_hub
from charsu.catalog import (
    PutSynonyms,
    RecountWords,
    SearchProducts,
    put_category,
    put_many_products,
    put_synonyms,
    recount_words,
    search_products,
)
from charsu.demo.loading.databases import analyze
from charsu.demo.year import category_drafts, product_drafts, products
from charsu.demo.year.lines import read_lines
from charsu.kernel import SYSTEM, Hub

P99_MS_MAX = 50.0
RECALL_MIN = 0.95
SHOWN = 10  # the product that was meant stands among so many
SECONDS = 10.0
CHUNK = 5_000
YEAR_ENDS = datetime(2026, 11, 23, tzinfo=UTC)


def run() -> list[Result]:
    """What is found, and the slowest answer of a hundred for 1 and 8 clients."""
    with fresh_shops("year") as (shop,):
        with open_hub(shop, connections=1) as hub:
            stored = _fill(hub)
            analyze(shop)
            recall = _recall(hub)
        return [_found(recall, stored), *(_cell(shop, clients) for clients in (1, 8))]


def _fill(hub: Hub) -> int:
    """The year's categories, products and synonyms; how many products."""
    frame = products.products(read_lines(YEAR_ENDS))
    with hub.writing("bench.fill") as tx:
        for category in category_drafts(products.categories(frame)):
            put_category(tx, category)
    drafts = product_drafts(frame)
    while some := list(islice(drafts, CHUNK)):
        with hub.writing("bench.fill") as tx:
            assert not put_many_products(tx, some, historical=True).count("refused")
    hub.run(recount_words, RecountWords(), actor=SYSTEM)
    groups = kept_queries().synonyms
    hub.run(put_synonyms, PutSynonyms(language="en", groups=groups), actor=SYSTEM)
    return frame.height


def _recall(hub: Hub) -> float:
    """Of how many queries the product that was meant, or its twin by title, is among the first."""
    queries = kept_queries().queries
    found = 0
    for query in queries:
        answer = hub.run(
            search_products, SearchProducts(text=query.text, limit=SHOWN), actor=SYSTEM
        )
        found += query.title in {item.title for item in answer.items}
    return found / len(queries)


def _found(recall: float, stored: int) -> Result:
    return Result(
        name=f"search, meant among the first {SHOWN}",
        ratio=recall,
        target=RECALL_MIN,
        met=recall >= RECALL_MIN,
        figures={
            "found": f"{recall:.1%}",
            "queries": len(kept_queries().queries),
            "products": f"{stored:,}",
        },
    )


def _cell(conninfo: str, clients: int) -> Result:
    people = Buyers(clients, searching, conninfo)
    took = people.latencies(SECONDS)
    people.close()
    p50, p95, p99 = (took[int(len(took) * part)] * 1000 for part in (0.50, 0.95, 0.99))
    return Result(
        name=f"search, {clients} clients",
        ratio=P99_MS_MAX / p99,
        target=1.0,
        met=p99 < P99_MS_MAX,
        figures={
            "p50 ms": round(p50, 1),
            "p95 ms": round(p95, 1),
            "p99 ms": round(p99, 1),
            "p99 ms allowed": P99_MS_MAX,
            "answers/s": round(len(took) / SECONDS),
        },
    )


@contextmanager
def searching(number: int, conninfo: str) -> Iterator[Callable[[], None]]:
    """Goes through the kept queries, in an order of its own."""
    queries = _endless(number)
    with open_hub(conninfo, connections=1) as hub:

        def once() -> None:
            hub.run(search_products, SearchProducts(text=next(queries)), actor=SYSTEM)

        yield once


def _endless(number: int) -> Iterator[str]:
    chance = random.Random(number)
    texts = [query.text for query in kept_queries().queries]
    while True:
        yield from chance.sample(texts, len(texts))


if __name__ == "__main__":
    for result in run():
        print(result.line())
