"""Five hundred queries as people type them, made from product titles, the same on every run.

For each, a product is meant. What is typed identifies it as far as words can: at most
``TITLES_MAX`` different titles contain all of its words. Then the words go through a hand that
leaves letters out, swaps them, hits the key beside, stops half-way, mixes the order up, or says
the same by another name.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import polars as pl
from msgspec import Struct

from charsu.catalog.search import words_of
from charsu.demo.year import products
from charsu.demo.year.lines import read_lines

TITLES_MAX = 10
KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")

SYNONYMS = (
    ("soft drink", "soda", "fizzy drink"),
    ("candy", "sweets", "confectionery"),
    ("cookies", "biscuits"),
    ("chips", "crisps"),
    ("diapers", "nappies"),
    ("detergent", "washing powder"),
    ("shrimp", "prawns"),
    ("cereal", "muesli"),
    ("yogurt", "yoghurt"),
    ("magazine", "journal"),
    ("frozen", "deep freeze"),
    ("shampoo", "hair wash"),
    ("dinners", "ready meals"),
    ("trash", "rubbish"),
    ("sausage", "bangers"),
    ("beef", "ox meat"),
    ("lipstick", "lip colour"),
    ("pasta", "noodles"),
    ("juice", "nectar"),
    ("cheese", "fromage"),
    ("bread", "loaf"),
    ("wines", "vintages"),
)


class TypedQuery(Struct, frozen=True):
    """What was typed, how, and which product was meant."""

    kind: str
    text: str
    sku: str
    title: str


Hand = Callable[[list[str], random.Random], list[str] | None]
"""Takes the words that identify a product; None where it can do nothing to them."""


def typed_queries(titles: dict[str, str], *, seed: int = 20261123) -> list[TypedQuery]:
    """The queries for products given as SKU and title."""
    chance = random.Random(seed)
    lookup = _Titles(titles.values())
    skus = sorted(titles)
    made: list[TypedQuery] = []
    for kind, hand, wanted in HANDS:
        found = 0
        while found < wanted:
            sku = chance.choice(skus)
            identifying = lookup.identifying(titles[sku], chance)
            words = identifying and hand(identifying, chance)
            if words:
                made.append(TypedQuery(kind, " ".join(words), sku, titles[sku]))
                found += 1
    return made


class _Titles:
    """Which titles contain a word."""

    def __init__(self, titles: Iterable[str]) -> None:
        self.having: defaultdict[str, set[str]] = defaultdict(set)
        for title in set(titles):
            for word in words_of(title):
                self.having[word].add(title)

    def identifying(self, title: str, chance: random.Random) -> list[str] | None:
        """Words of a title that few titles share, in its order; None where all would not do."""
        words = list(dict.fromkeys(words_of(title)))
        chosen: set[str] = set()
        shared: set[str] | None = None
        for word in sorted(words, key=lambda word: (len(word) < 3, chance.random())):
            chosen.add(word)
            shared = self.having[word] if shared is None else shared & self.having[word]
            if len(shared) <= TITLES_MAX and len(chosen) > 1:
                return [word for word in words if word in chosen]
        return None


def as_is(words: list[str], _chance: random.Random) -> list[str]:
    return words


def shuffled(words: list[str], chance: random.Random) -> list[str] | None:
    mixed = chance.sample(words, len(words))
    return None if mixed == words else mixed


def half_typed(words: list[str], chance: random.Random) -> list[str] | None:
    last = words[-1]
    if len(last) < 5 or not last.isalpha():
        return None
    return [*words[:-1], last[: chance.randint(3, len(last) - 1)]]


def slipped(words: list[str], chance: random.Random) -> list[str] | None:
    """One slip in one of the longer words."""
    places = [at for at, word in enumerate(words) if len(word) >= 5 and word.isalpha()]
    if not places:
        return None
    at = chance.choice(places)
    return [*words[:at], _slip(words[at], chance), *words[at + 1 :]]


def renamed(words: list[str], chance: random.Random) -> list[str] | None:
    """One word, or two, by another name."""
    text = f" {' '.join(words)} "
    for group in chance.sample(SYNONYMS, len(SYNONYMS)):
        if f" {group[0]} " in text:
            other = chance.choice(group[1:])
            return text.replace(f" {group[0]} ", f" {other} ", 1).split()
    return None


def slipped_and_shuffled(words: list[str], chance: random.Random) -> list[str] | None:
    return slipped(shuffled(words, chance) or words, chance)


def slipped_and_half_typed(words: list[str], chance: random.Random) -> list[str] | None:
    half = half_typed(words, chance)
    changed = slipped(half[:-1], chance) if half else None
    return [*changed, half[-1]] if half and changed else None


def _slip(word: str, chance: random.Random) -> str:
    """A letter left out, doubled, swapped with the next, or or the key beside it."""
    at = chance.randrange(len(word) - 1)
    row = next(row for row in KEYBOARD if word[at] in row)
    beside = row[max(0, row.index(word[at]) - 1)] if row[0] != word[at] else row[1]
    made = chance.choice(
        [
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + beside + word[at + 1 :],
        ]
    )
    return made if made != word else _slip(word, chance)


HANDS: tuple[tuple[str, Hand, int], ...] = (
    ("as it is", as_is, 80),
    ("order", shuffled, 70),
    ("half typed", half_typed, 80),
    ("slip", slipped, 130),
    ("other name", renamed, 50),
    ("slip and order", slipped_and_shuffled, 50),
    ("slip and half typed", slipped_and_half_typed, 40),
)


class KeptQueries(Struct, frozen=True):
    """The kept set, as ``queries.json`` holds it; ``python -m tests.catalog.typed`` made it."""

    synonyms: tuple[tuple[str, ...], ...]
    queries: tuple[TypedQuery, ...]


KEPT = Path(__file__).with_name("queries.json")


def kept_queries() -> KeptQueries:
    """The five hundred queries by which the search is judged."""
    return msgspec.json.decode(KEPT.read_bytes(), type=KeptQueries)


def keep_queries() -> None:
    """Make the kept set anew from the year's products."""
    titles = {sku: title for sku, title in year_titles().items() if "Unlisted" not in title}
    kept = KeptQueries(SYNONYMS, tuple(typed_queries(titles)))
    KEPT.write_bytes(msgspec.json.format(msgspec.json.encode(kept), indent=1) + b"\n")


def year_titles() -> dict[str, str]:
    """Titles of the retailer's year by SKU."""
    return dict(year_products().select("sku", "title").iter_rows())


def year_products() -> pl.DataFrame:
    """The products of the retailer's year."""
    return products.products(read_lines(datetime(2026, 1, 1, tzinfo=UTC)))


if __name__ == "__main__":
    keep_queries()
